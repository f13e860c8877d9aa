package dev.millrace.consume.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The server's ends of connections that broke: they may hold locks still, or be at their commit, and are ended before anything else is asked.
 * Thread-safe.
 */
final class Left {
    private final Deque<SessionPeer> peers = new ArrayDeque<>();

    synchronized void add(SessionPeer peer) {
        peers.add(peer);
    }

    /** Ends all of them, over another connection of the same user. */
    synchronized void end(Connection asked) throws SQLException {
        while (!peers.isEmpty()) {
            peers.peek().terminate(asked);
            peers.remove();
        }
    }
}
