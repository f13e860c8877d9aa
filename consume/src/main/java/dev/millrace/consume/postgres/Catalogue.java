package dev.millrace.consume.postgres;

import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.destination.ExistingTable;
import dev.millrace.consume.destination.TargetName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Questions to the server's catalogue. */
final class Catalogue {
    private Catalogue() {}

    static boolean hasTable(Connection connection, TargetName table) throws SQLException {
        String sql =
                "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ? AND c.relname = ?"
                        + " AND c.relkind IN ('r', 'p', 'f', 'v', 'm')";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, table.schema());
            statement.setString(2, table.name());
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }

    /** Whatever has that name, with its columns in order. */
    static Optional<ExistingTable> describe(Connection connection, TargetName table) throws SQLException {
        String sql = "SELECT a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull, c.oid,"
                + " (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()) FROM pg_attribute a"
                + " JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
                + " WHERE n.nspname = ? AND c.relname = ? AND c.relkind IN ('r', 'p', 'f', 'v', 'm')"
                + " AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";
        List<ExistingTable.ExistingColumn> columns = new ArrayList<>();
        ExistingTable.Identity identity = ExistingTable.Identity.NONE;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, table.schema());
            statement.setString(2, table.name());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    columns.add(
                            new ExistingTable.ExistingColumn(row.getString(1), row.getString(2), row.getBoolean(3)));
                    identity = new ExistingTable.Identity(row.getString(5), row.getString(4));
                }
            }
        }
        return columns.isEmpty() ? Optional.empty() : Optional.of(new ExistingTable(table, columns, identity));
    }

    /** A primary key: its constraint's name and its columns in key order; both empty where there is none. */
    record PrimaryKey(String name, List<String> columns) {}

    static PrimaryKey primaryKey(Connection connection, TargetName table) throws SQLException {
        String sql = "SELECT x.relname, a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
                + " JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_class x ON x.oid = i.indexrelid"
                + " CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)"
                + " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum"
                + " WHERE n.nspname = ? AND c.relname = ? AND i.indisprimary ORDER BY k.place";
        String name = "";
        List<String> columns = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, table.schema());
            statement.setString(2, table.name());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    name = row.getString(1);
                    columns.add(row.getString(2));
                }
            }
        }
        return new PrimaryKey(name, columns);
    }

    /** The statement that holds the constraints of the table, or that refer to it, against rows at once; none where all are already. */
    static List<String> checkAtOnce(Connection connection, TargetName table) throws SQLException {
        String sql = "SELECT string_agg(DISTINCT format('%I.%I', s.nspname, k.conname), ', ') FROM pg_constraint k"
                + " JOIN pg_namespace s ON s.oid = k.connamespace JOIN pg_class c ON c.oid IN (k.conrelid, k.confrelid)"
                + " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ? AND c.relname = ? AND k.condeferrable";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, table.schema());
            statement.setString(2, table.name());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                String names = row.getString(1);
                return names == null ? List.of() : List.of("SET CONSTRAINTS " + names + " IMMEDIATE");
            }
        }
    }

    /** Makes the schema only where it is missing: even IF NOT EXISTS asks for the privilege to make one. */
    static void makeSchema(Connection connection, String schema) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT 1 FROM pg_namespace WHERE nspname = ?")) {
            statement.setString(1, schema);
            try (ResultSet row = statement.executeQuery()) {
                if (row.next()) {
                    return;
                }
            }
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE SCHEMA IF NOT EXISTS " + Quoted.identifier(schema));
        } catch (SQLException e) {
            if (PostgresErrors.isDuplicate(e)) {
                throw MillraceException.external(
                        "SERVER_CONFLICT",
                        "Cannot make schema '" + schema + "'",
                        "another session made it meanwhile",
                        "It is tried again.",
                        e);
            }
            throw e;
        }
    }
}
