package dev.millrace.consume;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TargetTable;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import java.util.BitSet;

/**
 * Some rows of a load, to find out which of them can't be loaded.
 *
 * @param from the first of the load's rows that belongs to it
 * @param to the row behind its last
 * @param without rows that don't belong to it
 */
record PartOfLoad(TableLoad load, int from, int to, BitSet without) implements TableLoad {
    PartOfLoad {
        without = without.get(0, to);
    }

    @Override
    public BitSet without() {
        return (BitSet) without.clone();
    }

    @Override
    public TargetTable target() {
        return load.target();
    }

    @Override
    public Schema schema() {
        return load.schema();
    }

    @Override
    public OnDelete onDelete() {
        return load.onDelete();
    }

    @Override
    public boolean shadow() {
        return load.shadow();
    }

    @Override
    public boolean truncated() {
        return load.truncated();
    }

    @Override
    public boolean historical() {
        return load.historical();
    }

    @Override
    public boolean loading() {
        return load.loading();
    }

    @Override
    public long truncatedAtMicros() {
        return load.truncatedAtMicros();
    }

    @Override
    public int rowCount() {
        return to - from - without.get(from, to).cardinality();
    }

    @Override
    public long loadedAtMicros() {
        return load.loadedAtMicros();
    }

    @Override
    public RowCursor rows() {
        return new PartCursor(load.rows());
    }

    private final class PartCursor implements RowCursor {
        private final RowCursor rows;
        private int row = -1;

        private PartCursor(RowCursor rows) {
            this.rows = rows;
        }

        @Override
        public boolean next() {
            if (row < 0 && from > 0) {
                row = from - 1;
                rows.skip(from);
            }
            do {
                row++;
                if (row >= to || !rows.next()) {
                    return false;
                }
            } while (row < from || without.get(row));
            return true;
        }

        @Override
        public Kind kind() {
            return rows.kind();
        }

        @Override
        public Cells values() {
            return rows.values();
        }

        @Override
        public Cells origin() {
            return rows.origin();
        }

        @Override
        public Operation operation() {
            return rows.operation();
        }

        @Override
        public long sequence() {
            return rows.sequence();
        }

        @Override
        public long validFromMicros() {
            return rows.validFromMicros();
        }

        @Override
        public long validToMicros() {
            return rows.validToMicros();
        }

        @Override
        public long ingestedAtMicros() {
            return rows.ingestedAtMicros();
        }

        @Override
        public long modifiedAtMicros() {
            return rows.modifiedAtMicros();
        }

        @Override
        public String eventId() {
            return rows.eventId();
        }
    }
}
