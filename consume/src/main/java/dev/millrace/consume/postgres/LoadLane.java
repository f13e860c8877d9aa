package dev.millrace.consume.postgres;

import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.destination.LoadTransaction;
import dev.millrace.consume.destination.TablesApart;
import dev.millrace.storage.peer.PeerWatch;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.LongSupplier;

/** One connection for loads, made when it is needed and kept from one transaction to the next. Confined to one thread. */
final class LoadLane implements TablesApart.Lane {
    private final Connections connections;
    private final Positions positions;
    private final PeerWatch watch;
    private final Left left;
    private final LongSupplier epoch;
    private final KnownTables tables;
    private LoadSession session;

    /** @param epoch of the claim that counts now; 0 without one */
    LoadLane(
            Connections connections,
            Positions positions,
            PeerWatch watch,
            Left left,
            LongSupplier epoch,
            KnownTables tables) {
        this.tables = tables;
        this.connections = connections;
        this.positions = positions;
        this.watch = watch;
        this.left = left;
        this.epoch = epoch;
    }

    /** Begins a transaction that moves the pipeline's position. */
    LoadTransaction begin() {
        return begin(positions::move);
    }

    @Override
    public LoadTransaction begin(String table) {
        return begin((connection, claimed, logIndex, used) ->
                positions.moveTable(connection, claimed, table, logIndex, used));
    }

    private LoadTransaction begin(Positions.Move move) {
        PostgresSettings settings = connections.settings();
        long claimed = epoch.getAsLong();
        if (claimed == 0) {
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
            open.call(() -> positions.requireEpoch(open.connection(), claimed));
            return new PostgresLoadTransaction(
                    settings.pipeline(), session, positions, move, claimed, tables.used(), this::discard);
        } catch (SQLException e) {
            discard(e);
            // a session that was idle may have ended meanwhile; nothing was lost with it
            if (reused && PostgresErrors.isLost(e)) {
                return begin(move);
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
            left.end(connection);
            return new LoadSession(connections, connection, watch, tables.onlyRead());
        } catch (SQLException e) {
            Connections.closeAfter(connection, e);
            throw e;
        }
    }

    /** Ends the connection because of a failure, which keeps what happens meanwhile. */
    void discard(Exception failure) {
        if (session != null) {
            left.add(session.peer());
            session.close(failure);
            session = null;
        }
    }

    @Override
    public void close() {
        discard(new SQLException("closing"));
    }
}
