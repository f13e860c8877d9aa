package dev.millrace.consume.effect;

import dev.millrace.consume.destination.RowCursor;
import dev.millrace.storage.batch.Cells;

/** Walks the keys of a {@link HistoryEffect} with what becomes of the destination's versions, then the versions the window brings. */
final class HistoryCursor implements RowCursor {
    private final HistoryEffect effect;
    private final RowStore rows;
    private final Versions versions;
    private final boolean[] replaced;
    private final Cells values = new Cells();
    private final Cells origin = new Cells();
    private int key = -1;
    private int version = -1;
    private int row;

    HistoryCursor(HistoryEffect effect, RowStore rows, Versions versions, boolean[] replaced) {
        this.effect = effect;
        this.rows = rows;
        this.versions = versions;
        this.replaced = replaced;
    }

    @Override
    public boolean next() {
        while (key < effect.keyCount()) {
            key++;
            if (key < effect.keyCount() && (replaced[key] || effect.end(key) != Long.MIN_VALUE)) {
                return at(effect.image(key));
            }
        }
        do {
            version++;
            if (version >= versions.size()) {
                return false;
            }
        } while (versions.dropped(version));
        return at(versions.row(version));
    }

    private boolean at(int newRow) {
        row = newRow;
        rows.moveTo(row, values);
        return true;
    }

    @Override
    public Kind kind() {
        if (version >= 0) {
            return Kind.VERSION;
        }
        return replaced[key] ? Kind.REPLACE : Kind.CLOSE;
    }

    @Override
    public Cells values() {
        return values;
    }

    @Override
    public Cells origin() {
        int image = version < 0 ? HistoryEffect.NONE : versions.origin(version);
        if (image == HistoryEffect.NONE) {
            return null;
        }
        rows.moveTo(image, origin);
        return origin;
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

    @Override
    public long sequence() {
        return versions.sequence(version);
    }

    @Override
    public long validFromMicros() {
        return versions.from(version);
    }

    @Override
    public long validToMicros() {
        return version < 0 ? effect.end(key) : versions.to(version);
    }
}
