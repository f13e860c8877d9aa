package dev.millrace.consume.postgres;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.storage.batch.Cells;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Applies a load to a table without a key. A delete takes the row of an earlier insert of the same load where there is an equal one, and
 * only the others look into the table: so all deletes can go first, in one statement, and all inserts after them in one COPY, with the same
 * outcome as one after the other. For one load; confined to one thread.
 */
final class KeylessMerge {
    private final LoadSession session;
    private final Connection connection;
    private final CopyStream out;
    private final CellWriter cells;
    private final TableLoad load;
    private final BitSet settledDeletes = new BitSet();
    /** Inserts that are deleted again, with when they were. */
    private final Map<Integer, Long> settledInserts = new HashMap<>();

    private int openDeletes;

    KeylessMerge(LoadSession session, TableLoad load) {
        this.session = session;
        this.connection = session.connection();
        this.out = session.out();
        this.cells = session.cells();
        this.load = load;
    }

    /** Returns rows written, deleted ones included. */
    long run(TargetName target) throws SQLException {
        if (load.onDelete() != OnDelete.IGNORE && anyDelete()) {
            settle();
        }
        long written = openDeletes == 0 ? 0 : delete(target, session.stages().of(load.target()));
        boolean soft = load.onDelete() == OnDelete.SOFT;
        RowFilter inserts = (row, kind) -> kind == RowCursor.Kind.INSERT && (soft || !settledInserts.containsKey(row));
        try {
            return written + new DirectCopy(session).copy(load, target, inserts, settledInserts);
        } catch (SQLException e) {
            throw RowFailure.copy(load, inserts, e);
        }
    }

    private boolean anyDelete() {
        RowCursor rows = load.rows();
        while (rows.next()) {
            if (rows.kind() == RowCursor.Kind.DELETE_ONE) {
                return true;
            }
        }
        return false;
    }

    /** Pairs each delete with an equal insert before it. */
    private void settle() {
        Map<ByteBuffer, Deque<Integer>> inserted = new HashMap<>();
        RowCursor rows = load.rows();
        for (int row = 0; rows.next(); row++) {
            ByteBuffer image = image(rows.values());
            if (rows.kind() == RowCursor.Kind.INSERT) {
                inserted.computeIfAbsent(image, key -> new ArrayDeque<>()).add(row);
            } else {
                Deque<Integer> equal = inserted.get(image);
                if (equal != null && !equal.isEmpty()) {
                    settledInserts.put(equal.remove(), rows.modifiedAtMicros());
                    settledDeletes.set(row);
                } else {
                    openDeletes++;
                }
            }
        }
    }

    /** Every cell with its length in front, which tells NULL from empty. */
    private static ByteBuffer image(Cells row) {
        int columns = row.schema().columns().size();
        int size = 0;
        for (int i = 0; i < columns; i++) {
            size += 4 + row.encodedLength(i);
        }
        ByteBuffer image = ByteBuffer.allocate(size);
        for (int i = 0; i < columns; i++) {
            image.putInt(row.encodedLength(i)).put(row.buffer(), row.encodedOffset(i), row.encodedLength(i));
        }
        return image.flip();
    }

    private long delete(TargetName target, Stage stage) throws SQLException {
        RowFilter deletes = (row, kind) -> kind == RowCursor.Kind.DELETE_ONE && !settledDeletes.get(row);
        try {
            stageDeletes(stage, deletes);
        } catch (SQLException e) {
            throw RowFailure.copy(load, deletes, e);
        }
        try (Statement statement = connection.createStatement()) {
            long deleted = statement.executeLargeUpdate(deleteStatement(target, stage));
            statement.execute(stage.stage().truncate());
            return deleted;
        }
    }

    private void stageDeletes(Stage stage, RowFilter deletes) throws SQLException {
        ColumnPlan[] plans = ColumnPlan.values(load.target(), load.schema()).toArray(ColumnPlan[]::new);
        boolean done = false;
        try {
            out.begin(connection, stage.copyDeletes());
            RowCursor rows = load.rows();
            for (int row = 0; rows.next(); row++) {
                if (deletes.includes(row, rows.kind())) {
                    out.beginRow(plans.length + 1);
                    for (ColumnPlan plan : plans) {
                        String why = cells.put(rows.values(), plan, out);
                        if (why != null) {
                            throw RowFailure.refused(load, plan, rows, why);
                        }
                    }
                    CellWriter.putInstant(rows.modifiedAtMicros(), out);
                }
            }
            out.end();
            done = true;
        } finally {
            if (!done) {
                out.abandon();
            }
        }
    }

    /**
     * Rows are compared by their text, which takes NULLs as equal, needs no comparison operator (json has none) and can be hashed; values of
     * one type that came by one way are equal exactly when their text is. Of equal rows any is as good as another.
     */
    private String deleteStatement(TargetName target, Stage stage) {
        String table = Quoted.table(target);
        String live = load.target().columns().stream()
                .filter(column -> column.role() == TargetColumn.Role.DELETED)
                .map(column -> " WHERE t." + Quoted.identifier(column.name()) + " IS NOT TRUE")
                .collect(Collectors.joining());
        String staged = stage.stage().quoted();
        String counted = "SELECT " + row("s") + " AS image, count(*) AS n FROM " + staged + " s GROUP BY 1";
        String numbered = "SELECT s.*, row_number() OVER (PARTITION BY s.image ORDER BY s.place) AS i FROM (SELECT "
                + row("s") + " AS image, s.ctid AS place, s." + Stage.modified(load.target()) + " AS modified FROM "
                + staged + " s) s";
        String search = "WITH want AS (" + counted
                + "), have AS (SELECT t.tableoid AS part, t.ctid AS place, w.n, w.image,"
                + " row_number() OVER (PARTITION BY w.image) AS i FROM " + table + " t JOIN want w ON " + row("t")
                + " = w.image" + live + ")";
        String found = "t.ctid = h.place AND t.tableoid = h.part"; // a place is one of a partition
        return load.onDelete() == OnDelete.HARD
                ? search + " DELETE FROM " + table + " t USING have h WHERE " + found + " AND h.i <= h.n"
                : search + ", each AS (" + numbered + ") UPDATE " + table + " t SET "
                        + Stage.mark(
                                load.target(), PostgresLoadTransaction.instant(load.loadedAtMicros()), "e.modified")
                        + " FROM have h JOIN each e ON e.image = h.image AND e.i = h.i WHERE " + found;
    }

    private String row(String alias) {
        return load.target().columns().stream()
                .filter(column -> column.role() == TargetColumn.Role.VALUE && column.sourceIndex() >= 0)
                .map(column -> alias + "." + Quoted.identifier(column.name()))
                .collect(Collectors.joining(", ", "ROW(", ")::text"));
    }
}
