package dev.millrace.consume;

import dev.millrace.consume.destination.DelegatedLoad;
import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.event.Operation;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Some rows of a load, to find out which of them can't be loaded. */
final class PartOfLoad implements DelegatedLoad {
    private final TableLoad load;
    private final int from;
    private final int to;
    private final BitSet without;
    private final boolean begins;

    /**
     * @param from the first of the load's rows that belongs to it
     * @param to the row behind its last
     * @param without rows that don't belong to it; not to be changed while this is used
     * @param begins whether it is the one that empties the table, where the load does that before its rows
     */
    PartOfLoad(TableLoad load, int from, int to, BitSet without, boolean begins) {
        this.load = load;
        this.from = from;
        this.to = to;
        this.without = without;
        this.begins = begins;
    }

    @Override
    public TableLoad load() {
        return load;
    }

    @Override
    public boolean truncated() {
        return begins && load.truncated();
    }

    @Override
    public long truncatedAtMicros() {
        return begins ? load.truncatedAtMicros() : Long.MIN_VALUE;
    }

    @Override
    public int rowCount() {
        int count = to - from;
        for (int row = without.nextSetBit(from); row >= 0 && row < to; row = without.nextSetBit(row + 1)) {
            count--;
        }
        return count;
    }

    @Override
    public RowCursor rows() {
        return new PartCursor(load.rows());
    }

    /** The events by the load's numbers of this part's rows of them. */
    Map<Integer, String> rowsOf(Set<String> eventIds) {
        Map<Integer, String> found = new HashMap<>();
        PartCursor rows = new PartCursor(load.rows());
        while (rows.next()) {
            String eventId = rows.eventId();
            if (eventIds.contains(eventId)) {
                found.put(rows.row, eventId);
            }
        }
        return found;
    }

    private final class PartCursor implements RowCursor {
        private final RowCursor rows;
        private int row = -1;

        private PartCursor(RowCursor rows) {
            this.rows = rows;
        }

        @Override
        public boolean next() {
            int wanted = without.nextClearBit(row < 0 ? from : row + 1);
            int passed = wanted - row - 1;
            row = wanted;
            return wanted < to && (passed == 0 || rows.skip(passed)) && rows.next();
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
        public boolean deleted() {
            return rows.deleted();
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
