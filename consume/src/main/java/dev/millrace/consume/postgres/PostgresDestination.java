package dev.millrace.consume.postgres;

import dev.millrace.config.error.Finding;
import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.ExistingTable;
import dev.millrace.consume.destination.LoadTransaction;
import dev.millrace.consume.destination.NamingRules;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.peer.PeerWatch;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * A PostgreSQL database as a destination. One connection is kept for loads, on the consumer's thread; one more, under a lock, answers
 * questions from any thread; the position is read on one of its own. All but {@link #describe} is the consumer's thread.
 */
final class PostgresDestination implements Destination {
    private final PostgresSettings settings;
    private final Connections connections;
    private final Positions positions;
    private final Object askingLock = new Object();
    private final PeerWatch watch;
    private Connection asking;
    private LoadSession session;
    private SessionPeer left;
    private long epoch;

    PostgresDestination(PostgresSettings settings) {
        this(settings, new TargetName(settings.defaultSchema(), Positions.TABLE));
    }

    /** @param bookkeeping the table in which the position is kept */
    PostgresDestination(PostgresSettings settings, TargetName bookkeeping) {
        this.settings = settings;
        this.connections = new Connections(settings);
        this.positions = new Positions(settings.pipeline(), bookkeeping);
        this.watch = new PeerWatch("peer-watch-" + settings.pipeline(), settings.peerTimeout());
    }

    @Override
    public List<Finding> check() {
        return new PostgresCheck(connections).run();
    }

    @Override
    public NamingRules naming() {
        return new NamingRules(Quoted.MAX_NAME_BYTES, true, settings.defaultSchema());
    }

    @Override
    public String columnType(DataType type) {
        return ColumnType.of(type).sql();
    }

    @Override
    public Optional<ExistingTable> describe(TargetName table) {
        synchronized (askingLock) {
            boolean reused = asking != null;
            try {
                if (!reused) {
                    asking = connections.asking();
                }
                return Catalogue.describe(asking, table);
            } catch (SQLException e) {
                Connections.closeAfter(asking, e);
                asking = null;
                if (reused && PostgresErrors.isLost(e)) {
                    return describe(table);
                }
                throw PostgresErrors.of("Cannot describe table '" + table + "'", e);
            }
        }
    }

    @Override
    public Optional<Long> claim() {
        try (Connection connection = connections.asking()) {
            endLeft(connection);
            Positions.Claim claim = positions.claim(connection);
            epoch = claim.epoch();
            return claim.logIndex();
        } catch (SQLException e) {
            throw PostgresErrors.of(
                    "Pipeline '" + settings.pipeline() + "' can't claim its position at " + settings.address(), e);
        }
    }

    @Override
    public Optional<Long> committedIndex() {
        try (Connection connection = connections.asking()) {
            endLeft(connection);
            return positions.logIndex(connection);
        } catch (SQLException e) {
            throw PostgresErrors.of(
                    "Pipeline '" + settings.pipeline() + "' can't read its position at " + settings.address(), e);
        }
    }

    @Override
    public LoadTransaction begin() {
        if (epoch == 0) {
            throw MillraceException.internal(
                    "DESTINATION_UNCLAIMED",
                    "Pipeline '" + settings.pipeline() + "' can't begin a load",
                    "its position was not claimed",
                    null);
        }
        boolean reused = session != null;
        try {
            if (!reused) {
                session = openSession();
            }
            LoadSession open = session;
            open.call(() -> positions.requireEpoch(open.connection(), epoch));
            return new PostgresLoadTransaction(settings.pipeline(), session, positions, epoch, this::discard);
        } catch (SQLException e) {
            discard(e);
            // a session that was idle may have ended meanwhile; nothing was lost with it
            if (reused && PostgresErrors.isLost(e)) {
                return begin();
            }
            throw PostgresErrors.of(
                    "Pipeline '" + settings.pipeline() + "' can't begin a load at " + settings.address(), e);
        } catch (MillraceException e) {
            discard(e);
            throw e;
        }
    }

    private LoadSession openSession() throws SQLException {
        Connection connection = connections.loading();
        try {
            endLeft(connection);
            return new LoadSession(connections, connection, watch);
        } catch (SQLException e) {
            Connections.closeAfter(connection, e);
            throw e;
        }
    }

    /** The server's end of a connection that broke may hold locks still, or be at its commit: it is ended before anything else is asked. */
    private void endLeft(Connection connection) throws SQLException {
        if (left != null) {
            left.terminate(connection);
            left = null;
        }
    }

    private void discard(Exception failure) {
        if (session != null) {
            left = session.peer();
            session.close(failure);
            session = null;
        }
    }

    @Override
    public void close() {
        SQLException failure = new SQLException("closing");
        discard(failure);
        watch.close();
        synchronized (askingLock) {
            Connections.closeAfter(asking, failure);
            asking = null;
        }
        if (failure.getSuppressed().length > 0) {
            throw PostgresErrors.of(
                    "Cannot close the connections to " + settings.address(), (SQLException) failure.getSuppressed()[0]);
        }
    }
}
