package dev.millrace.consume.duckdb;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetColumn.Role;
import java.sql.SQLException;
import java.util.List;

/**
 * A load of a table without a key by way of a temporary table, as if its steps were done one by one, yet in a few statements however many
 * they are. Among equal rows only their number matters; so a delete is taken to cancel an insert that stands before it in the load, and only
 * where there is none left a row of the table. In the running balance of inserts and deletes of equal rows those are the deletes that reach
 * a new low below zero.
 */
final class KeylessStage {
    private static final String STAGE = "__millrace_stage";
    private static final String STEPS = "__millrace_stage_steps";
    private static final String STEP = "__millrace_stage_step";
    private static final String DELETE = "__millrace_stage_delete";
    private static final String BALANCE = "__millrace_stage_balance";
    private static final String LOW = "__millrace_stage_low";
    private static final String UNMATCHED = "__millrace_stage_unmatched";
    private static final String PLACE = "__millrace_stage_place";
    private static final String CANCELLED = "__millrace_stage_cancelled";
    private static final String ROW = "__millrace_stage_row";

    private final Staging staging;
    private final TableLoad load;
    private final String into;
    private final List<TargetColumn> values;
    private long deletes;

    KeylessStage(Staging staging) {
        this.staging = staging;
        this.load = staging.load();
        this.into = staging.into();
        this.values = staging.values();
    }

    void run() throws SQLException {
        List<String> definitions = Staging.definitions(staging.written());
        definitions.add(STEP + " BIGINT");
        definitions.add(DELETE + " BOOLEAN");
        staging.create(STAGE, definitions);
        fill();
        String insert = staging.insert("temp.");
        if (deletes == 0 || load.onDelete() == OnDelete.IGNORE) {
            execute(insert + STAGE + " WHERE NOT " + DELETE);
        } else {
            execute(balance());
            execute(remove());
            execute(insert + STEPS + " WHERE NOT " + DELETE + " AND " + PLACE + " > " + CANCELLED);
            if (load.onDelete() == OnDelete.SOFT) {
                execute(insertCancelled());
            }
            execute("DROP TABLE temp." + STEPS);
        }
        execute("DROP TABLE temp." + STAGE);
    }

    private void fill() throws SQLException {
        RowAppender rows = staging.cells(values);
        MetadataAppender meta = staging.metadataCells();
        long step = 0;
        try (BoundedAppender appender = staging.appender(STAGE)) {
            RowCursor row = load.rows();
            while (row.next()) {
                boolean delete = row.kind() == RowCursor.Kind.DELETE_ONE;
                appender.begin();
                rows.append(appender.cells(), row, row.values());
                meta.append(appender.cells(), row);
                appender.row().append(step++).append(delete);
                appender.end(BoundedAppender.bytes(row.values()));
                deletes += delete ? 1 : 0;
            }
        }
    }

    /**
     * The steps with, per row: UNMATCHED, a delete that finds no insert before it; PLACE, its number among the inserts or the unmatched deletes
     * of equal rows; CANCELLED, how many inserts of equal rows are deleted again.
     */
    private String balance() {
        String equal = "PARTITION BY " + exact("s");
        String running = "SELECT *, sum(CASE WHEN " + DELETE + " THEN -1 ELSE 1 END) OVER (" + equal + " ORDER BY "
                + STEP + " ROWS UNBOUNDED PRECEDING) AS " + BALANCE + " FROM temp." + STAGE + " AS s";
        String lows = "SELECT *, min(" + BALANCE + ") OVER (" + equal + " ORDER BY " + STEP
                + " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS " + LOW + " FROM (" + running + ") AS s";
        String marked = "SELECT * EXCLUDE (" + BALANCE + ", " + LOW + "), " + DELETE + " AND " + BALANCE
                + " < least(0, coalesce(" + LOW + ", 0)) AS " + UNMATCHED + " FROM (" + lows + ") AS s";
        return "CREATE OR REPLACE TEMP TABLE " + STEPS + " AS SELECT *, row_number() OVER (" + equal + ", " + DELETE
                + ", "
                + UNMATCHED + " ORDER BY " + STEP + ") AS " + PLACE + ", count(*) FILTER (WHERE " + DELETE + " AND NOT "
                + UNMATCHED
                + ") OVER (" + equal + ") AS " + CANCELLED + " FROM (" + marked + ") AS s";
    }

    /** The inserts that are deleted again, marked with the time of their deletes. */
    private String insertCancelled() {
        String selected = Sql.list(staging.written(), ", ", column -> switch (column.role()) {
            case DELETED -> "true";
            case SOURCE_MODIFIED_AT -> Sql.column("d", column);
            default -> Sql.column("s", column);
        });
        return "INSERT INTO " + into + " (" + Sql.names(staging.written()) + ") SELECT " + selected + " FROM temp."
                + STEPS + " AS s JOIN temp." + STEPS + " AS d ON (s." + PLACE + " = d." + PLACE + " AND "
                + same("s", "d") + ") WHERE NOT s." + DELETE + " AND d." + DELETE + " AND NOT d." + UNMATCHED;
    }

    private String same(String one, String other) {
        return Sql.list(
                values,
                " AND ",
                column -> Sql.exact(one, column) + " IS NOT DISTINCT FROM " + Sql.exact(other, column));
    }

    /** Each unmatched delete takes one equal row of the table, the oldest first. */
    private String remove() {
        String names = Sql.names(values);
        String row = identity();
        String modified = column(Role.SOURCE_MODIFIED_AT);
        String chosen = "(SELECT c." + ROW + ", d." + modified + " FROM temp." + STEPS + " AS d JOIN (SELECT " + names
                + ", " + row + " AS "
                + ROW
                + ", row_number() OVER (PARTITION BY " + exact("t") + " ORDER BY " + row + ") AS " + PLACE + " FROM "
                + into
                + " AS t WHERE NOT " + column(Role.DELETED) + ") AS c ON (c." + PLACE + " = d." + PLACE + " AND "
                + same("c", "d")
                + ") WHERE d." + UNMATCHED + ")";
        if (load.onDelete() == OnDelete.HARD) {
            return "DELETE FROM " + into + " WHERE " + row + " IN (SELECT " + ROW + " FROM " + chosen + ")";
        }
        return "UPDATE " + into + " AS t SET " + column(Role.DELETED) + " = true, " + column(Role.LOADED_AT) + " = "
                + TableLoader.instant(load.loadedAtMicros()) + ", " + modified + " = s." + modified + " FROM " + chosen
                + " AS s WHERE t." + row + " = s." + ROW;
    }

    private String exact(String alias) {
        return Sql.list(values, ", ", column -> Sql.exact(alias, column));
    }

    /** What names one row: DuckDB's own number, unless a column has taken that name. */
    private String identity() {
        boolean taken = load.target().columns().stream()
                .anyMatch(column -> column.name().equalsIgnoreCase("rowid"));
        return taken ? column(Role.ID) : "rowid";
    }

    private String column(Role role) {
        return Sql.quote(HistoryStage.column(load.target(), role));
    }

    private void execute(String sql) throws SQLException {
        staging.execute(sql);
    }
}
