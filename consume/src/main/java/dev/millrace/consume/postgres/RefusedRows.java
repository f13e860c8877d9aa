package dev.millrace.consume.postgres;

import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.destination.DataException;
import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Names all rows that a statement is refused for, while rows that are refused are looked for: by itself the server names the row of a COPY only,
 * and the first one. The statement takes its rows from a stage, where they have numbers; when it is refused, the server runs it again for some
 * rows at a time, in a temporary function: those that are refused are cut into pieces, down to the single row, and those that are taken stay, as
 * subtransactions. So it doesn't matter what refuses a row, nor when: a constraint, a foreign key or a trigger at the statement's end are
 * found out alike. Rows that are refused are tried once more behind the others, since one may have lacked only a row behind it. All of it is
 * taken back then. For one session; confined to one thread.
 */
final class RefusedRows {
    /** The number of a staged row: 1 for the load's first. */
    static final String ROW = "\"__millrace_stage_row\"";

    /** The condition on the staged rows {@code s} by which a statement takes some of them. */
    static final String SOME = "s." + ROW + " > \"__millrace_low\" AND s." + ROW + " <= \"__millrace_high\"";

    private static final Logger LOG = LoggerFactory.getLogger(RefusedRows.class);
    private static final String FUNCTION = "pg_temp.\"__millrace_refused\"";
    private static final int PIECES = 32;
    /** Of rows that were refused; each goes the other way than the one before. */
    private static final int MAX_PASSES = 6;

    /** For one statement; what was not looked at by then is halved by the search. */
    private static final long MAX_SECONDS = 10;

    private final Connection connection;
    private boolean on;

    /** What the server said of the row of that number. */
    private record Found(long number, DataException.Row why) {}

    RefusedRows(Connection connection) {
        this.connection = connection;
    }

    /** From now on stages are numbered, and rows are named. */
    void begin() {
        on = true;
    }

    /** The transaction is over. */
    void end() {
        on = false;
    }

    boolean on() {
        return on;
    }

    /** A statement; returns rows written. */
    @FunctionalInterface
    interface Change {
        long run() throws SQLException;
    }

    /**
     * Runs a statement that takes the load's rows from a stage.
     *
     * @param some the statement for {@link #SOME} rows, without parameters
     * @throws DataException rows are refused; it names them where that could be found out
     */
    long run(TableLoad load, StageTable stage, Change statement, Supplier<String> some) throws SQLException {
        if (!on) {
            return statement.run();
        }
        Savepoint before = connection.setSavepoint();
        try {
            long written = statement.run();
            connection.releaseSavepoint(before);
            return written;
        } catch (SQLException e) {
            if (!PostgresErrors.isData(e)) {
                throw e;
            }
            connection.rollback(before);
            throw named(load, RowFilter.ALL, e, before, () -> {
                execute("CREATE INDEX ON " + stage.quoted() + " (" + ROW + ")");
                return some.get();
            });
        }
    }

    /** Puts rows where a statement can take them from. */
    @FunctionalInterface
    interface Staging {
        /** The statement for {@link #SOME} rows, without parameters. */
        String stage() throws SQLException;
    }

    /**
     * The refusal of rows of the load, with their names where these can be found out.
     *
     * @param numbered the rows that have numbers, which count from 1
     * @param before where the transaction comes back to; it can go on from there
     * @param staging is called there
     */
    MillraceException named(TableLoad load, RowFilter numbered, SQLException refusal, Savepoint before, Staging staging)
            throws SQLException {
        MillraceException plain = PostgresErrors.at(load.target().name(), refusal);
        List<Found> found = List.of();
        try {
            execute(function(staging.stage()));
            found = find(load.rowCount());
        } catch (SQLException e) { // no PL/pgSQL there, for one: then the search halves its parts
            LOG.debug(
                    "Table '{}': the rows that are refused aren't named: {}",
                    load.target().name(),
                    e.getMessage());
        }
        connection.rollback(before);
        if (found.isEmpty() || !(plain instanceof DataException)) {
            return plain;
        }
        return new DataException(load.target().name().toString(), rows(load, numbered, found));
    }

    private static List<DataException.Row> rows(TableLoad load, RowFilter numbered, List<Found> found) {
        Map<Long, DataException.Row> byNumber = new HashMap<>();
        found.forEach(row -> byNumber.put(row.number(), row.why()));
        List<DataException.Row> rows = new ArrayList<>();
        RowCursor cursor = load.rows();
        long number = 0;
        for (int row = 0; cursor.next(); row++) {
            number += numbered.includes(row, cursor.kind()) ? 1 : 0;
            DataException.Row why = byNumber.remove(number);
            if (why != null) {
                String eventId = cursor.eventId();
                rows.add(new DataException.Row(
                        eventId, why.column(), why.why().before(" (event " + eventId + ")"), why.code()));
            }
        }
        return rows;
    }

    private List<Found> find(int rows) throws SQLException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(MAX_SECONDS);
        List<Found> found = ask(FUNCTION + "(0, " + rows + ", pg_catalog.clock_timestamp() + INTERVAL '" + MAX_SECONDS
                + " seconds') r");
        for (int pass = 0; pass < MAX_PASSES && !found.isEmpty() && System.nanoTime() < end; pass++) {
            int before = found.size();
            Collections.reverse(found);
            String numbers =
                    found.stream().map(row -> Long.toString(row.number())).collect(Collectors.joining(","));
            found = ask("pg_catalog.unnest('{" + numbers + "}'::bigint[]) u (place) CROSS JOIN LATERAL " + FUNCTION
                    + "(u.place - 1, u.place, 'infinity') r");
            if (found.size() == before) {
                return found;
            }
        }
        return found;
    }

    private List<Found> ask(String from) throws SQLException {
        List<Found> found = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT r.* FROM " + from)) {
            while (row.next()) {
                found.add(new Found(
                        row.getLong(1),
                        PostgresErrors.row(row.getString(2), row.getString(3), row.getString(4), row.getString(5))));
            }
        }
        return found;
    }

    /** Its names can't be those of columns, nor can columns be taken for them. */
    private static String function(String some) {
        String body = """
                #variable_conflict use_column
                DECLARE
                  "__millrace_step" bigint;
                  "__millrace_context" text;
                BEGIN
                  BEGIN
                    %s;
                    RETURN;
                  EXCEPTION WHEN OTHERS OR assert_failure THEN
                    GET STACKED DIAGNOSTICS "__millrace_context" = PG_EXCEPTION_CONTEXT;
                    IF SQLSTATE OPERATOR(pg_catalog.~) '%s' AND NOT (SQLSTATE OPERATOR(pg_catalog.=) 'XX000'
                        AND pg_catalog.starts_with("__millrace_context", 'PL/')) THEN
                      RAISE;
                    END IF;
                    GET STACKED DIAGNOSTICS "__millrace_why" = MESSAGE_TEXT, "__millrace_detail" = PG_EXCEPTION_DETAIL,
                      "__millrace_column" = COLUMN_NAME, "__millrace_state" = RETURNED_SQLSTATE;
                  END;
                  IF "__millrace_high" - "__millrace_low" <= 1 THEN
                    "__millrace_row" := "__millrace_high";
                    RETURN NEXT;
                    RETURN;
                  END IF;
                  "__millrace_step" := greatest(1, ("__millrace_high" - "__millrace_low") / %d);
                  WHILE "__millrace_low" < "__millrace_high" AND pg_catalog.clock_timestamp() < "__millrace_until" LOOP
                    RETURN QUERY SELECT * FROM %s("__millrace_low",
                      least("__millrace_low" + "__millrace_step", "__millrace_high"), "__millrace_until");
                    "__millrace_low" := "__millrace_low" + "__millrace_step";
                  END LOOP;
                END
                """.formatted(some, PostgresErrors.NOT_DATA, PIECES, FUNCTION);
        return "CREATE OR REPLACE FUNCTION " + FUNCTION + " (\"__millrace_low\" bigint, \"__millrace_high\" bigint,"
                + " \"__millrace_until\" timestamp with time zone) RETURNS TABLE (\"__millrace_row\" bigint,"
                + " \"__millrace_state\" text, \"__millrace_why\" text, \"__millrace_detail\" text,"
                + " \"__millrace_column\" text) LANGUAGE plpgsql AS E'"
                + body.replace("\\", "\\\\").replace("'", "''") + "'";
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
