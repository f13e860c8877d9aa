package dev.millrace.consume.effect;

import dev.millrace.consume.destination.RowCursor.Kind;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import java.util.Arrays;

/**
 * Every change a row. UNCHANGED cells are those of the row before of the same key: in the window where it has one, else at the destination. A
 * row that gets another key leaves a delete of the old one, so that the newest row of a key always says how it is.
 */
final class AppendEffect implements TableEffect {
    private static final int NONE = -1;

    private final Schema schema;
    private final boolean ignoreDeletes;
    private final int[] keyColumns;
    private final KeyTable keys;
    private final RowStore rows;
    private byte[] emptyImage;
    private int[] steps = new int[64];
    private byte[] operations = new byte[64];
    private long[] sequences = new long[64];
    /** By step: the image whose key's newest row at the destination has the cells that the window lacks. */
    private int[] origins = new int[64];

    private int count;
    /** By key: its newest row in the window. */
    private int[] newest = new int[64];
    /** By key: where that row's own cells may still be lacking, as {@link #origins}. */
    private int[] newestOrigins = new int[64];

    private boolean truncated;
    private boolean historical = true;

    AppendEffect(Schema schema, boolean ignoreDeletes) {
        this.schema = schema;
        this.ignoreDeletes = ignoreDeletes;
        this.keyColumns = schema.keyColumns();
        this.keys = new KeyTable(keyColumns);
        this.rows = new RowStore(schema);
    }

    @Override
    public void add(BatchReader reader, long ingestedAtMicros) {
        historical &= reader.operation() == Operation.READ;
        if (keyColumns.length == 0) {
            addKeyless(reader, ingestedAtMicros);
            return;
        }
        Invalid.requireKey(reader.values(), keyColumns, reader);
        if (reader.operation() == Operation.UPDATE && reader.hasBefore()) {
            change(reader, ingestedAtMicros);
            return;
        }
        int key = key(reader.values());
        boolean partial = reader.values().anyUnchanged();
        int row = rows.addValues(reader, ingestedAtMicros, partial ? newest[key] : RowStore.NONE);
        settle(key, row, partial ? originOf(key, row) : NONE);
        if (reader.operation() != Operation.DELETE || !ignoreDeletes) {
            step(row, reader.operation(), Sequence.of(reader), newestOrigins[key]);
        }
    }

    /** An update that tells of the row before, whose key may have been another. */
    private void change(BatchReader reader, long ingestedAtMicros) {
        Cells before = reader.before();
        Invalid.requireKey(before, keyColumns, reader);
        boolean partial = reader.values().anyUnchanged();
        int oldKey = key(before);
        int newKey = key(reader.values());
        boolean moved = oldKey != newKey;
        int origin = NONE;
        int prior = RowStore.NONE;
        if (partial || moved) {
            prior = rows.addBefore(reader, ingestedAtMicros, newest[oldKey]);
            origin = originOf(oldKey, prior);
        }
        if (moved) {
            settle(oldKey, prior, origin);
            if (!ignoreDeletes) {
                step(prior, Operation.DELETE, Sequence.before(reader), origin);
            }
        }
        int row = rows.addValues(reader, ingestedAtMicros, partial ? prior : RowStore.NONE);
        settle(newKey, row, partial ? origin : NONE);
        step(row, Operation.UPDATE, Sequence.of(reader), newestOrigins[newKey]);
    }

    private void addKeyless(BatchReader reader, long ingestedAtMicros) {
        Operation operation = reader.operation();
        int prior = RowStore.NONE;
        if (operation == Operation.UPDATE && reader.values().anyUnchanged() && reader.hasBefore()) {
            Invalid.requireWhole(reader.before(), reader);
            prior = rows.addBefore(reader, ingestedAtMicros, RowStore.NONE);
        } else {
            Invalid.requireWhole(reader.values(), reader);
        }
        int row = rows.addValues(reader, ingestedAtMicros, prior);
        if (operation != Operation.DELETE || !ignoreDeletes) {
            step(row, operation, Sequence.of(reader), NONE);
        }
    }

    private int key(Cells cells) {
        int known = keys.size();
        int key = keys.numberOf(cells);
        if (key == known) {
            if (key == newest.length) {
                newest = Arrays.copyOf(newest, key * 2);
                newestOrigins = Arrays.copyOf(newestOrigins, key * 2);
            }
            newest[key] = NONE;
            newestOrigins[key] = NONE;
        }
        return key;
    }

    /** Where cells are that the window's rows of the key lack; {@code image} has the key. */
    private int originOf(int key, int image) {
        return newest[key] == NONE ? truncated ? NONE : image : newestOrigins[key];
    }

    private void settle(int key, int row, int origin) {
        newest[key] = row;
        newestOrigins[key] = origin;
    }

    private void step(int row, Operation operation, long sequence, int origin) {
        if (count == steps.length) {
            steps = Arrays.copyOf(steps, count * 2);
            operations = Arrays.copyOf(operations, count * 2);
            sequences = Arrays.copyOf(sequences, count * 2);
            origins = Arrays.copyOf(origins, count * 2);
        }
        steps[count] = row;
        operations[count] = (byte) operation.ordinal();
        sequences[count] = sequence;
        origins[count++] = origin;
    }

    /** A row of its own, all its source columns NULL. */
    @Override
    public void truncate(BatchReader reader, long ingestedAtMicros) {
        historical = false;
        if (ignoreDeletes) {
            return;
        }
        if (emptyImage == null) {
            emptyImage = RowStore.emptyImage(schema);
        }
        step(rows.addImage(reader, emptyImage, ingestedAtMicros), Operation.TRUNCATE, Sequence.of(reader), NONE);
        keys.clear();
        truncated = true;
    }

    @Override
    public boolean isEmpty() {
        return count == 0;
    }

    @Override
    public TableLoad load(Run run) {
        RowMerger.merge(rows, steps, count);
        return new EffectLoad(
                schema,
                run,
                new EffectLoad.Facts(false, historical, count),
                () -> new EffectCursor(rows, new AppendedSteps()));
    }

    private final class AppendedSteps implements EffectCursor.Steps {
        @Override
        public int count() {
            return count;
        }

        @Override
        public int row(int step) {
            return steps[step];
        }

        @Override
        public Kind kind(int step) {
            return Kind.APPEND;
        }

        @Override
        public int origin(int step) {
            return origins[step];
        }

        @Override
        public Operation operation(int step) {
            return Operation.of(operations[step]);
        }

        @Override
        public long sequence(int step) {
            return sequences[step];
        }
    }
}
