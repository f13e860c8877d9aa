package dev.millrace.consume.postgres;

import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.storage.batch.Cells;
import java.sql.SQLException;
import java.util.List;

/** Writes the cells of a load's rows to a COPY, by plans made once. For one load; confined to one thread. */
final class StagedCells {
    private final TableLoad load;
    private final CopyStream out;
    private final CellWriter cells;
    private final ColumnPlan[] plans;
    private final ColumnPlan[] key;
    private final boolean[] unchangedColumns;

    StagedCells(CopyStream out, CellWriter cells, TableLoad load) {
        this.load = load;
        this.out = out;
        this.cells = cells;
        List<ColumnPlan> values = ColumnPlan.values(load.target(), load.schema());
        this.plans = values.toArray(ColumnPlan[]::new);
        this.key = load.target().key().stream()
                .map(column -> values.stream()
                        .filter(plan -> plan.column().equals(column))
                        .findFirst()
                        .orElseThrow())
                .toArray(ColumnPlan[]::new);
        this.unchangedColumns = new boolean[plans.length];
    }

    /** Of the value columns that the rows have. */
    ColumnPlan[] plans() {
        return plans;
    }

    /** Of the key's columns. */
    ColumnPlan[] key() {
        return key;
    }

    /** Per value column of the rows: whether any mask written so far has it as UNCHANGED. */
    boolean[] unchangedColumns() {
        return unchangedColumns;
    }

    void put(Cells image, ColumnPlan plan, RowCursor rows) throws SQLException {
        String why = cells.put(image, plan, out);
        if (why != null) {
            throw RowFailure.refused(load, plan, rows, why);
        }
    }

    void put(Cells image, ColumnPlan[] those, RowCursor rows) throws SQLException {
        for (ColumnPlan plan : those) {
            put(image, plan, rows);
        }
    }

    void putNulls(int count) {
        for (int i = 0; i < count; i++) {
            out.putNull();
        }
    }

    /** Bit i, counted from the lowest of the first byte, is the i-th value column. */
    void putMask(Cells values) {
        int bytes = (plans.length + 7) >> 3;
        out.putInt(bytes);
        for (int at = 0; at < bytes; at++) {
            int bits = 0;
            for (int i = at << 3; i < Math.min(plans.length, (at + 1) << 3); i++) {
                if (values.isUnchanged(plans[i].sourceIndex())) {
                    bits |= 1 << (i & 7);
                    unchangedColumns[i] = true;
                }
            }
            out.putByte(bits);
        }
    }
}
