package dev.millrace.ingest.postgres;

import dev.millrace.config.error.Finding;
import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.event.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The transactions that may have written to a table before it came into a publication. Who writes to a table holds a lock on it (or on the
 * partition) until he has ended and every later snapshot sees what he did (PostgreSQL manual, "Explicit Locking"), and what is written by one
 * who gets his lock after the publication was altered is published. So those who hold one now are all there are, and nobody else's long
 * transaction is waited for. Of those who come later some are waited for as well, when the wait is begun again, which does no harm.
 */
final class OlderWriters {
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final int MOST_NAMED = 5;

    /** All modes a change of rows takes, TRUNCATE's too. */
    private static final List<String> WRITING =
            List.of("RowExclusiveLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock");

    /** And those in which nobody else may change a publication's tables. */
    private static final List<String> IN_THE_WAY = Stream.concat(
                    WRITING.stream(), Stream.of("ShareUpdateExclusiveLock", "ShareLock"))
            .toList();

    private static final long SOON_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** A prepared transaction's locks have no process. */
    private static final String HOLDERS = """
      WITH RECURSIVE tree AS (
        SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE (n.nspname, c.relname) IN (SELECT * FROM ROWS FROM (pg_catalog.unnest(?::text[]), pg_catalog.unnest(?::text[])))
        UNION
        SELECT i.inhrelid FROM tree t JOIN pg_catalog.pg_inherits i ON i.inhparent = t.oid)
      SELECT DISTINCT l.virtualtransaction, coalesce(l.pid, 0), coalesce(x.gid, ''),
             coalesce(pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - coalesce(a.xact_start, x.prepared))::bigint, 0)
      FROM pg_catalog.pg_locks l
      LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
      LEFT JOIN pg_catalog.pg_locks i ON l.pid IS NULL AND i.pid IS NULL AND i.locktype = 'transactionid'
                                     AND i.virtualtransaction = l.virtualtransaction
      LEFT JOIN pg_catalog.pg_prepared_xacts x ON x.transaction = i.transactionid
      WHERE l.locktype = 'relation' AND l.granted AND l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid()
        AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
        AND l.mode = ANY (?)
        AND l.relation IN (SELECT oid FROM tree)
      ORDER BY 4 DESC""";

    /**
     * @param transaction the server's name of it, never given twice while it runs
     * @param pid 0 for a prepared one
     * @param prepared the name it was prepared under, empty for others
     */
    private record Writer(String transaction, int pid, String prepared, long seconds) {
        String name() {
            return pid == 0 ? "prepared transaction '" + prepared + "'" : "process " + pid;
        }

        String text() {
            return name() + ", open for " + seconds + " s";
        }

        /** Without the time, so that the same one is told of once. */
        Finding inTheWay() {
            return Finding.failed(
                    "writers",
                    "OLDER_WRITERS",
                    "It is in use by " + name() + ", in a transaction that has not ended",
                    "It joins by itself after that. To end it: " + end());
        }

        String end() {
            return pid == 0
                    ? "ROLLBACK PREPARED " + Quoted.literal(prepared) + ";"
                    : "SELECT pg_terminate_backend(" + pid + ");";
        }
    }

    private OlderWriters() {}

    /**
     * Returns when everybody who was writing to {@code tables} at the call has ended; waits lockTimeout at most.
     *
     * @throws MillraceException EXTERNAL OLDER_WRITERS when somebody has not; to be tried again
     */
    static void awaitEnd(Connection connection, PostgresSettings settings, Collection<TableName> tables)
            throws SQLException {
        long until = System.nanoTime() + settings.lockTimeout().toNanos();
        List<Writer> writers = holders(connection, tables);
        while (!writers.isEmpty()) {
            if (System.nanoTime() - until >= 0 || Thread.currentThread().isInterrupted()) {
                throw stillThere(settings, tables, writers);
            }
            LockSupport.parkNanos(LOOK_NANOS);
            writers = ofThem(writers, holders(connection, tables));
        }
    }

    /**
     * Those of {@code tables} that a stream which begins with them now could wait long for, because somebody writes to one or keeps it from
     * being published, and is still at it two seconds later. By watching and not by the server's word for how long: that is only for the eyes
     * of the user himself.
     */
    static Map<TableName, Finding> busy(Connection connection, Collection<TableName> tables) throws SQLException {
        Map<TableName, List<Writer>> holders = new TreeMap<>();
        for (TableName table : tables) {
            holders.put(table, holders(connection, List.of(table), IN_THE_WAY));
        }
        holders.values().removeIf(List::isEmpty);
        long until = System.nanoTime() + SOON_NANOS;
        while (!holders.isEmpty()
                && System.nanoTime() - until < 0
                && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(LOOK_NANOS);
            for (Map.Entry<TableName, List<Writer>> before : holders.entrySet()) {
                before.setValue(ofThem(before.getValue(), holders(connection, List.of(before.getKey()), IN_THE_WAY)));
            }
            holders.values().removeIf(List::isEmpty);
        }
        Map<TableName, Finding> busy = new TreeMap<>();
        holders.forEach((table, still) -> busy.put(table, still.get(0).inTheWay()));
        return busy;
    }

    private static List<Writer> ofThem(List<Writer> before, List<Writer> now) {
        Set<String> them = before.stream().map(Writer::transaction).collect(Collectors.toCollection(HashSet::new));
        return now.stream().filter(writer -> them.contains(writer.transaction)).toList();
    }

    private static List<Writer> holders(Connection connection, Collection<TableName> tables) throws SQLException {
        return holders(connection, tables, WRITING);
    }

    private static List<Writer> holders(Connection connection, Collection<TableName> tables, List<String> modes)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(HOLDERS)) {
            statement.setArray(
                    1,
                    connection.createArrayOf(
                            "text", tables.stream().map(TableName::schema).toArray()));
            statement.setArray(
                    2,
                    connection.createArrayOf(
                            "text", tables.stream().map(TableName::name).toArray()));
            statement.setArray(3, connection.createArrayOf("text", modes.toArray()));
            List<Writer> writers = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    writers.add(new Writer(row.getString(1), row.getInt(2), row.getString(3), row.getLong(4)));
                }
            }
            return writers;
        }
    }

    private static MillraceException stillThere(
            PostgresSettings settings, Collection<TableName> tables, List<Writer> writers) {
        List<Writer> named = writers.subList(0, Math.min(MOST_NAMED, writers.size()));
        return MillraceException.external(
                "OLDER_WRITERS",
                "Cannot stream from " + settings.address() + " yet",
                "transactions that wrote to tables new in the publication (" + named(tables) + ") have not ended: "
                        + named.stream().map(Writer::text).collect(Collectors.joining("; "))
                        + (writers.size() > named.size() ? "; and " + (writers.size() - named.size()) + " more" : "")
                        + ". What they did comes neither with the stream nor with a load that begins before their end",
                "It goes on by itself when they end. To end them: "
                        + named.stream().map(Writer::end).collect(Collectors.joining(" ")),
                null);
    }

    private static String named(Collection<TableName> tables) {
        String some = tables.stream().limit(MOST_NAMED).map(TableName::toString).collect(Collectors.joining(", "));
        return tables.size() > MOST_NAMED ? some + ", …" : some;
    }
}
