package dev.millrace.ingest.postgres;

import dev.millrace.config.error.MillraceException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Waits until what a snapshot sees would outlive a crash of its server. A transaction that was committed with {@code synchronous_commit = off}
 * is visible before its log is on disk, and one that was rolled back never waits for that; when the server then crashes, the first has never
 * been, and the number of the second is given out again, to a transaction that the snapshot would then claim to see.
 */
final class WrittenLog {
    private static final long ALONE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** Behind a page's header an insert position is a little past all there is to write; then the message brings it about, too. */
    private static final String WRITTEN = "SELECT pg_catalog.pg_current_wal_flush_lsn() >= ?::pg_lsn";

    private WrittenLog() {}

    /**
     * Returns when the log of a primary is on its disk up to {@code lsn}. Where nobody else's commit brings that about, a message of our own does,
     * which nobody's decoding shows.
     *
     * @param snapshot a connection of that server, in a transaction or not
     * @param lsn an insert position
     * @throws MillraceException EXTERNAL SOURCE_LOG_SLOW when it takes longer than queryTimeout; to be tried again
     */
    static void await(Connection snapshot, Connections connections, long lsn)
            throws SQLException, InterruptedException {
        long began = System.nanoTime();
        long longest = connections.settings().queryTimeout().toNanos();
        boolean pushed = false;
        try (PreparedStatement written = snapshot.prepareStatement(WRITTEN)) {
            written.setString(1, Lsn.text(lsn));
            while (!holds(written)) {
                long waited = System.nanoTime() - began;
                if (waited > longest) {
                    throw slow(connections.settings(), lsn);
                }
                if (!pushed && waited > ALONE_NANOS) {
                    push(connections);
                    pushed = true;
                }
                LockSupport.parkNanos(LOOK_NANOS);
                if (Thread.interrupted()) {
                    throw new InterruptedException("interrupted while the source writes its log");
                }
            }
        }
    }

    private static boolean holds(PreparedStatement question) throws SQLException {
        try (ResultSet row = question.executeQuery()) {
            row.next();
            return row.getBoolean(1);
        }
    }

    /** A commit waits for all log before it, here for the server's own disk only. */
    private static void push(Connections connections) throws SQLException {
        try (Connection connection = connections.asking();
                Statement statement = connection.createStatement()) {
            statement.execute("SET synchronous_commit = local");
            statement.execute("SELECT pg_catalog.pg_logical_emit_message(true, 'millrace', '')");
        }
    }

    private static MillraceException slow(PostgresSettings settings, long lsn) {
        return MillraceException.external(
                "SOURCE_LOG_SLOW",
                "Cannot read a chunk from " + settings.address(),
                "the server has not written its log up to " + Lsn.text(lsn) + " within "
                        + settings.queryTimeout().toSeconds() + " s",
                "It is tried again by itself; check the server's disk.",
                null);
    }
}
