package dev.millrace.consume.postgres;

import dev.millrace.consume.destination.TableLoad;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;

/**
 * Tells which row an INSERT had come to when it was refused, while rows that are refused are looked for: by itself the server names the rows of a
 * COPY only. Staged rows carry numbers, and the statement sets a sequence to each row's number as it takes it; a sequence keeps what it was set
 * to when the statement is rolled back (PostgreSQL manual, "Sequence Manipulation Functions"). Where all rows were taken already, a constraint
 * or trigger has looked at them at the statement's end, and it may be any of them. For one session; confined to one thread.
 */
final class DrawnRows {
    /** The number of a staged row. */
    static final String ROW = "\"__millrace_stage_row\"";

    private static final String SEQUENCE = "pg_temp.\"__millrace_stage_drawn\"";

    private final Connection connection;
    private boolean on;
    /** The number before the first of the load at hand. */
    private long base;

    private long next;

    DrawnRows(Connection connection) {
        this.connection = connection;
    }

    /**
     * The rows of {@code source}, of which those that {@code which} says are taken one after the other, each noted; as {@code s}. OFFSET keeps the
     * planner from noting them before they are sorted.
     */
    static String drawn(String source, String which) {
        return "(SELECT * FROM " + source + " WHERE " + which + " ORDER BY " + ROW
                + " OFFSET 0) s WHERE pg_catalog.setval('" + SEQUENCE + "', s." + ROW + ") > 0";
    }

    /** From now on stages have the column. */
    void begin() throws SQLException {
        if (!on) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("CREATE TEMPORARY SEQUENCE IF NOT EXISTS " + SEQUENCE);
            }
            on = true;
        }
    }

    /** The transaction is over. */
    void end() {
        on = false;
    }

    boolean on() {
        return on;
    }

    /** The number before that of the load's first row. */
    long number(TableLoad load) {
        base = next;
        next += load.rowCount();
        return base;
    }

    /** A statement; returns rows written. */
    @FunctionalInterface
    interface Insert {
        long run() throws SQLException;
    }

    /**
     * Runs the statement that takes these rows of the load, all of them.
     *
     * @throws dev.millrace.consume.destination.DataException the row it had come to is refused
     */
    long insert(TableLoad load, RowFilter rows, Insert statement) throws SQLException {
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
            throw RowFailure.drawn(load, rows, last() - base - 1, e);
        }
    }

    private long last() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT last_value FROM " + SEQUENCE)) {
            row.next();
            return row.getLong(1);
        }
    }
}
