package dev.millrace.consume.duckdb;

import java.sql.SQLException;
import java.sql.Statement;
import org.duckdb.DuckDBConnection;

/**
 * How many threads DuckDB works with. While a statement has work for one only, that is left to the thread that executes it: else one of
 * DuckDB's takes it, and the executing one asks whether it is done, over and over, on the processor that the next window should be gathered on.
 * Confined to the consumer's thread.
 */
final class Threads {
    private final DuckDBConnection connection;
    private final int all;
    private boolean alone;

    /** @param all those it may use, the executing one among them */
    Threads(DuckDBConnection connection, int all) {
        this.connection = connection;
        this.all = all;
    }

    /** Of the database, which may have been left with one by a connection that failed. */
    void begin() throws SQLException {
        if (all > 1) {
            set(all);
            alone = false;
        }
    }

    /** What follows is for the executing thread, until {@link #together}; also of other connections to the database. */
    void alone() throws SQLException {
        if (all > 1 && !alone) {
            set(1);
            alone = true;
        }
    }

    /** Back to all of them; not where the transaction has failed, in which nothing can be set. */
    void together() throws SQLException {
        if (alone) {
            set(all);
            alone = false;
        }
    }

    private void set(int count) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET threads = " + count);
        }
    }
}
