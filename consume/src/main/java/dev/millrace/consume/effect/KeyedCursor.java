package dev.millrace.consume.effect;

import dev.millrace.consume.destination.RowCursor;
import dev.millrace.storage.batch.Cells;

/** Walks the keys of a {@link KeyedEffect} in the order they were first seen. */
final class KeyedCursor implements RowCursor {
    private final RowStore rows;
    private final KeyedEffect effect;
    private final Cells values = new Cells();
    private final Cells originImage = new Cells();
    private int key = -1;
    private int row;

    KeyedCursor(RowStore rows, KeyedEffect effect) {
        this.rows = rows;
        this.effect = effect;
    }

    @Override
    public boolean next() {
        return advance() && moveTo();
    }

    @Override
    public boolean skip(int count) {
        boolean more = true;
        for (int i = 0; more && i < count; i++) {
            more = advance();
        }
        return more;
    }

    private boolean advance() {
        do {
            key++;
            if (key >= effect.keyCount()) {
                return false;
            }
        } while (effect.currentRow(key) < 0 && effect.truncated());
        return true;
    }

    private boolean moveTo() {
        row = effect.currentRow(key) < 0 ? effect.keyImage(key) : effect.currentRow(key);
        rows.moveTo(row, values);
        return true;
    }

    @Override
    public Kind kind() {
        return effect.currentRow(key) < 0 ? Kind.DELETE : Kind.UPSERT;
    }

    @Override
    public Cells values() {
        return values;
    }

    @Override
    public Cells origin() {
        int origin = effect.currentRow(key) < 0 ? -1 : effect.origin(key);
        if (origin < 0) {
            return null;
        }
        if (origin == key) {
            return values;
        }
        rows.moveTo(effect.keyImage(origin), originImage);
        return originImage;
    }

    @Override
    public long ingestedAtMicros() {
        return rows.ingestedAtMicros(row);
    }

    @Override
    public long modifiedAtMicros() {
        return rows.modifiedAtMicros(row);
    }

    @Override
    public String eventId() {
        return rows.eventId(row);
    }
}
