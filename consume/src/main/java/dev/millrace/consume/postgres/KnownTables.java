package dev.millrace.consume.postgres;

import dev.millrace.consume.destination.TableChangedException;
import dev.millrace.consume.destination.TargetName;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The tables that rows were loaded into since the position was claimed, by their oids: nothing is committed in a table that was made again under a
 * name meanwhile before somebody has looked at it. That costs one question for each table, and a condition of the statement that moves the position.
 * Thread-safe; a transaction's share is confined to its thread.
 */
final class KnownTables {
    /** A condition, with the parameters of {@link Used#set}: all tables that the transaction has loaded are those that are known. */
    static final String ARE_THE_SAME = "(SELECT count(*) FROM unnest(?::text[], ?::bigint[]) AS u (name, known)"
            + " WHERE pg_catalog.to_regclass(u.name)::oid = u.known::oid) = ?";

    private final Map<TargetName, Long> known = new ConcurrentHashMap<>();
    private final Set<TargetName> onlyRead = ConcurrentHashMap.newKeySet();

    /** What was found before the claim doesn't count. */
    void forget() {
        known.clear();
        onlyRead.clear();
    }

    /** Those with a history that hold nothing but rows that loads have read; may be changed, by the one transaction that loads a table. */
    Set<TargetName> onlyRead() {
        return onlyRead;
    }

    /** A transaction's share. */
    Used used() {
        return new Used();
    }

    /** The tables that one transaction has loaded rows into. */
    final class Used {
        private final Map<TargetName, Long> tables = new HashMap<>();
        private final Set<TargetName> made = new HashSet<>();

        private Used() {}

        /** The transaction has made the table. */
        void made(TargetName table) {
            made.add(table);
            tables.remove(table);
        }

        /** Rows are about to be loaded into it. */
        void loads(Connection connection, TargetName table) throws SQLException {
            if (tables.containsKey(table)) {
                return;
            }
            Long oid = made.contains(table) ? null : known.get(table);
            if (oid == null) {
                oid = ask(connection, table);
            }
            tables.put(table, oid);
        }

        private static long ask(Connection connection, TargetName table) throws SQLException {
            try (PreparedStatement statement =
                    connection.prepareStatement("SELECT coalesce(pg_catalog.to_regclass(?)::oid::bigint, 0)")) {
                statement.setString(1, Quoted.table(table));
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    return row.getLong(1);
                }
            }
        }

        /** Sets the three parameters of {@link #ARE_THE_SAME}, {@code from} on. */
        void set(PreparedStatement statement, int from) throws SQLException {
            List<String> names = new ArrayList<>();
            List<Long> oids = new ArrayList<>();
            tables.forEach((table, oid) -> {
                names.add(Quoted.table(table));
                oids.add(oid);
            });
            Connection connection = statement.getConnection();
            Array allNames = connection.createArrayOf("text", names.toArray());
            Array allOids = connection.createArrayOf("int8", oids.toArray());
            statement.setArray(from, allNames);
            statement.setArray(from + 1, allOids);
            statement.setLong(from + 2, names.size());
        }

        /** @throws TableChangedException one of them is another one */
        void requireSame(Connection connection) throws SQLException {
            for (Map.Entry<TargetName, Long> table : tables.entrySet()) {
                if (ask(connection, table.getKey()) != table.getValue()) {
                    known.remove(table.getKey());
                    throw new TableChangedException(
                            "TABLE_CHANGED_OUTSIDE",
                            "Rows of table '" + table.getKey() + "' aren't committed",
                            "the table was dropped or renamed at the destination, and another one has its name",
                            "What became of it is looked at.",
                            null);
                }
            }
        }

        void committed() {
            known.putAll(tables);
        }
    }
}
