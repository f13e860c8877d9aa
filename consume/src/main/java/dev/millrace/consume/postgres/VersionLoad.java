package dev.millrace.consume.postgres;

import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.RowCursor.Kind;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.storage.batch.Cells;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

/**
 * Applies a load to a table that is appended to or has a history. Appended rows that have all their cells are copied straight in; what has to
 * look at the table's rows is staged, and added in a few statements. For one load; confined to one thread.
 */
final class VersionLoad {
    private final Connection connection;
    private final LoadSession session;
    private final CopyStream out;
    private final TableLoad load;
    private final Stages stages;
    private final VersionStage stage;
    private final StagedCells cells;
    private final String loadedAt;
    private boolean anyUnchanged;
    private boolean anyClosed;
    private boolean anyReplaced;

    VersionLoad(LoadSession session, TableLoad load) throws SQLException {
        this.session = session;
        this.connection = session.connection();
        this.out = session.out();
        this.load = load;
        this.stages = session.stages();
        this.stage = stages.versions(load.target());
        this.cells = new StagedCells(out, session.cells(), load);
        this.loadedAt = PostgresLoadTransaction.instant(load.loadedAtMicros());
    }

    private long insert(TargetName target) throws SQLException {
        return change(stage.insert(target, loadedAt));
    }

    /** A statement that ends in a condition on the staged rows. */
    private long change(String sql) throws SQLException {
        return session.refused().run(load, stage.stage(), () -> execute(sql), () -> sql + " AND " + RefusedRows.SOME);
    }

    /** Returns rows written. */
    long append(TargetName target) throws SQLException {
        BitSet partial = new BitSet();
        RowCursor rows = load.rows();
        for (int row = 0; rows.next(); row++) {
            partial.set(row, rows.values().anyUnchanged());
        }
        long written = 0;
        if (!partial.isEmpty()) {
            RowFilter lacking = (row, kind) -> partial.get(row);
            stage(lacking);
            execute(stage.fill(target, cells.unchangedColumns()));
            written = insert(target);
            empty(partial.cardinality());
        }
        if (partial.cardinality() < load.rowCount()) {
            RowFilter whole = (row, kind) -> !partial.get(row);
            try {
                written += new DirectCopy(session).copy(load, target, whole, Map.of());
            } catch (SQLException e) {
                throw RowFailure.copy(load, whole, e);
            }
        }
        return written;
    }

    /** Returns rows written, ended ones included. */
    long history(TargetName target) throws SQLException {
        stage(RowFilter.ALL);
        if (anyUnchanged) {
            execute(stage.fill(target, cells.unchangedColumns()));
            if (load.loading()) {
                execute(stage.dropIncomplete(target));
            }
        }
        long written = 0;
        if (anyReplaced) {
            change(stage.replace(target));
        }
        if (anyClosed) {
            written += change(stage.close(target, loadedAt));
        }
        if (load.truncatedAtMicros() != Long.MIN_VALUE) {
            String at = PostgresLoadTransaction.instant(load.truncatedAtMicros());
            written += execute(stage.closeAll(target, at, loadedAt));
        }
        written += insert(target);
        empty(load.rowCount());
        return written;
    }

    private void empty(long rows) throws SQLException {
        execute(
                stages.needsTruncating(stage.stage(), rows)
                        ? stage.stage().truncate()
                        : stage.stage().delete());
    }

    private long execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.executeLargeUpdate(sql);
        }
    }

    private void stage(RowFilter filter) throws SQLException {
        boolean done = false;
        try {
            out.begin(connection, stage.copy());
            int fields = stage.copiedFields();
            boolean numbered = stage.stage().numbered();
            List<TargetColumn> metadata = stage.metadata();
            RowCursor rows = load.rows();
            for (int row = 0; rows.next(); row++) {
                if (filter.includes(row, rows.kind())) {
                    out.beginRow(fields);
                    if (numbered) {
                        out.putLongField(row + 1L);
                    }
                    put(rows, metadata);
                }
            }
            out.end();
            done = true;
        } catch (SQLException e) {
            throw RowFailure.copy(load, filter, e);
        } finally {
            if (!done) {
                out.abandon();
            }
        }
    }

    private void put(RowCursor rows, List<TargetColumn> metadata) throws SQLException {
        Kind kind = rows.kind();
        boolean close = kind == Kind.CLOSE || kind == Kind.REPLACE;
        anyReplaced |= kind == Kind.REPLACE;
        anyClosed |= kind == Kind.CLOSE;
        out.putInt(2);
        out.putShort(kind == Kind.REPLACE ? VersionStage.REPLACE : close ? VersionStage.CLOSE : VersionStage.ROW);
        Cells values = rows.values();
        boolean partial = !close && values.anyUnchanged();
        Cells origin = null;
        if (partial) {
            anyUnchanged = true;
            cells.putMask(values);
            origin = rows.origin();
        } else {
            out.putNull();
        }
        if (origin == null) {
            cells.putNulls(cells.key().length);
        } else {
            cells.put(origin, cells.key(), rows);
        }
        for (ColumnPlan plan : cells.plans()) {
            if (close && !plan.column().inKey()) {
                out.putNull();
            } else {
                cells.put(values, plan, rows);
            }
        }
        for (TargetColumn column : metadata) {
            switch (column.role()) {
                case ID -> CellWriter.putText(rows.eventId(), out);
                case INGESTED_AT -> CellWriter.putInstant(rows.ingestedAtMicros(), out);
                case SOURCE_MODIFIED_AT -> CellWriter.putInstant(rows.modifiedAtMicros(), out);
                default -> VersionStage.put(column.role(), rows, out);
            }
        }
    }
}
