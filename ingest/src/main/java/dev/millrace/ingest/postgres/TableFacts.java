package dev.millrace.ingest.postgres;

import dev.millrace.storage.event.TableName;
import java.nio.ByteBuffer;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * What of a table can change without a row event, read cheaply and without taking a lock (pg_inherits is walked by hand for that).
 *
 * @param identity whether all changes are published, and the key's column numbers
 * @param columns one text of all that describes the columns; compared only
 * @param storage the table's own file, 0 for a partitioned one
 * @param filledIn names of columns that older rows show a never-written default in, in the table or a partition
 * @param parts all partitions, oldest first; empty for an ordinary table
 */
record TableFacts(
        TableName table,
        long oid,
        boolean partitioned,
        String identity,
        String columns,
        long storage,
        Set<String> filledIn,
        List<Part> parts) {

    /**
     * A partition.
     *
     * @param storage its file, 0 for one that has partitions itself; a new one by TRUNCATE or a rewrite
     * @param bornInPlace created as a partition (CREATE TABLE … PARTITION OF), so it was empty; else attached with what it held
     */
    record Part(long oid, long storage, boolean bornInPlace) {}

    /** How many commands of its transaction may lie between a partition's first row in the catalogue and its link to the parent. */
    private static final int COMMANDS_OF_ONE_CREATE = 3;

    private static final String QUERY = """
      SELECT n.nspname, c.relname, c.oid::bigint, c.relkind = 'p', coalesce(pg_catalog.pg_relation_filenode(c.oid), 0)::bigint,
             (c.relreplident = 'f' OR k.indkey IS NOT NULL) || ':' || coalesce(k.indkey::text, ''),
             (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', a.attnum, a.atttypid, a.atttypmod, a.attnotnull, a.attgenerated,
                                                                a.atthasmissing, a.attname), ',' ORDER BY a.attnum)
              FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
             p.oids, p.files, p.born,
             ARRAY(SELECT DISTINCT a.attname::text FROM pg_catalog.pg_attribute a
                   WHERE a.atthasmissing AND a.attnum > 0 AND NOT a.attisdropped AND a.attrelid = ANY (c.oid || coalesce(p.members, '{}')))
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN LATERAL (
        SELECT i.indkey FROM pg_catalog.pg_index i
        WHERE i.indrelid = c.oid AND i.indisvalid AND i.indimmediate
          AND CASE c.relreplident WHEN 'i' THEN i.indisreplident WHEN 'n' THEN false ELSE i.indisprimary END LIMIT 1) k ON true
      LEFT JOIN LATERAL (
        WITH RECURSIVE tree AS (
          SELECT h.inhrelid, h.xmin AS linked, h.cmin::text::bigint AS command FROM pg_catalog.pg_inherits h
          WHERE h.inhparent = c.oid AND c.relkind = 'p'
          UNION ALL
          SELECT h.inhrelid, h.xmin, h.cmin::text::bigint FROM tree t JOIN pg_catalog.pg_inherits h ON h.inhparent = t.inhrelid)
        SELECT pg_catalog.array_agg(t.inhrelid::bigint ORDER BY pg_catalog.age(t.linked) DESC, t.inhrelid) AS oids,
               pg_catalog.array_agg(t.inhrelid) AS members,
               pg_catalog.array_agg(coalesce(pg_catalog.pg_relation_filenode(t.inhrelid), 0)::bigint
                                    ORDER BY pg_catalog.age(t.linked) DESC, t.inhrelid) AS files,
               pg_catalog.array_agg(t.linked = s.xmin AND t.command - s.cmin::text::bigint BETWEEN 0 AND ?
                                    ORDER BY pg_catalog.age(t.linked) DESC, t.inhrelid) AS born
        FROM tree t JOIN pg_catalog.pg_attribute s ON s.attrelid = t.inhrelid AND s.attname = 'tableoid') p ON true
      WHERE c.relkind IN ('r', 'p')
        AND (n.nspname, c.relname) IN (SELECT * FROM ROWS FROM (pg_catalog.unnest(?::text[]), pg_catalog.unnest(?::text[])))
      ORDER BY 1, 2""";

    TableFacts {
        filledIn = Set.copyOf(filledIn);
        parts = List.copyOf(parts);
    }

    static List<TableFacts> read(Connection connection, Collection<TableName> tables) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
            statement.setInt(1, COMMANDS_OF_ONE_CREATE);
            statement.setArray(
                    2,
                    connection.createArrayOf(
                            "text", tables.stream().map(TableName::schema).toArray()));
            statement.setArray(
                    3,
                    connection.createArrayOf(
                            "text", tables.stream().map(TableName::name).toArray()));
            List<TableFacts> facts = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    Object[] filledIn = (Object[]) row.getArray(11).getArray();
                    facts.add(new TableFacts(
                            new TableName(row.getString(1), row.getString(2)),
                            row.getLong(3),
                            row.getBoolean(4),
                            row.getString(6),
                            row.getString(7) == null ? "" : row.getString(7),
                            row.getLong(5),
                            Set.of(java.util.Arrays.copyOf(filledIn, filledIn.length, String[].class)),
                            parts(row.getArray(8), row.getArray(9), row.getArray(10))));
                }
            }
            return facts;
        }
    }

    private static List<Part> parts(Array oids, Array files, Array born) throws SQLException {
        List<Part> parts = new ArrayList<>();
        if (oids != null) {
            Long[] numbers = (Long[]) oids.getArray();
            Long[] storages = (Long[]) files.getArray();
            Boolean[] inPlace = (Boolean[]) born.getArray();
            for (int i = 0; i < numbers.length; i++) {
                parts.add(new Part(numbers[i], storages[i], inPlace[i]));
            }
        }
        return parts;
    }

    /** How many of the partitions, from the newest back, were created in place one after the other. */
    int bornInPlace() {
        int count = 0;
        while (count < parts.size() && parts.get(parts.size() - 1 - count).bornInPlace) {
            count++;
        }
        return count;
    }

    /** CRC32C of where the rows are kept, without the {@code newest} newest partitions. */
    int storageSum(int newest) {
        CRC32C sum = new CRC32C();
        add(sum, oid, storage);
        parts.subList(0, parts.size() - newest).stream()
                .sorted(Comparator.comparingLong(Part::oid))
                .forEach(part -> add(sum, part.oid, part.storage));
        return (int) sum.getValue();
    }

    /** Why the content is another than that of {@code before} as far as partitions are concerned; empty when it is not. */
    String partsChangedSince(TableFacts before) {
        for (Part part : before.parts) {
            Part present = parts.stream()
                    .filter(now -> now.oid == part.oid)
                    .findFirst()
                    .orElse(null);
            if (present == null) {
                return "a partition was detached or dropped";
            }
            if (present.storage != part.storage) {
                return "a partition was emptied or rewritten";
            }
        }
        for (Part part : parts) {
            if (!part.bornInPlace && before.parts.stream().noneMatch(old -> old.oid == part.oid)) {
                return "a partition was attached";
            }
        }
        return "";
    }

    private static void add(CRC32C sum, long oid, long storage) {
        sum.update(ByteBuffer.allocate(16).putLong(oid).putLong(storage).flip());
    }
}
