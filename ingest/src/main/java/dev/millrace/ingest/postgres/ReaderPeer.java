package dev.millrace.ingest.postgres;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.peer.Peer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server's process of a connection that reads rows. Any thread. */
final class ReaderPeer implements Peer {
    private static final Logger LOG = LoggerFactory.getLogger(ReaderPeer.class);

    /** A process that waits to read from us or to write to us. */
    private static final String PULSE =
            "SELECT coalesce(a.wait_event IN ('ClientRead', 'ClientWrite'), false) FROM pg_catalog.pg_stat_activity a"
                    + " WHERE a.pid = ? AND a.application_name = pg_catalog.current_setting('application_name')";

    private final Connections connections;
    private final Connection connection;
    private final int process;

    ReaderPeer(Connections connections, Connection connection) throws SQLException {
        this.connections = connections;
        this.connection = connection;
        this.process = connection.unwrap(PGConnection.class).getBackendPID();
    }

    @Override
    public Pulse pulse() {
        try (Connection asked = connections.askingSoon();
                PreparedStatement statement = asked.prepareStatement(PULSE)) {
            statement.setInt(1, process);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return Pulse.GONE;
                }
                return row.getBoolean(1) ? Pulse.WAITS_FOR_US : Pulse.AT_WORK;
            }
        } catch (SQLException e) {
            return told(PostgresErrors.of("Cannot ask for a connection", e));
        } catch (MillraceException e) {
            return told(e);
        }
    }

    private static Pulse told(MillraceException failure) {
        boolean network = failure.category() == Category.EXTERNAL
                && (failure.code().startsWith("CONNECTION_") || failure.code().equals("HOST_UNKNOWN"));
        return network ? Pulse.OUT_OF_REACH : Pulse.AT_WORK;
    }

    @Override
    public void cut() {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            LOG.debug("postgres: cutting a connection failed", e);
        }
    }
}
