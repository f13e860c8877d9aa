package dev.millrace.ingest.postgres;

import dev.millrace.config.error.MillraceException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Which server this is, by IDENTIFY_SYSTEM: the identifier is given at initdb and shared with physical copies; the timeline counts up when
 * a copy is promoted or an older state restored.
 */
record Server(long systemId, int timeline) {

    /** @param walsender a connection of {@link Connections#replicating} */
    static Server identify(Connection walsender) throws SQLException {
        try (Statement statement = walsender.createStatement();
                ResultSet row = statement.executeQuery("IDENTIFY_SYSTEM")) {
            row.next();
            return new Server(Long.parseUnsignedLong(row.getString("systemid")), row.getInt("timeline"));
        }
    }

    void requireSame(StreamOffset offset, PostgresSettings settings) {
        if (offset.systemId() != systemId || offset.timeline() != timeline) {
            throw MillraceException.user(
                    "SOURCE_REPLACED",
                    "Source of pipeline '" + settings.pipeline() + "' cannot resume: " + settings.host() + ":"
                            + settings.port() + " is another server",
                    "our offset is of system "
                            + Long.toUnsignedString(offset.systemId())
                            + ", timeline "
                            + offset.timeline()
                            + "; this is system "
                            + Long.toUnsignedString(systemId)
                            + ", timeline "
                            + timeline
                            + ", whose changes need not go on where those ended",
                    "Connect to the server of before, or begin again from this one. " + settings.loadAnew());
        }
    }

    static void requireLogicalWal(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_catalog.current_setting('wal_level')")) {
            row.next();
            if (!row.getString(1).equals("logical")) {
                throw MillraceException.user(
                        "WAL_LEVEL",
                        "Cannot stream changes",
                        "wal_level is '" + row.getString(1) + "', not 'logical'",
                        "Run: ALTER SYSTEM SET wal_level = 'logical'; and restart the server, or use mode table.");
            }
        }
    }
}
