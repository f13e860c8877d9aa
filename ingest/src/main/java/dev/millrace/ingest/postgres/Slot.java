package dev.millrace.ingest.postgres;

import dev.millrace.config.error.MillraceException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The pipeline's replication slot as the server shows it. It is made once, when a pipeline begins, and never again in silence: a slot that
 * went missing took changes with it.
 *
 * @param lost why the server no longer keeps the log for it, empty when it does
 * @param activePid the process that streams from it, 0 for none
 * @param confirmed everything before was confirmed; 0 for a slot that is not logical
 */
record Slot(
        String name, String plugin, String database, boolean temporary, String lost, int activePid, long confirmed) {

    private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Columns of later versions (invalidation_reason since 17) are asked for by name in JSON, which knows what is not there. */
    private static final String QUERY =
            "SELECT s.slot_name, coalesce(s.plugin, ''), coalesce(s.database, ''), s.temporary, coalesce(s.active_pid, 0),"
                    + " coalesce(s.confirmed_flush_lsn, '0/0')::text,"
                    + " CASE WHEN s.wal_status = 'lost' OR pg_catalog.to_jsonb(s) ->> 'invalidation_reason' IS NOT NULL"
                    + " THEN concat_ws(', ', 'wal_status=' || s.wal_status,"
                    + " 'invalidation_reason=' || (pg_catalog.to_jsonb(s) ->> 'invalidation_reason')) ELSE '' END"
                    + " FROM pg_catalog.pg_replication_slots s WHERE s.slot_name = ?";

    static Optional<Slot> find(Connection connection, String name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? Optional.of(new Slot(
                                row.getString(1),
                                row.getString(2),
                                row.getString(3),
                                row.getBoolean(4),
                                row.getString(7),
                                row.getInt(5),
                                Lsn.parse(row.getString(6))))
                        : Optional.empty();
            }
        }
    }

    /** As {@link #find}, but gives a reader that was cut off (our own, before a restart) some seconds until the server has noticed. */
    static Optional<Slot> whenFree(Connection connection, String name) throws SQLException {
        long until = System.nanoTime() + GRACE_NANOS;
        Optional<Slot> slot = find(connection, name);
        while (slot.isPresent()
                && slot.get().activePid != 0
                && System.nanoTime() < until
                && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(GRACE_NANOS / 100);
            slot = find(connection, name);
        }
        return slot;
    }

    /**
     * Ends a reader of the slot that was ours and whose connection is gone at this end: the server may not notice for as long as
     * wal_sender_timeout, and keeps the slot until then.
     *
     * @param processes of our readers that have ended here
     */
    static void endReaders(Connection connection, String name, List<Integer> processes) throws SQLException {
        if (processes.isEmpty()) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT pg_catalog.pg_terminate_backend(a.pid) FROM pg_catalog.pg_replication_slots s"
                        + " JOIN pg_catalog.pg_stat_activity a ON a.pid = s.active_pid"
                        + " WHERE s.slot_name = ? AND s.active_pid = ANY (?) AND a.usename = current_user"
                        + " AND a.application_name = pg_catalog.current_setting('application_name')")) {
            statement.setString(1, name);
            statement.setArray(2, connection.createArrayOf("int4", processes.toArray()));
            statement.execute();
        }
    }

    /** Makes the slot; every transaction that ends behind the returned LSN comes whole. Waits for the transactions running now. */
    static long create(Connection connection, PostgresSettings settings) {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT lsn::text FROM pg_catalog.pg_create_logical_replication_slot(?, 'pgoutput')")) {
            statement.setString(1, settings.slot());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return Lsn.parse(row.getString(1));
            }
        } catch (SQLException e) {
            String what = "Cannot make replication slot '" + settings.slot() + "'";
            if (PostgresErrors.state(e).equals("57014")
                    || PostgresErrors.state(e).equals("55P03")) {
                throw MillraceException.external(
                        "SLOT_NOT_READY",
                        what,
                        "a transaction was open for longer than lockTimeout, and a slot begins only when all that were open have ended",
                        "Look for it: SELECT pid, xact_start, query FROM pg_stat_activity WHERE backend_xid IS NOT NULL ORDER BY xact_start;",
                        e);
            }
            throw PostgresErrors.of(what, e);
        }
    }

    static void drop(Connection connection, String name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT pg_catalog.pg_drop_replication_slot(slot_name) FROM pg_catalog.pg_replication_slots WHERE slot_name = ?")) {
            statement.setString(1, name);
            statement.execute();
        }
    }

    /** That it is a slot this pipeline could have made, and has kept its log. */
    void requireUsable(PostgresSettings settings) {
        if (!plugin.equals("pgoutput") || !database.equals(settings.database()) || temporary) {
            throw MillraceException.user(
                    "SLOT_NOT_OURS",
                    "Cannot use replication slot '" + name + "'",
                    "it is of plugin '" + plugin + "' on database '" + database + "'" + (temporary ? ", temporary" : "")
                            + ", not of pgoutput on '" + settings.database() + "'",
                    "Name another slot in the setting 'slot'.");
        }
        if (!lost.isEmpty()) {
            throw MillraceException.user(
                    "SLOT_LOST",
                    "Source of pipeline '" + settings.pipeline() + "' cannot resume: slot '" + name
                            + "' has lost its log",
                    lost,
                    "Raise max_slot_wal_keep_size at the server (or idle_replication_slot_timeout, if the reason names it), then begin again. "
                            + settings.loadAnew());
        }
    }

    /** That nobody else streams from it. */
    void requireFree() {
        if (activePid != 0) {
            throw MillraceException.external(
                    "SLOT_TAKEN",
                    "Cannot use replication slot '" + name + "'",
                    "process " + activePid + " of the server is streaming from it",
                    "Stop the other reader (SELECT * FROM pg_stat_replication shows it), or name another slot; it is tried again.",
                    null);
        }
    }

    /** That the server still has everything behind {@code end}. */
    void requireBehind(long end, PostgresSettings settings) {
        if (Long.compareUnsigned(confirmed, end) > 0) {
            throw MillraceException.user(
                    "SLOT_AHEAD",
                    "Source of pipeline '" + settings.pipeline() + "' cannot resume at " + Lsn.text(end),
                    "slot '" + name + "' stands at " + Lsn.text(confirmed)
                            + ": something else has read from it, or our state is from before",
                    "What lies between is gone from the server. " + settings.loadAnew());
        }
    }

    /** The same for a slot that is being read: whoever had it in between has not moved it beyond {@code end}. */
    static void requireStillBehind(CatalogueLink link, PostgresSettings settings, long end) {
        link.ask("Cannot ask where slot '" + settings.slot() + "' stands", connection -> {
            find(connection, settings.slot())
                    .orElseThrow(() -> missing(settings))
                    .requireBehind(end, settings);
            return null;
        });
    }

    static MillraceException missing(PostgresSettings settings) {
        return MillraceException.user(
                "SLOT_MISSING",
                "Source of pipeline '" + settings.pipeline() + "' cannot resume: slot '" + settings.slot()
                        + "' is not there",
                "it was dropped, or this is a copy of the server that was made without its slots",
                "The changes since our last offset are gone with it. " + settings.loadAnew());
    }
}
