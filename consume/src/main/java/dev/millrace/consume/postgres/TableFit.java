package dev.millrace.consume.postgres;

import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.consume.destination.TableRefusedException;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Whether a table that is there holds, after a load, what was loaded: what people make of tables (views under their names, rules, policies,
 * generated columns, other collations) may hide rows, swallow them, or take two keys for one. For one look; confined to one thread.
 */
final class TableFit {
    private static final String OF_TABLE = " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace";
    private static final String NAMED = " WHERE n.nspname = ? AND c.relname = ?";
    private static final String LEAVES =
            "EXISTS (SELECT FROM pg_partition_tree(c.oid) p JOIN pg_class l ON l.oid = p.relid WHERE ";

    private final Connection connection;
    private final TargetTable table;
    private final String quoted;
    private final Map<String, TargetColumn> ours = new HashMap<>();

    private TableFit(Connection connection, TargetTable table) {
        this.connection = connection;
        this.table = table;
        this.quoted = Quoted.table(table.name());
        table.columns().forEach(column -> ours.put(column.name(), column));
    }

    /**
     * Asks the server's catalogue.
     *
     * @param replaced whether its rows, and its key, are about to be replaced
     * @throws TableRefusedException TABLE_DIFFERS
     */
    static void require(Connection connection, TargetTable table, boolean replaced) throws SQLException {
        TableFit fit = new TableFit(connection, table);
        boolean filledIn = fit.whole();
        fit.columns(filledIn);
        if (table.keyed() && table.mode() == LoadMode.MERGE && !replaced) {
            fit.key();
        }
    }

    /** Returns whether a trigger of somebody's may fill in cells of a row before it is written. */
    private boolean whole() throws SQLException {
        String sql = "SELECT c.relkind, row_security_active(c.oid), EXISTS (SELECT FROM pg_rewrite r"
                + " WHERE r.ev_class = c.oid AND r.ev_type <> '1' AND r.ev_enabled <> 'D'), c.relpersistence = 'u' OR "
                + LEAVES
                + "l.relpersistence = 'u'), " + LEAVES
                + "l.relkind = 'f'), EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal"
                + " AND g.tgenabled <> 'D' AND g.tgtype & 7 = 7)" + OF_TABLE + NAMED;
        try (PreparedStatement statement = named(sql);
                ResultSet row = statement.executeQuery()) {
            if (!row.next()) {
                return true; // gone meanwhile: the first statement says so
            }
            String kind = row.getString(1);
            if (!kind.equals("r") && !kind.equals("p") || row.getBoolean(5)) {
                String what =
                        kind.equals("v") ? "a view" : kind.equals("m") ? "a materialized view" : "a foreign table";
                throw differs(
                        kind.equals("p") ? "it has a partition that is a foreign table" : "it is " + what,
                        "Rows are loaded into plain tables: give the name back to the table, and the other one a name of its own");
            }
            if (row.getBoolean(2)) {
                throw differs(
                        "row-level security holds for the user that loads, who would neither see nor change rows that its policies hide",
                        "Let an administrator run: ALTER ROLE … BYPASSRLS for that user, or ALTER TABLE " + quoted
                                + " DISABLE ROW LEVEL SECURITY; where the user owns the table, NO FORCE ROW LEVEL SECURITY is enough");
            }
            if (row.getBoolean(3)) {
                throw differs(
                        "it has rules, by which other things are done than rows written or deleted",
                        "Drop them (\\d " + table.name() + " in psql lists them), and use triggers in their place");
            }
            if (row.getBoolean(4)) {
                throw differs(
                        "it is unlogged: the server empties it after a crash, and what was loaded would be missing without a word",
                        "ALTER TABLE " + quoted + " SET LOGGED");
            }
            return row.getBoolean(6);
        }
    }

    private void columns(boolean filledIn) throws SQLException {
        String sql =
                "SELECT a.attname, a.attgenerated <> '', a.attidentity = 'a', NOT coalesce(l.collisdeterministic, true),"
                        + " a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AND t.typdefault IS NULL" + OF_TABLE
                        + " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
                        + " JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_collation l ON l.oid = a.attcollation"
                        + NAMED
                        + " ORDER BY a.attnum";
        try (PreparedStatement statement = named(sql);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                String name = row.getString(1);
                String alter = "ALTER TABLE " + quoted + " ALTER COLUMN " + Quoted.identifier(name) + " ";
                TargetColumn our = ours.get(name);
                if (our == null) {
                    if (row.getBoolean(5) && !filledIn) {
                        throw differs(
                                "its column '" + name + "', which isn't loaded, is NOT NULL and has no default",
                                alter + "SET DEFAULT …, or " + alter + "DROP NOT NULL");
                    }
                } else if (row.getBoolean(2)) {
                    throw differs(
                            "column '" + name + "' is generated there, and takes no values", alter + "DROP EXPRESSION");
                } else if (row.getBoolean(3)) {
                    throw differs(
                            "column '" + name + "' is GENERATED ALWAYS AS IDENTITY there, and takes no values",
                            alter + "SET GENERATED BY DEFAULT");
                } else if (our.inKey() && row.getBoolean(4)) {
                    throw differs(
                            "column '" + name
                                    + "' of the key has a nondeterministic collation there, so that keys that differ at the source may be one",
                            alter + "TYPE " + ColumnType.of(our).sql() + " COLLATE pg_catalog.\"default\"");
                }
            }
        }
    }

    /** A row is written over the one that has its key by a unique index on just that; one that may wait finds none. */
    private void key() throws SQLException {
        List<String> names = table.key().stream().map(TargetColumn::name).toList();
        Set<String> wanted = new HashSet<>(names);
        String sql = "SELECT array_agg(a.attname::text)" + OF_TABLE
                + " JOIN pg_index i ON i.indrelid = c.oid AND i.indisunique AND i.indimmediate AND i.indisvalid"
                + " AND i.indpred IS NULL AND i.indexprs IS NULL"
                + " CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)"
                + " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum" + NAMED
                + " AND k.place <= i.indnkeyatts GROUP BY i.indexrelid";
        try (PreparedStatement statement = named(sql);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                if (wanted.equals(
                        Set.copyOf(Arrays.asList((String[]) row.getArray(1).getArray())))) {
                    return;
                }
            }
        }
        String key = names.stream().map(Quoted::identifier).collect(Collectors.joining(", "));
        throw differs(
                "it has no primary key or unique constraint on just its key, " + names + ", that is held at once",
                "ALTER TABLE " + quoted + " ADD PRIMARY KEY (" + key + ")");
    }

    private PreparedStatement named(String sql) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        statement.setString(1, table.name().schema());
        statement.setString(2, table.name().name());
        return statement;
    }

    private TableRefusedException differs(String why, String remedy) {
        return new TableRefusedException(
                "TABLE_DIFFERS",
                "Table '" + table.name() + "' at the destination can't be loaded as it is",
                why,
                remedy + "; then its events are loaded by themselves.");
    }
}
