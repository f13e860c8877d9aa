package dev.millrace.ingest.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * How the server's end of a connection of ours is, asked over another one when ours has been silent. Silence itself says nothing: a server may
 * decode a large transaction or look through a large table for as long as it takes. A network that died without a word shows in what the
 * server does: it ends a walsender that does not answer within wal_sender_timeout, and others wait to send what we never get.
 */
enum Pulse {
    /** At work, or waiting for something to send. */
    ALIVE,
    /** It waits for us to take what it sends; once is chance, twice without a byte between is a dead network. */
    SENDING,
    /** There is no such process any more. */
    GONE;

    private static final String QUERY =
            "SELECT coalesce(a.wait_event IN ('ClientWrite', 'WalSenderWriteData'), false) FROM pg_catalog.pg_stat_activity a"
                    + " WHERE a.pid = ? AND a.application_name = pg_catalog.current_setting('application_name')";

    /** @param asked another connection of the same user */
    static Pulse of(Connection asked, int pid) throws SQLException {
        try (PreparedStatement statement = asked.prepareStatement(QUERY)) {
            statement.setInt(1, pid);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return GONE;
                }
                return row.getBoolean(1) ? SENDING : ALIVE;
            }
        }
    }

    /** Whether nothing can come any more, when this follows {@code before} with silence between. */
    boolean dead(Pulse before) {
        return this == GONE || this == SENDING && before == SENDING;
    }

    String text() {
        return this == GONE ? "its process at the server is gone" : "the server sends, but nothing arrives here";
    }
}
