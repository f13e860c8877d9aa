package dev.millrace.consume.effect;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.RowCursor.Kind;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import java.util.Arrays;

/**
 * The effect on a table without a key: its events in order, an update being the delete of one equal row and an insert. Where deletes are
 * ignored only the inserts are left.
 */
final class OrderedEffect implements TableEffect {
    private final Schema schema;
    private final OnDelete onDelete;
    private final RowStore rows;
    private int[] steps = new int[64];
    private boolean[] deletes = new boolean[64];
    private int count;
    private boolean truncated;
    private long truncatedAt = Long.MIN_VALUE;
    private boolean historical = true;

    OrderedEffect(Schema schema, OnDelete onDelete) {
        this.schema = schema;
        this.onDelete = onDelete;
        this.rows = new RowStore(schema);
    }

    @Override
    public void add(BatchReader reader, long ingestedAtMicros) {
        Operation operation = reader.operation();
        historical &= operation == Operation.READ;
        switch (operation) {
            case READ, INSERT -> {
                Invalid.requireWhole(reader.values(), reader);
                step(rows.addValues(reader, ingestedAtMicros, RowStore.NONE), false);
            }
            case UPDATE -> {
                if (!reader.hasBefore()) {
                    throw Invalid.row(
                            reader,
                            -1,
                            "the table has no key and the event lacks the row before; set REPLICA IDENTITY FULL");
                }
                Invalid.requireWhole(reader.before(), reader);
                int before = rows.addBefore(reader, ingestedAtMicros, RowStore.NONE);
                step(before, true);
                step(
                        rows.addValues(
                                reader, ingestedAtMicros, reader.values().anyUnchanged() ? before : RowStore.NONE),
                        false);
            }
            case DELETE -> {
                Invalid.requireWhole(reader.values(), reader);
                step(rows.addValues(reader, ingestedAtMicros, RowStore.NONE), true);
            }
            case TRUNCATE, LOAD_STARTED, LOAD_COMPLETED -> throw new IllegalStateException(operation + " is not a row");
        }
    }

    private void step(int row, boolean delete) {
        if (delete && onDelete == OnDelete.IGNORE) {
            return;
        }
        if (count == steps.length) {
            steps = Arrays.copyOf(steps, count * 2);
            deletes = Arrays.copyOf(deletes, count * 2);
        }
        steps[count] = row;
        deletes[count++] = delete;
    }

    /** Its rows are marked by a truncation; which ones of them are left by then only the destination finds out. */
    @Override
    public boolean endsBeforeTruncation() {
        return onDelete == OnDelete.SOFT && count > 0;
    }

    @Override
    public void truncate(BatchReader reader, long ingestedAtMicros) {
        if (onDelete != OnDelete.IGNORE) {
            truncatedAt = truncated ? truncatedAt : reader.modifiedAtMicros();
            truncate();
        }
    }

    void truncate() {
        rows.clear();
        count = 0;
        truncated = true;
        historical = true;
    }

    @Override
    public boolean isEmpty() {
        return !truncated && count == 0;
    }

    @Override
    public TableLoad load(Run run) {
        RowMerger.merge(rows, steps, count);
        return new EffectLoad(
                schema,
                run,
                new EffectLoad.Facts(truncated, historical, count, truncatedAt),
                () -> new EffectCursor(rows, new OrderedSteps()));
    }

    private final class OrderedSteps implements EffectCursor.Steps {
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
            return deletes[step] ? Kind.DELETE_ONE : Kind.INSERT;
        }

        @Override
        public int origin(int step) {
            return RowStore.NONE;
        }
    }
}
