package dev.millrace.consume.duckdb;

import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.RowCursor.Kind;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetColumn.Role;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.consume.destination.TargetTable;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.duckdb.DuckDBConnection;

/**
 * Adds a load's versions to a table with a history, by way of two temporary tables: the keys whose versions end, and the versions, which are
 * filled up from those that were current before any of these end.
 */
final class HistoryStage {
    private static final String KEYS = "__millrace_stage_keys";
    private static final String ROWS = "__millrace_stage_rows";
    private static final String FILLED = "__millrace_stage_filled";
    private static final String AT = "__millrace_stage_at";
    private static final String REPLACE = "__millrace_stage_replace";

    private final DuckDBConnection connection;
    private final TableLoad load;
    private final TargetTable shape;
    private final String into;
    private final List<TargetColumn> values;
    private final List<TargetColumn> metadata;
    private final List<TargetColumn> key;
    private final LackingCells lacking;
    private boolean staged;

    HistoryStage(DuckDBConnection connection, TableLoad load, TargetName into) {
        this.connection = connection;
        this.load = load;
        this.shape = load.target();
        this.into = Sql.name(into);
        this.values = shape.columns().stream()
                .filter(c -> c.role() == Role.VALUE && c.sourceIndex() >= 0)
                .toList();
        this.metadata =
                shape.columns().stream().filter(c -> c.role() != Role.VALUE).toList();
        this.key = shape.key();
        this.lacking = new LackingCells(load);
    }

    /** The name of the metadata column. */
    static String column(TargetTable table, Role role) {
        return table.columns().stream()
                .filter(column -> column.role() == role)
                .findFirst()
                .orElseThrow()
                .name();
    }

    /** SET of what ends a version of {@code t}, at {@code at} but not before it began. */
    static String end(TargetTable table, String at, String loadedAt) {
        String from = "t." + Sql.quote(column(table, Role.VALID_FROM));
        return " SET " + Sql.quote(column(table, Role.VALID_TO)) + " = greatest(" + at + ", " + from + "), "
                + Sql.quote(column(table, Role.CURRENT)) + " = false, " + Sql.quote(column(table, Role.LOADED_AT))
                + " = " + loadedAt;
    }

    /** Whether the table has a current version of any of the load's keys. */
    boolean anyCurrent() throws SQLException {
        stageKeys();
        boolean any;
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery("SELECT 1 FROM " + into + " AS t JOIN temp." + KEYS
                        + " AS s ON (" + sameKey() + ") WHERE " + current() + " LIMIT 1")) {
            any = found.next();
        }
        if (!any) {
            execute("DROP TABLE temp." + KEYS);
            staged = false;
        }
        return any;
    }

    /** Returns rows written, ended ones included. */
    long run() throws SQLException {
        stageKeys();
        stageVersions();
        fill();
        String loadedAt = TableLoader.instant(load.loadedAtMicros());
        execute("DELETE FROM " + into + " AS t USING temp." + KEYS + " AS s WHERE s." + REPLACE + " AND " + sameKey());
        long written = execute("UPDATE " + into + " AS t" + end(shape, "s." + AT, loadedAt) + " FROM temp." + KEYS
                + " AS s WHERE NOT s." + REPLACE + " AND " + current() + " AND " + sameKey());
        if (load.truncatedAtMicros() != Long.MIN_VALUE) {
            written += execute("UPDATE " + into + " AS t"
                    + end(shape, TableLoader.instant(load.truncatedAtMicros()), loadedAt) + " WHERE " + current());
        }
        List<TargetColumn> columns = new ArrayList<>(values);
        columns.addAll(metadata);
        written += execute("INSERT INTO " + into + " (" + Sql.names(columns) + ") SELECT " + Sql.names(columns)
                + " FROM temp." + FILLED);
        execute("DROP TABLE temp." + FILLED);
        execute("DROP TABLE temp." + KEYS);
        return written;
    }

    private void stageKeys() throws SQLException {
        if (staged) {
            return;
        }
        staged = true;
        List<String> columns = definitions(key);
        columns.add(AT + " TIMESTAMP WITH TIME ZONE");
        columns.add(REPLACE + " BOOLEAN");
        create(KEYS, columns);
        RowAppender keys = new RowAppender(shape.name().toString(), key);
        try (BoundedAppender appender = new BoundedAppender(connection, "temp", "main", KEYS)) {
            RowCursor row = load.rows();
            while (row.next()) {
                if (row.kind() != Kind.VERSION) {
                    appender.begin();
                    keys.append(appender.row(), row, row.values());
                    if (row.validToMicros() == Long.MIN_VALUE) {
                        appender.row().appendNull();
                    } else {
                        appender.row().appendEpochMicros(row.validToMicros());
                    }
                    appender.row().append(row.kind() == Kind.REPLACE);
                    appender.end(0);
                }
            }
        }
    }

    private void stageVersions() throws SQLException {
        List<TargetColumn> columns = new ArrayList<>(values);
        columns.addAll(metadata);
        List<String> definitions = definitions(columns);
        definitions.addAll(lacking.definitions());
        create(ROWS, definitions);
        RowAppender rows = new RowAppender(shape.name().toString(), values);
        MetadataAppender meta = new MetadataAppender(metadata, load.loadedAtMicros());
        try (BoundedAppender appender = new BoundedAppender(connection, "temp", "main", ROWS)) {
            RowCursor row = load.rows();
            while (row.next()) {
                if (row.kind() == Kind.VERSION) {
                    appender.begin();
                    rows.append(appender.row(), row, row.values());
                    meta.append(appender.row(), row);
                    lacking.append(appender.row(), row);
                    appender.end(BoundedAppender.bytes(row.values()));
                }
            }
        }
    }

    /** The versions with all their cells, none valid before its key's current version, unless that is replaced. */
    private void fill() throws SQLException {
        List<String> selected = new ArrayList<>(lacking.filled());
        String earliest = "f." + Sql.quote(column(shape, Role.VALID_FROM));
        for (TargetColumn column : metadata) {
            String name = Sql.column("s", column);
            boolean time = column.role() == Role.VALID_FROM || column.role() == Role.VALID_TO;
            selected.add(
                    time
                            ? "CASE WHEN " + earliest + " > " + name + " THEN " + earliest + " ELSE " + name
                                    + " END AS " + Sql.quote(column.name())
                            : name);
        }
        String isCurrent = Sql.quote(column(shape, Role.CURRENT));
        String rows = " FROM temp." + ROWS + " AS s LEFT JOIN (SELECT t.* FROM " + into + " AS t JOIN temp." + KEYS
                + " AS s ON (" + sameKey() + ") WHERE NOT s." + REPLACE + " AND t." + isCurrent + ") AS f ON ("
                + Sql.list(key, " AND ", column -> Sql.column("f", column) + " = " + Sql.column("s", column)) + ")";
        if (lacking.any()) {
            rows += " LEFT JOIN " + into + " AS t ON (t." + isCurrent + " AND " + lacking.sameOrigin() + ")";
            if (load.loading()) { // of a row that is not read yet
                rows += " WHERE NOT (" + lacking.lacks() + " AND t." + isCurrent + " IS NULL)";
            }
        }
        execute("CREATE OR REPLACE TEMP TABLE " + FILLED + " AS SELECT " + String.join(", ", selected) + rows);
        execute("DROP TABLE temp." + ROWS);
    }

    private String current() {
        return "t." + Sql.quote(column(shape, Role.CURRENT));
    }

    private String sameKey() {
        return Sql.list(key, " AND ", column -> Sql.column("t", column) + " = " + Sql.column("s", column));
    }

    private static List<String> definitions(List<TargetColumn> columns) {
        List<String> definitions = new ArrayList<>();
        for (TargetColumn column : columns) {
            definitions.add(Sql.quote(column.name()) + " " + DuckDbTypes.name(column.dataType()));
        }
        return definitions;
    }

    private void create(String name, List<String> columns) throws SQLException {
        execute("CREATE OR REPLACE TEMP TABLE " + name + " (" + String.join(", ", columns) + ")");
    }

    private long execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.execute(sql) ? 0 : Math.max(0, statement.getUpdateCount());
        }
    }
}
