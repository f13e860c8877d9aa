package dev.millrace.ingest.postgres;

import dev.millrace.ingest.postgres.CatalogueTable.ReplicaIdentity;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads tables, columns and keys from the catalogue, as the connection's transaction sees them. System, temporary and foreign tables,
 * views and partitions are left out; the last stand for nothing but their root.
 *
 * <p>A table's key is the primary key (replica identity DEFAULT and FULL) or the index of USING INDEX; there is none for NOTHING, for a
 * deferrable primary key, and for a key with a generated column, because the change log does not carry these. One instance is one reading:
 * types are looked up once. Confined to the connection's thread; the connection is one of {@link Connections}.
 */
final class Catalogue {
    private static final String TABLES = """
      SELECT c.oid::bigint AS oid, n.nspname, c.relname, c.relkind = 'p' AS partitioned, c.relpersistence = 'u' AS unlogged,
             c.relreplident, s.total_rows, s.total_bytes
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN LATERAL (
        SELECT pg_catalog.sum(pg_catalog.pg_table_size(l.oid)) AS total_bytes,
               pg_catalog.sum(pg_catalog.pg_relation_size(l.oid) * CASE
                 WHEN l.relpages > 0 AND l.reltuples >= 0
                   THEN l.reltuples::float8 / l.relpages / pg_catalog.current_setting('block_size')::int
                 ELSE 1.0 / (28 + w.width) END) AS total_rows
        FROM (SELECT c.oid AS leaf WHERE c.relkind = 'r'
              UNION ALL
              SELECT p.relid FROM pg_catalog.pg_partition_tree(c.oid) p WHERE c.relkind = 'p' AND p.isleaf) leaves
        JOIN pg_catalog.pg_class l ON l.oid = leaves.leaf,
             (SELECT coalesce(pg_catalog.sum(CASE WHEN a.attlen > 0 THEN a.attlen ELSE 32 END), 0) AS width
              FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) w
        WHERE ? AND l.relkind = 'r') s ON true
      WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
        AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
        AND (? OR (n.nspname = ? AND c.relname = ?))
      ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C\"""";
    private static final String COLUMNS = """
      SELECT a.attrelid::bigint AS table_oid, a.attname, a.attnum, a.atttypid::bigint AS type_oid, a.atttypmod, a.attnotnull,
             a.attgenerated <> '' AS generated, a.atthasmissing, coalesce(k.position, 0) AS key_position
      FROM pg_catalog.pg_attribute a
      LEFT JOIN LATERAL (
        SELECT u.position
        FROM pg_catalog.pg_index i
        JOIN pg_catalog.pg_class c ON c.oid = i.indrelid,
             LATERAL pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY u(attribute, position)
        WHERE i.indrelid = a.attrelid AND i.indisvalid AND i.indimmediate AND u.position <= i.indnkeyatts AND u.attribute = a.attnum
          AND CASE c.relreplident WHEN 'i' THEN i.indisreplident WHEN 'n' THEN false ELSE i.indisprimary END) k ON true
      WHERE a.attrelid = ANY (?::bigint[]::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
      ORDER BY a.attrelid, a.attnum""";

    private final Connection connection;
    private final TypeCatalogue types;

    Catalogue(Connection connection) {
        this.connection = connection;
        this.types = new TypeCatalogue(connection);
    }

    TypeCatalogue types() {
        return types;
    }

    /**
     * All tables with estimates, in name order. Rows are estimated as the server's planner does it: by the density of rows when the table was
     * last analyzed, or before that by the widths of its columns, and the present size.
     */
    List<CatalogueTable> tables() throws SQLException {
        return read(null, true);
    }

    /** One table, without estimates; empty when there is none of that name that could be chosen. */
    Optional<CatalogueTable> table(TableName name) throws SQLException {
        return read(name, false).stream().findFirst();
    }

    private record TableRow(
            long oid,
            TableName name,
            boolean partitioned,
            boolean unlogged,
            ReplicaIdentity identity,
            long rows,
            long bytes) {}

    private List<CatalogueTable> read(TableName only, boolean estimates) throws SQLException {
        List<TableRow> rows = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(TABLES)) {
            statement.setBoolean(1, estimates);
            statement.setBoolean(2, only == null);
            statement.setString(3, only == null ? null : only.schema());
            statement.setString(4, only == null ? null : only.name());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    rows.add(tableRow(row));
                }
            }
        }
        Map<Long, List<CatalogueColumn>> columns = new HashMap<>();
        Map<Long, List<String>> generated = new HashMap<>();
        readColumns(rows, columns, generated);
        List<CatalogueTable> tables = new ArrayList<>();
        for (TableRow row : rows) {
            List<CatalogueColumn> own = columns.getOrDefault(row.oid, List.of());
            List<String> leftOut = generated.getOrDefault(row.oid, List.of());
            if (!own.isEmpty()) { // a table without columns has no rows anyone could tell of
                tables.add(new CatalogueTable(
                        row.oid,
                        row.name,
                        row.partitioned,
                        row.unlogged,
                        row.identity,
                        own,
                        leftOut,
                        row.rows,
                        row.bytes));
            }
        }
        return tables;
    }

    private static TableRow tableRow(ResultSet row) throws SQLException {
        double rows = row.getDouble("total_rows");
        long estimatedRows = row.wasNull() ? -1 : Math.round(rows);
        long bytes = row.getLong("total_bytes");
        long estimatedBytes = row.wasNull() ? -1 : bytes;
        ReplicaIdentity identity =
                switch (row.getString("relreplident")) {
                    case "d" -> ReplicaIdentity.DEFAULT;
                    case "f" -> ReplicaIdentity.FULL;
                    case "i" -> ReplicaIdentity.INDEX;
                    default -> ReplicaIdentity.NOTHING;
                };
        return new TableRow(
                row.getLong("oid"),
                new TableName(row.getString("nspname"), row.getString("relname")),
                row.getBoolean("partitioned"),
                row.getBoolean("unlogged"),
                identity,
                estimatedRows,
                estimatedBytes);
    }

    private void readColumns(
            List<TableRow> tables, Map<Long, List<CatalogueColumn>> columns, Map<Long, List<String>> generated)
            throws SQLException {
        record Raw(
                long table,
                String name,
                int number,
                int type,
                int typmod,
                boolean notNull,
                int keyPosition,
                boolean filledIn) {}
        List<Raw> found = new ArrayList<>();
        Map<Long, Boolean> keyIsGenerated = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
            statement.setArray(
                    1,
                    connection.createArrayOf(
                            "bigint", tables.stream().map(TableRow::oid).toArray()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    long table = row.getLong("table_oid");
                    int keyPosition = row.getInt("key_position");
                    if (row.getBoolean("generated")) {
                        generated
                                .computeIfAbsent(table, oid -> new ArrayList<>())
                                .add(row.getString("attname"));
                        keyIsGenerated.merge(table, keyPosition > 0, Boolean::logicalOr);
                    } else {
                        found.add(new Raw(
                                table,
                                row.getString("attname"),
                                Column.sourceId(table, row.getInt("attnum")),
                                (int) row.getLong("type_oid"),
                                row.getInt("atttypmod"),
                                row.getBoolean("attnotnull"),
                                keyPosition,
                                row.getBoolean("atthasmissing")));
                    }
                }
            }
        }
        for (Raw raw : found) {
            int keyPosition = keyIsGenerated.getOrDefault(raw.table, false) ? 0 : raw.keyPosition;
            ColumnType type = types.resolve(raw.type, raw.typmod);
            columns.computeIfAbsent(raw.table, oid -> new ArrayList<>())
                    .add(new CatalogueColumn(
                            raw.name, raw.number, raw.type, raw.typmod, raw.notNull, keyPosition, raw.filledIn, type));
        }
    }
}
