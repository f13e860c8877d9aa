package dev.millrace.ingest.postgres;

import dev.millrace.storage.event.TableName;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * How each table is in the pipeline's publications, as one number that changes whenever it was out of them, or they were without an
 * operation, however shortly: a publication and a table's place in it get a new OID when they are made anew.
 */
final class Published {
    /** What a table has that is in none of the publications. */
    static final int NOT_AT_ALL = 0;

    private static final String QUERY =
            "SELECT n.nspname, c.relname, pg_catalog.string_agg(pg_catalog.concat_ws(' ', p.oid, r.oid, p.pubinsert, p.pubupdate, p.pubdelete,"
                    + " p.pubtruncate, p.pubviaroot), ',' ORDER BY p.oid)"
                    + " FROM pg_catalog.pg_publication p JOIN pg_catalog.pg_publication_rel r ON r.prpubid = p.oid"
                    + " JOIN pg_catalog.pg_class c ON c.oid = r.prrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                    + " WHERE p.pubname IN (?, ?) GROUP BY 1, 2";

    private Published() {}

    /** For each of {@code tables}; {@link #NOT_AT_ALL} for those that are in neither publication. */
    static Map<TableName, Integer> read(Connection connection, PostgresSettings settings, Collection<TableName> tables)
            throws SQLException {
        Map<TableName, Integer> published = new TreeMap<>();
        tables.forEach(table -> published.put(table, NOT_AT_ALL));
        try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
            statement.setString(1, settings.publication());
            statement.setString(2, settings.insertPublication());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    String membership = row.getString(3);
                    published.computeIfPresent(
                            new TableName(row.getString(1), row.getString(2)), (table, none) -> sum(membership));
                }
            }
        }
        return published;
    }

    private static int sum(String membership) {
        CRC32C sum = new CRC32C();
        sum.update(membership.getBytes(StandardCharsets.UTF_8));
        return sum.getValue() == NOT_AT_ALL ? 1 : (int) sum.getValue();
    }
}
