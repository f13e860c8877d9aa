package dev.millrace.consume.effect;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.RowCursor.Kind;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import java.util.Arrays;

/**
 * The net effect by key. Each key seen has a state: the row it holds now (a reference to its newest image, behind which stand older ones
 * for its UNCHANGED cells), or that it holds none. A row remembers as its origin the key under which it stood at the destination before
 * the window, so that cells no event of the window has can be taken from there, however often its key has changed since.
 *
 * <p>Where deletes are ignored a key keeps its last row, whether that was deleted, got another key or was truncated; where they are soft it does
 * so too, and is marked: so the same is left however the changes are cut into windows.
 */
final class KeyedEffect implements TableEffect {
    private static final int ABSENT = -1;

    private final Schema schema;
    private final OnDelete onDelete;
    private final int[] keyColumns;
    private final KeyTable keys;
    private final RowStore rows;
    /** By key: the newest image of its row, or ABSENT. */
    private int[] current = new int[64];
    /** By key: the key its row had before the window, -1 where none of the destination's rows gives it cells. */
    private int[] origins = new int[64];
    /** By key: an image that has this key, for deletes and origins. */
    private int[] images = new int[64];
    /** By key: whether its row is marked, and when that was at the source. */
    private boolean[] deleted = new boolean[64];

    private long[] deletedAt = new long[64];
    private long truncatedAt = Long.MIN_VALUE;
    private boolean truncated;
    private boolean historical = true;

    KeyedEffect(Schema schema, OnDelete onDelete) {
        this.schema = schema;
        this.onDelete = onDelete;
        this.keyColumns = schema.keyColumns();
        this.keys = new KeyTable(keyColumns);
        this.rows = new RowStore(schema);
    }

    @Override
    public void add(BatchReader reader, long ingestedAtMicros) {
        Invalid.requireKey(reader.values(), keyColumns, reader);
        Operation operation = reader.operation();
        historical &= operation == Operation.READ;
        switch (operation) {
            case READ, INSERT -> put(reader, ingestedAtMicros);
            case UPDATE -> {
                if (reader.hasBefore()) {
                    change(reader, ingestedAtMicros);
                } else {
                    put(reader, ingestedAtMicros);
                }
            }
            case DELETE -> {
                if (onDelete != OnDelete.IGNORE) {
                    delete(reader, ingestedAtMicros);
                }
            }
            case TRUNCATE, LOAD_STARTED, LOAD_COMPLETED -> throw new IllegalStateException(operation + " is not a row");
        }
    }

    private void delete(BatchReader reader, long ingestedAtMicros) {
        int known = keys.size();
        int key = keys.numberOf(reader.values());
        if (key == known) {
            begin(key, rows.addValues(reader, ingestedAtMicros, RowStore.NONE));
        }
        leave(key, reader);
    }

    /** The key has no row any more. */
    private void leave(int key, BatchReader reader) {
        switch (onDelete) {
            case SOFT -> {
                if (!deleted[key]) {
                    deleted[key] = true;
                    deletedAt[key] = reader.modifiedAtMicros();
                }
            }
            case HARD -> {
                current[key] = ABSENT;
                origins[key] = ABSENT;
            }
            case IGNORE -> {}
        }
    }

    /** A row's new values under the key it has already or gets now. */
    private void put(BatchReader reader, long ingestedAtMicros) {
        boolean partial = reader.values().anyUnchanged();
        historical &= !partial;
        int known = keys.size();
        int key = keys.numberOf(reader.values());
        if (key == known) {
            int row = rows.addValues(reader, ingestedAtMicros, RowStore.NONE);
            begin(key, row);
            current[key] = row;
            return;
        }
        historical = false;
        deleted[key] = false;
        int prior = partial ? current[key] : RowStore.NONE;
        int row = rows.addValues(reader, ingestedAtMicros, prior);
        current[key] = row;
        images[key] = row;
    }

    /** An update that tells of the row before, whose key may have been another. */
    private void change(BatchReader reader, long ingestedAtMicros) {
        Cells before = reader.before();
        Invalid.requireKey(before, keyColumns, reader);
        boolean partial = reader.values().anyUnchanged();
        int known = keys.size();
        int oldKey = keys.numberOf(before);
        int beforeRow = RowStore.NONE;
        if (oldKey == known) {
            beforeRow = rows.addBefore(reader, ingestedAtMicros, RowStore.NONE);
            begin(oldKey, beforeRow);
        } else if (partial) {
            beforeRow = rows.addBefore(reader, ingestedAtMicros, current[oldKey]);
        }
        int origin = origins[oldKey];
        known = keys.size();
        int newKey = keys.numberOf(reader.values());
        int row = rows.addValues(reader, ingestedAtMicros, partial ? beforeRow : RowStore.NONE);
        if (newKey == known) {
            begin(newKey, row);
        }
        if (newKey != oldKey) {
            leave(oldKey, reader);
        }
        deleted[newKey] = false;
        current[newKey] = row;
        origins[newKey] = origin;
        images[newKey] = row;
    }

    private void begin(int key, int image) {
        if (key == current.length) {
            current = Arrays.copyOf(current, key * 2);
            origins = Arrays.copyOf(origins, key * 2);
            images = Arrays.copyOf(images, key * 2);
            deleted = Arrays.copyOf(deleted, key * 2);
            deletedAt = Arrays.copyOf(deletedAt, key * 2);
        }
        images[key] = image;
        current[key] = ABSENT;
        origins[key] = truncated && onDelete == OnDelete.HARD ? ABSENT : key;
        deleted[key] = false;
    }

    /** Its rows are marked by a truncation; those that it only deletes the destination has to find before that. */
    @Override
    public boolean endsBeforeTruncation() {
        return onDelete == OnDelete.SOFT && keys.size() > 0;
    }

    @Override
    public void truncate(BatchReader reader, long ingestedAtMicros) {
        if (onDelete == OnDelete.HARD) {
            truncate();
        } else if (onDelete == OnDelete.SOFT) {
            truncatedAt = truncated ? truncatedAt : reader.modifiedAtMicros();
            truncated = true;
            historical = false;
        }
    }

    void truncate() {
        keys.clear();
        rows.clear();
        truncated = true;
        historical = true;
    }

    @Override
    public boolean isEmpty() {
        return !truncated && keys.size() == 0;
    }

    @Override
    public TableLoad load(Run run) {
        RowMerger merger = new RowMerger(rows);
        for (int key = 0; key < keys.size(); key++) {
            if (current[key] != ABSENT) {
                merger.merge(current[key]);
            }
        }
        merger.finish();
        KeySteps steps = new KeySteps();
        return new EffectLoad(
                schema,
                run,
                new EffectLoad.Facts(truncated, historical, steps.count(), truncatedAt),
                () -> new EffectCursor(rows, steps));
    }

    /** The keys in the order in which they were first seen. */
    private final class KeySteps implements EffectCursor.Steps {
        /** Those that there is something to tell of; null for all. */
        private final int[] told =
                switch (onDelete) {
                    case SOFT -> null;
                    case HARD -> EffectCursor.chosen(keys.size(), key -> current[key] != ABSENT || !truncated);
                    case IGNORE -> EffectCursor.chosen(keys.size(), key -> current[key] != ABSENT);
                };

        private int key(int step) {
            return told == null ? step : told[step];
        }

        @Override
        public int count() {
            return told == null ? keys.size() : told.length;
        }

        @Override
        public int row(int step) {
            int key = key(step);
            return current[key] == ABSENT ? images[key] : current[key];
        }

        @Override
        public Kind kind(int step) {
            return current[key(step)] == ABSENT ? Kind.DELETE : Kind.UPSERT;
        }

        @Override
        public int origin(int step) {
            int key = key(step);
            return current[key] == ABSENT || origins[key] == ABSENT ? RowStore.NONE : images[origins[key]];
        }

        @Override
        public boolean deleted(int step) {
            return deleted[key(step)];
        }

        @Override
        public long modifiedAtMicros(int step, long ofImage) {
            int key = key(step);
            return deleted[key] ? deletedAt[key] : ofImage;
        }
    }
}
