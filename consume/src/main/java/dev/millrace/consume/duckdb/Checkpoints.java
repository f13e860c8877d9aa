package dev.millrace.consume.duckdb;

import java.sql.SQLException;
import java.sql.Statement;
import org.duckdb.DuckDBConnection;

/**
 * How much may stand in the write-ahead log before DuckDB writes it into its tables. What it writes it compresses, a row group of 122,880 rows
 * at a time, and again when the rest of the row group has come: so while a historical load brings window after window, it waits for some of them.
 * Otherwise it keeps to its own measure, because a commit that has more to write takes longer. Confined to the consumer's thread.
 */
final class Checkpoints {
    private static final String BULK = "32MiB";
    private static final String USUAL = "16MiB";

    private final DuckDBConnection connection;
    private boolean bulk;

    Checkpoints(DuckDBConnection connection) {
        this.connection = connection;
    }

    /** @param now whether the transaction about to be committed is part of a historical load */
    void bulk(boolean now) throws SQLException {
        if (now != bulk) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET checkpoint_threshold = '" + (now ? BULK : USUAL) + "'");
            }
            bulk = now;
        }
    }
}
