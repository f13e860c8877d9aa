package dev.millrace.consume.postgres;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.peer.Peer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server's process of one connection of ours, known by its number and when it began. Any thread. */
final class SessionPeer implements Peer {
    private static final Logger LOG = LoggerFactory.getLogger(SessionPeer.class);
    private static final long ENDS_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** A process that waits to read from us or to write to us. */
    private static final String PULSE =
            "SELECT coalesce(a.wait_event IN ('ClientRead', 'ClientWrite'), false) FROM pg_catalog.pg_stat_activity a"
                    + " WHERE a.pid = ? AND a.backend_start::text = ?";

    private static final String TERMINATE =
            "SELECT pg_catalog.pg_terminate_backend(a.pid) FROM pg_catalog.pg_stat_activity a"
                    + " WHERE a.pid = ? AND a.backend_start::text = ? AND a.usename = current_user";

    private final Connections connections;
    private final Connection connection;
    private final int process;
    private final String startedAt;

    SessionPeer(Connections connections, Connection connection) throws SQLException {
        this.connections = connections;
        this.connection = connection;
        this.process = connection.unwrap(PGConnection.class).getBackendPID();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT backend_start::text FROM pg_catalog.pg_stat_activity WHERE pid = pg_catalog.pg_backend_pid()")) {
            this.startedAt = row.next() ? row.getString(1) : "";
        }
    }

    @Override
    public Pulse pulse() {
        try (Connection asked = connections.probing();
                PreparedStatement statement = asked.prepareStatement(PULSE)) {
            statement.setInt(1, process);
            statement.setString(2, startedAt);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return Pulse.GONE;
                }
                return row.getBoolean(1) ? Pulse.WAITS_FOR_US : Pulse.AT_WORK;
            }
        } catch (SQLException e) {
            return PostgresErrors.isLost(e) ? Pulse.OUT_OF_REACH : Pulse.AT_WORK;
        } catch (MillraceException e) {
            boolean network = e.category() == Category.EXTERNAL
                    && (e.code().startsWith("CONNECTION_") || e.code().equals("HOST_UNKNOWN"));
            return network ? Pulse.OUT_OF_REACH : Pulse.AT_WORK;
        }
    }

    @Override
    public void cut() {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            LOG.debug("postgres: cutting a connection failed", e);
        }
    }

    /**
     * Ends the process at the server, where it hasn't noticed that we are gone: it would keep its locks until it does. What it had committed
     * stays committed.
     *
     * @param asked another connection of the same user
     */
    void terminate(Connection asked) throws SQLException {
        long until = System.nanoTime() + ENDS_NANOS;
        try (PreparedStatement statement = asked.prepareStatement(TERMINATE)) {
            statement.setInt(1, process);
            statement.setString(2, startedAt);
            while (sent(statement)
                    && System.nanoTime() - until < 0
                    && !Thread.currentThread().isInterrupted()) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        }
    }

    /** Whether there was a process to send it to. */
    private static boolean sent(PreparedStatement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery()) {
            return row.next();
        }
    }
}
