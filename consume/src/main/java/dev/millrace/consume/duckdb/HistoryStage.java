package dev.millrace.consume.duckdb;

import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.RowCursor.Kind;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetColumn.Role;
import dev.millrace.consume.destination.TargetTable;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

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
    private static final String LATEST = "__millrace_stage_latest";

    private final Staging staging;
    private final TableLoad load;
    private final TargetTable shape;
    private final String into;
    private final LackingCells lacking;
    private boolean staged;

    HistoryStage(Staging staging) {
        this.staging = staging;
        this.load = staging.load();
        this.shape = load.target();
        this.into = staging.into();
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

    /** Whether the table has a version of any of the load's keys, be it one that has ended. */
    boolean anyVersion() throws SQLException {
        stageKeys();
        boolean any = staging.any(
                "SELECT 1 FROM " + into + " AS t JOIN temp." + KEYS + " AS s ON (" + staging.sameKey() + ") LIMIT 1");
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
        execute("DELETE FROM " + into + " AS t USING temp." + KEYS + " AS s WHERE s." + REPLACE + " AND "
                + staging.sameKey());
        long written = execute("UPDATE " + into + " AS t" + end(shape, "s." + AT, loadedAt) + " FROM temp." + KEYS
                + " AS s WHERE NOT s." + REPLACE + " AND " + current() + " AND " + staging.sameKey());
        if (load.truncatedAtMicros() != Long.MIN_VALUE) {
            written += execute("UPDATE " + into + " AS t"
                    + end(shape, TableLoader.instant(load.truncatedAtMicros()), loadedAt) + " WHERE " + current());
        }
        execute(follow());
        written += execute(staging.insert("temp." + FILLED));
        execute("DROP TABLE temp." + FILLED);
        execute("DROP TABLE temp." + KEYS);
        return written;
    }

    private void stageKeys() throws SQLException {
        if (staged) {
            return;
        }
        staged = true;
        List<String> columns = Staging.definitions(staging.key());
        columns.add(AT + " TIMESTAMP WITH TIME ZONE");
        columns.add(REPLACE + " BOOLEAN");
        staging.create(KEYS, columns);
        RowAppender keys = staging.cells(staging.key());
        try (BoundedAppender appender = staging.appender(KEYS)) {
            RowCursor row = load.rows();
            while (row.next()) {
                if (row.kind() != Kind.VERSION) {
                    appender.begin();
                    keys.append(appender.cells(), row, row.values());
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
        List<String> definitions = Staging.definitions(staging.written());
        definitions.addAll(lacking.definitions());
        staging.create(ROWS, definitions);
        RowAppender rows = staging.cells(staging.values());
        MetadataAppender meta = staging.metadataCells();
        try (BoundedAppender appender = staging.appender(ROWS)) {
            RowCursor row = load.rows();
            while (row.next()) {
                if (row.kind() == Kind.VERSION) {
                    appender.begin();
                    rows.append(appender.cells(), row, row.values());
                    meta.append(appender.cells(), row);
                    lacking.append(appender.cells(), row);
                    appender.end(BoundedAppender.bytes(row.values()));
                }
            }
        }
    }

    /** The versions with all their cells. */
    private void fill() throws SQLException {
        List<String> selected = new ArrayList<>(lacking.filled());
        for (TargetColumn column : staging.metadata()) {
            selected.add(Sql.column("s", column));
        }
        String isCurrent = Sql.quote(column(shape, Role.CURRENT));
        String rows = " FROM temp." + ROWS + " AS s";
        if (lacking.any()) {
            rows += " LEFT JOIN " + into + " AS t ON (t." + isCurrent + " AND " + lacking.sameOrigin() + ")";
            if (load.loading()) { // of a row that is not read yet
                rows += " WHERE NOT (" + lacking.lacks() + " AND t." + isCurrent + " IS NULL)";
            }
        }
        execute("CREATE OR REPLACE TEMP TABLE " + FILLED + " AS SELECT " + String.join(", ", selected) + rows);
        execute("DROP TABLE temp." + ROWS);
    }

    /** No version is valid before the one before it has ended; all that the table has of these keys have by now. */
    private String follow() {
        String from = Sql.quote(column(shape, Role.VALID_FROM));
        String to = Sql.quote(column(shape, Role.VALID_TO));
        String names = Sql.names(staging.key());
        String latest = "SELECT " + names + ", max(" + to + ") AS " + LATEST + " FROM " + into
                + " AS t WHERE EXISTS (SELECT 1 FROM temp." + FILLED + " AS s WHERE " + staging.sameKey()
                + ") GROUP BY " + names;
        return "UPDATE temp." + FILLED + " AS s SET " + from + " = t." + LATEST + ", " + to + " = CASE WHEN s." + to
                + " < t." + LATEST + " THEN t." + LATEST + " ELSE s." + to + " END FROM (" + latest + ") AS t WHERE s."
                + from + " < t." + LATEST + " AND " + staging.sameKey();
    }

    private String current() {
        return "t." + Sql.quote(column(shape, Role.CURRENT));
    }

    private long execute(String sql) throws SQLException {
        return staging.execute(sql);
    }
}
