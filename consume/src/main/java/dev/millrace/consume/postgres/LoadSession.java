package dev.millrace.consume.postgres;

import dev.millrace.consume.destination.TargetName;
import dev.millrace.storage.peer.PeerWatch;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;

/**
 * What lasts from one load transaction to the next: the connection, its stages, and buffers. Confined to the consumer's thread. Whatever
 * waits for the server goes through {@link #call}, so that a server that has died without a word doesn't hold it.
 */
final class LoadSession {
    private final Connection connection;
    private final SessionPeer peer;
    private final PeerWatch.Watched watched;
    private final RefusedRows refused;
    private final Stages stages;
    private final CopyStream out;
    private final CellWriter cells = new CellWriter();

    /** Tables that a historical COPY met a row of: the next ones are staged at once. */
    private final Set<TargetName> mixed = new HashSet<>();

    /** Tables in which a row may take a value that must be unique from another one: rows are written in the order they came in. */
    private final Set<TargetName> handedOver = new HashSet<>();

    private final Set<TargetName> onlyRead;

    LoadSession(Connections connections, Connection connection, PeerWatch watch, Set<TargetName> onlyRead)
            throws SQLException {
        this.onlyRead = onlyRead;
        this.connection = connection;
        this.peer = new SessionPeer(connections, connection);
        this.refused = new RefusedRows(connection);
        this.stages = new Stages(connection, refused);
        connection.setAutoCommit(false);
        this.watched = watch.watch(peer);
        this.out = new CopyStream(watched::moved);
    }

    /** Work that waits for the server. */
    @FunctionalInterface
    interface Call {
        void run() throws SQLException;
    }

    /** Runs it watched; throws SQLSTATE 08006 with the reason where the connection had to be cut. */
    void call(Call work) throws SQLException {
        watched.begin();
        try {
            work.run();
        } catch (SQLException e) {
            throw watched.cutBecause()
                    .map(reason -> new SQLException(reason, "08006", e))
                    .orElse(e);
        } finally {
            watched.end();
        }
    }

    Connection connection() {
        return connection;
    }

    /** The server's end of it. */
    SessionPeer peer() {
        return peer;
    }

    /** Ends it; a failure to do so is kept with the one that led to it. */
    void close(Exception failure) {
        watched.close();
        Connections.closeAfter(connection, failure);
    }

    Stages stages() {
        return stages;
    }

    RefusedRows refused() {
        return refused;
    }

    CopyStream out() {
        return out;
    }

    CellWriter cells() {
        return cells;
    }

    Set<TargetName> handedOver() {
        return handedOver;
    }

    /** As {@link KnownTables#onlyRead}. */
    Set<TargetName> onlyRead() {
        return onlyRead;
    }

    Set<TargetName> mixed() {
        return mixed;
    }
}
