package dev.millrace.consume.postgres;

import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Copies a load's rows straight into a table. Confined to one thread. */
final class DirectCopy {
    private final Connection connection;
    private final CopyStream out;
    private final CellWriter cells;

    DirectCopy(Connection connection, CopyStream out, CellWriter cells) {
        this.connection = connection;
        this.out = out;
        this.cells = cells;
    }

    /**
     * Copies the rows that {@code filter} includes; those in {@code deleted} are marked so.
     *
     * @return rows written
     * @throws SQLException as the server said, for the caller to judge; the transaction has failed
     */
    long copy(TableLoad load, TargetName target, RowFilter filter, BitSet deleted) throws SQLException {
        List<ColumnPlan> plans = ColumnPlan.values(load.target(), load.schema());
        List<TargetColumn> columns =
                new ArrayList<>(plans.stream().map(ColumnPlan::column).toList());
        List<TargetColumn> metadata = load.target().columns().stream()
                .filter(column -> column.role() != TargetColumn.Role.VALUE)
                .toList();
        columns.addAll(metadata);
        ColumnPlan[] order = plans.toArray(ColumnPlan[]::new);
        boolean done = false;
        try {
            out.begin(connection, TableStatements.copy(target, columns));
            RowCursor rows = load.rows();
            for (int row = 0; rows.next(); row++) {
                if (filter.includes(row, rows.kind())) {
                    out.beginRow(columns.size());
                    putValues(load, order, rows);
                    for (TargetColumn column : metadata) {
                        putMetadata(column, load, rows, deleted.get(row));
                    }
                }
            }
            long count = out.end();
            done = true;
            return count;
        } finally {
            if (!done) {
                out.abandon();
            }
        }
    }

    private void putValues(TableLoad load, ColumnPlan[] plans, RowCursor rows) throws SQLException {
        if (rows.values().anyUnchanged()) {
            throw MillraceException.internal(
                    "DESTINATION_PLAN",
                    "Event " + rows.eventId() + " can't be loaded",
                    "a row to be appended lacks a value",
                    null);
        }
        for (ColumnPlan plan : plans) {
            String why = cells.put(rows.values(), plan, out);
            if (why != null) {
                throw RowFailure.refused(load, plan, rows, why);
            }
        }
    }

    private void putMetadata(TargetColumn column, TableLoad load, RowCursor rows, boolean deleted) throws SQLException {
        switch (column.role()) {
            case ID -> CellWriter.putText(rows.eventId(), out);
            case INGESTED_AT -> CellWriter.putInstant(rows.ingestedAtMicros(), out);
            case LOADED_AT -> CellWriter.putInstant(load.loadedAtMicros(), out);
            case SOURCE_MODIFIED_AT -> CellWriter.putInstant(rows.modifiedAtMicros(), out);
            case DELETED -> CellWriter.putFlag(deleted, out);
            case OPERATION, SEQUENCE, VALID_FROM, VALID_TO, CURRENT -> VersionStage.put(column.role(), rows, out);
            case VALUE -> throw new IllegalStateException(column + " is no metadata column");
        }
    }
}
