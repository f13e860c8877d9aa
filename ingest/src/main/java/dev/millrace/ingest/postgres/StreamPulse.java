package dev.millrace.ingest.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * How the server's end of a stream is, asked over another connection when nothing has come for a while. Beside what {@link Pulse} tells of
 * any connection: a walsender that waits for more log has sent all there is, or at least a keepalive with its position, so one that stands
 * behind what we have received for longer than a while has sent what will never arrive. Without this it would take wal_sender_timeout, which may
 * be off.
 *
 * @param sentUpTo log position, 0 when not known
 * @param idle it waits for more log
 */
record StreamPulse(Pulse process, long sentUpTo, boolean idle) {
    /** Before anything was asked. */
    static final StreamPulse NONE = new StreamPulse(Pulse.ALIVE, 0, false);

    private static final String QUERY = "SELECT r.sent_lsn::text, coalesce(a.wait_event ILIKE 'WalSenderWaitForWal'"
            + " OR a.wait_event = 'WalSenderMain', false) FROM pg_catalog.pg_stat_replication r"
            + " JOIN pg_catalog.pg_stat_activity a USING (pid) WHERE r.pid = ?";

    /** @param asked another connection of the same user */
    static StreamPulse of(Connection asked, int pid) throws SQLException {
        Pulse process = Pulse.of(asked, pid);
        if (process == Pulse.ALIVE) {
            try (PreparedStatement statement = asked.prepareStatement(QUERY)) {
                statement.setInt(1, pid);
                try (ResultSet row = statement.executeQuery()) {
                    if (row.next() && row.getString(1) != null) {
                        return new StreamPulse(process, Lsn.parse(row.getString(1)), row.getBoolean(2));
                    }
                }
            }
        }
        return new StreamPulse(process, 0, false);
    }

    /**
     * Why nothing can come any more, empty when something may.
     *
     * @param before the pulse before this, with nothing read between
     * @param received the log position we have been told of since
     */
    String dead(StreamPulse before, long received) {
        if (process.dead(before.process)) {
            return process.text();
        }
        return idle && received != 0 && Long.compareUnsigned(received, before.sentUpTo) < 0
                ? "the server has sent its log up to " + Lsn.text(before.sentUpTo) + ", but nothing behind "
                        + Lsn.text(received) + " has arrived"
                : "";
    }
}
