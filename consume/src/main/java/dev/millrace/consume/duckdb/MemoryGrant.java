package dev.millrace.consume.duckdb;

import java.sql.SQLException;
import java.sql.Statement;
import org.duckdb.DuckDBConnection;

/**
 * How much of the memory it may use DuckDB is given. It keeps what it once took, whether it needs it again or not; so it begins with little,
 * and gets more only where a load has failed for want of it. Confined to the consumer's thread.
 */
final class MemoryGrant {
    /** Enough for windows of ordinary rows; with less DuckDB spills what it would have in hand again at once. */
    private static final long FIRST_BYTES = 96L << 20;

    private final long limitBytes;
    private long grantedBytes;

    MemoryGrant(long limitBytes) {
        this.limitBytes = limitBytes;
        this.grantedBytes = Math.min(FIRST_BYTES, limitBytes);
    }

    long grantedBytes() {
        return grantedBytes;
    }

    /** Tells the database, all connections of this process to it. */
    void apply(DuckDBConnection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET memory_limit = '" + (grantedBytes >> 10) + "KiB'");
        }
    }

    /** Doubles it for the connections that follow; false when it is at its limit already. */
    boolean raise() {
        if (grantedBytes >= limitBytes) {
            return false;
        }
        grantedBytes = Math.min(limitBytes, 2 * grantedBytes);
        return true;
    }
}
