package dev.millrace.consume.effect;

import dev.millrace.consume.destination.TableLoad;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import java.util.Arrays;

/**
 * Every version of a row. A change ends the version before at its own time, which is the source's commit time, or for a row of a historical
 * load the time it was read; of versions that the window itself brings and ends both are kept. What becomes of the version that was current
 * before the window is decided by the first change to its key; only its end is known here, and told to the destination. A deletion of a key
 * that has no version leaves nothing behind, not even its time: the destination would not know it in the next window either.
 */
final class HistoryEffect implements TableEffect {
    static final int NONE = -1;

    private final Schema schema;
    private final boolean ignoreDeletes;
    private final int[] keyColumns;
    private final KeyTable keys;
    private final RowStore rows;
    private final Versions versions = new Versions();
    /** By key: its version that is current now, the newest row that tells of its cells, where else they are told, and an image of the key. */
    private int[] current = new int[64];

    private int[] newest = new int[64];
    private int[] newestOrigins = new int[64];
    private int[] images = new int[64];
    /** By key: when the destination's version ends; {@link Long#MIN_VALUE}: with the truncation before. */
    private long[] ends = new long[64];

    private long truncatedAt = Long.MIN_VALUE;
    private boolean historical = true;

    HistoryEffect(Schema schema, boolean ignoreDeletes) {
        this.schema = schema;
        this.ignoreDeletes = ignoreDeletes;
        this.keyColumns = schema.keyColumns();
        this.keys = new KeyTable(keyColumns);
        this.rows = new RowStore(schema);
    }

    @Override
    public void add(BatchReader reader, long ingestedAtMicros) {
        Invalid.requireKey(reader.values(), keyColumns, reader);
        Operation operation = reader.operation();
        long time = time(reader, ingestedAtMicros);
        historical &= operation == Operation.READ;
        if (operation == Operation.DELETE) {
            if (!ignoreDeletes) {
                delete(key(reader.values(), reader, ingestedAtMicros, time, false), time);
            }
        } else if (operation == Operation.UPDATE && reader.hasBefore()) {
            change(reader, ingestedAtMicros, time);
        } else {
            boolean partial = reader.values().anyUnchanged();
            int known = keys.size();
            int key = key(reader.values(), reader, ingestedAtMicros, time, false);
            historical &= key == known && !partial;
            int row = key == known
                    ? images[key]
                    : rows.addValues(reader, ingestedAtMicros, partial ? newest[key] : RowStore.NONE);
            put(key, row, partial ? newestOrigins[key] : NONE, reader, time);
        }
    }

    static long time(BatchReader reader, long ingestedAtMicros) {
        return reader.modifiedAtMicros() == Long.MIN_VALUE ? ingestedAtMicros : reader.modifiedAtMicros();
    }

    /** An update that tells of the row before, whose key may have been another. */
    private void change(BatchReader reader, long ingestedAtMicros, long time) {
        Invalid.requireKey(reader.before(), keyColumns, reader);
        boolean partial = reader.values().anyUnchanged();
        int oldKey = key(reader.before(), reader, ingestedAtMicros, time, true);
        int origin = newestOrigins[oldKey];
        int prior = partial ? rows.addBefore(reader, ingestedAtMicros, newest[oldKey]) : RowStore.NONE;
        int newKey = key(reader.values(), reader, ingestedAtMicros, time, false);
        if (newKey != oldKey) {
            delete(oldKey, time);
        }
        int row = rows.addValues(reader, ingestedAtMicros, prior);
        put(newKey, row, partial ? origin : NONE, reader, time);
    }

    /** The key's number; at its first change what the destination holds of it is given its end. */
    private int key(Cells cells, BatchReader reader, long ingestedAtMicros, long time, boolean before) {
        int known = keys.size();
        int key = keys.numberOf(cells);
        if (key == known) {
            if (key == current.length) {
                grow(key * 2);
            }
            int image = before
                    ? rows.addBefore(reader, ingestedAtMicros, RowStore.NONE)
                    : rows.addValues(reader, ingestedAtMicros, RowStore.NONE);
            boolean emptied = truncatedAt != Long.MIN_VALUE;
            current[key] = NONE;
            newest[key] = RowStore.NONE;
            newestOrigins[key] = emptied ? NONE : image;
            images[key] = image;
            ends[key] = emptied ? Long.MIN_VALUE : time;
        }
        return key;
    }

    private void put(int key, int row, int origin, BatchReader reader, long time) {
        current[key] = versions.add(row, key, origin, time, Sequence.of(reader), reader.operation() == Operation.READ);
        newest[key] = row;
        newestOrigins[key] = origin;
    }

    private void delete(int key, long time) {
        if (current[key] != NONE) {
            versions.end(current[key], time);
            current[key] = NONE;
        }
        newest[key] = RowStore.NONE;
        newestOrigins[key] = NONE;
    }

    @Override
    public void truncate(BatchReader reader, long ingestedAtMicros) {
        historical = false;
        if (ignoreDeletes) {
            return;
        }
        long time = time(reader, ingestedAtMicros);
        for (int key = 0; key < keys.size(); key++) {
            delete(key, time);
        }
        if (truncatedAt == Long.MIN_VALUE) {
            truncatedAt = time;
        }
    }

    @Override
    public boolean isEmpty() {
        return keys.size() == 0 && truncatedAt == Long.MIN_VALUE;
    }

    @Override
    public TableLoad load(Run run) {
        boolean[] replaced = new boolean[keys.size()];
        if (run.loading()) {
            versions.beginWithReads(replaced);
        }
        versions.follow(keys.size(), run.loading());
        RowMerger merger = new RowMerger(rows);
        for (int version = 0; version < versions.size(); version++) {
            if (!versions.dropped(version)) {
                merger.merge(versions.row(version));
            }
        }
        merger.finish();
        HistorySteps steps = new HistorySteps(this, versions, replaced);
        return new EffectLoad(
                schema,
                run,
                new EffectLoad.Facts(false, historical, steps.count(), truncatedAt),
                () -> new EffectCursor(rows, steps));
    }

    int keyCount() {
        return keys.size();
    }

    int image(int key) {
        return images[key];
    }

    long end(int key) {
        return ends[key];
    }

    private void grow(int capacity) {
        current = Arrays.copyOf(current, capacity);
        newest = Arrays.copyOf(newest, capacity);
        newestOrigins = Arrays.copyOf(newestOrigins, capacity);
        images = Arrays.copyOf(images, capacity);
        ends = Arrays.copyOf(ends, capacity);
    }
}
