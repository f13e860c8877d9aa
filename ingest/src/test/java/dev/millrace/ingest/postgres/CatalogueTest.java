package dev.millrace.ingest.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.ingest.postgres.CatalogueTable.ReplicaIdentity;
import dev.millrace.ingest.source.SourceObject;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class CatalogueTest {
    private static final String TABLES = """
      CREATE SCHEMA "Odd ""schema";
      CREATE TABLE plain (b text, a int, c text, PRIMARY KEY (a, b) INCLUDE (c));
      CREATE TABLE "Odd ""schema"."Odd.table ☺" ("the ""key" int PRIMARY KEY, "select" text);
      CREATE TABLE whole (a int PRIMARY KEY, b text); ALTER TABLE whole REPLICA IDENTITY FULL;
      CREATE TABLE whole_without_key (a int); ALTER TABLE whole_without_key REPLICA IDENTITY FULL;
      CREATE TABLE by_index (a int PRIMARY KEY, b text NOT NULL, c int NOT NULL); CREATE UNIQUE INDEX other ON by_index (c, b);
      ALTER TABLE by_index REPLICA IDENTITY USING INDEX other;
      CREATE TABLE nothing (a int PRIMARY KEY); ALTER TABLE nothing REPLICA IDENTITY NOTHING;
      CREATE TABLE without_key (a int UNIQUE);
      CREATE TABLE deferrable_key (a int PRIMARY KEY DEFERRABLE);
      CREATE TABLE generated (a int PRIMARY KEY, b int GENERATED ALWAYS AS (a * 2) STORED, c text);
      CREATE TABLE generated_key (a int, b int GENERATED ALWAYS AS (a * 2) STORED PRIMARY KEY);
      CREATE UNLOGGED TABLE unlogged (a int PRIMARY KEY);
      CREATE TABLE no_columns ();
      CREATE VIEW a_view AS SELECT 1 AS a;
      CREATE MATERIALIZED VIEW a_materialized_view AS SELECT 1 AS a;
      CREATE TABLE root (a int, b int, PRIMARY KEY (b, a)) PARTITION BY RANGE (a);
      CREATE TABLE part PARTITION OF root FOR VALUES FROM (0) TO (10) PARTITION BY LIST (b);
      CREATE TABLE part_1 PARTITION OF part FOR VALUES IN (1);
      CREATE TABLE dropped (a int PRIMARY KEY, gone int, b text DEFAULT 'x'); ALTER TABLE dropped DROP COLUMN gone;
      ALTER TABLE dropped ADD COLUMN late int NOT NULL DEFAULT 7""";

    @Test
    void tablesAreFoundWithTheirKeysAndWhatCannotBeChosenIsLeftOut() throws Exception {
        Map<String, CatalogueTable> tables = read(TABLES);
        assertEquals(
                List.of(
                        "Odd \"schema.Odd.table ☺",
                        "public.by_index",
                        "public.deferrable_key",
                        "public.dropped",
                        "public.generated",
                        "public.generated_key",
                        "public.nothing",
                        "public.plain",
                        "public.root",
                        "public.unlogged",
                        "public.whole",
                        "public.whole_without_key",
                        "public.without_key"),
                tables.keySet().stream().sorted().toList());
    }

    @Test
    void keysFollowTheReplicaIdentityAndWhatIsLeftOutIsNoted() throws Exception {
        Map<String, CatalogueTable> tables = read(TABLES);
        assertEquals(List.of("a", "b"), key(tables.get("public.plain")));
        assertEquals(List.of("the \"key"), key(tables.get("Odd \"schema.Odd.table ☺")));
        assertEquals(List.of("a"), key(tables.get("public.whole")));
        assertEquals(ReplicaIdentity.FULL, tables.get("public.whole").identity());
        assertEquals(List.of("c", "b"), key(tables.get("public.by_index")));
        assertEquals(ReplicaIdentity.INDEX, tables.get("public.by_index").identity());
        assertEquals(List.of("b", "a"), key(tables.get("public.root")));
        assertTrue(tables.get("public.root").partitioned());
        for (String keyless :
                List.of("whole_without_key", "nothing", "without_key", "deferrable_key", "generated_key")) {
            assertFalse(tables.get("public." + keyless).keyed(), keyless);
        }
        assertTrue(tables.get("public.without_key").object().note().contains("no key"));
        assertFalse(tables.get("public.whole_without_key").object().note().contains("no key"));
        assertEquals(List.of("b"), tables.get("public.generated").generated());
        assertEquals(
                "generated columns are left out: b",
                tables.get("public.generated").object().note());
        assertTrue(tables.get("public.unlogged").object().note().startsWith("unlogged"));
        CatalogueTable dropped = tables.get("public.dropped");
        List<CatalogueColumn> late = dropped.columns();
        assertEquals(
                List.of(
                        Column.sourceId(dropped.oid(), 1),
                        Column.sourceId(dropped.oid(), 3),
                        Column.sourceId(dropped.oid(), 4)),
                late.stream().map(CatalogueColumn::number).toList());
        assertEquals(
                List.of(false, false, true),
                late.stream().map(CatalogueColumn::filledIn).toList());
    }

    @Test
    void columnsHaveTheirTypesWithLengthsPrecisionsAndNamesThatStandInStatements() throws Exception {
        // a scale beyond the precision, and one below zero, are of version 15
        boolean known = version() >= 150000;
        String beyond = known ? "numeric(3,5)" : "numeric(5,5)";
        String below = known ? "numeric(3,-2)" : "numeric(5,0)";
        CatalogueTable table = read("""
                CREATE SCHEMA other; CREATE TYPE other.mood AS ENUM ('a'); CREATE DOMAIN other.short AS varchar(3);
                CREATE TABLE t (a varchar(20) NOT NULL, b char(7), c numeric(12,2), d %s, e %s, f numeric,
                  g timestamp(3), h timestamptz, i time(0), j bit(5), k other.mood, l other.short, m other.mood[], n uuid, o bytea,
                  p "char", q bpchar)""".formatted(beyond, below)).get("public.t");
        List<Column> columns = table.eventColumns().stream()
                .map(column -> new Column(
                        column.name(),
                        column.dataType(),
                        column.nullable(),
                        column.keyPosition(),
                        column.sourceType(),
                        column.sourceId() - Column.sourceId(table.oid(), 0)))
                .toList();
        assertEquals(
                List.of(
                        new Column("a", DataType.text(Type.STRING, 20), false, 0, "character varying(20)", 1),
                        new Column("b", DataType.text(Type.CHAR, 7), true, 0, "character(7)", 2),
                        new Column("c", DataType.decimal(12, 2), true, 0, "numeric(12,2)", 3),
                        new Column("d", DataType.decimal(5, 5), true, 0, beyond, 4),
                        new Column("e", DataType.decimal(5, 0), true, 0, below, 5),
                        new Column("f", DataType.of(Type.DECIMAL), true, 0, "numeric", 6),
                        new Column("g", DataType.time(Type.DATETIME, 3), true, 0, "timestamp(3) without time zone", 7),
                        new Column("h", DataType.time(Type.ZONED_DATETIME, 6), true, 0, "timestamp with time zone", 8),
                        new Column("i", DataType.time(Type.TIME, 0), true, 0, "time(0) without time zone", 9),
                        new Column("j", DataType.text(Type.STRING, 5), true, 0, "bit(5)", 10),
                        new Column("k", DataType.of(Type.STRING), true, 0, "other.mood", 11),
                        new Column("l", DataType.text(Type.STRING, 3), true, 0, "other.short", 12),
                        new Column("m", DataType.of(Type.LIST), true, 0, "other.mood[]", 13),
                        new Column("n", DataType.text(Type.STRING, 36), true, 0, "uuid", 14),
                        new Column("o", DataType.of(Type.BYTE_ARRAY), true, 0, "bytea", 15),
                        new Column("p", DataType.of(Type.STRING), true, 0, "\"char\"", 16),
                        new Column("q", DataType.text(Type.CHAR, 0), true, 0, "bpchar", 17)),
                columns);
    }

    @Test
    void estimatesCoverAllPartitionsAndComeFromTheSizeBeforeTheFirstAnalyze() throws Exception {
        Map<String, CatalogueTable> tables = read("""
            CREATE TABLE root (a int PRIMARY KEY) PARTITION BY RANGE (a);
            CREATE TABLE p1 PARTITION OF root FOR VALUES FROM (0) TO (10000);
            CREATE TABLE p2 PARTITION OF root FOR VALUES FROM (10000) TO (30000);
            INSERT INTO root SELECT generate_series(0, 19999);
            ANALYZE root;
            CREATE TABLE unknown WITH (autovacuum_enabled = off) AS SELECT generate_series(1, 10000) AS a;
            CREATE TABLE empty (a int)""");
        SourceObject root = tables.get("public.root").object();
        assertEquals(20_000, root.estimatedRows());
        assertEquals("partitioned table", root.kind());
        assertTrue(root.estimatedBytes() > 20_000 * 28);
        long guess = tables.get("public.unknown").estimatedRows();
        assertTrue(guess > 5_000 && guess < 20_000, "10000 rows are estimated as " + guess);
        assertEquals(0, tables.get("public.empty").estimatedRows());
    }

    @Test
    void aTypeThatIsGoneIsReadAsText() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase();
                Connection connection = Reading.connections(database).reading()) {
            assertEquals(
                    Type.STRING,
                    new Catalogue(connection).types().resolve(-5, -1).dataType().type());
        }
    }

    @Test
    void previewShowsValuesAsText() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            database.execute(
                    "CREATE TABLE t (a int PRIMARY KEY, b inet, c bool, d text); INSERT INTO t VALUES (1, '::1', true, NULL)");
            try (Connection connection = Reading.connections(database).reading()) {
                CatalogueTable table = new Catalogue(connection)
                        .table(new TableName("public", "t"))
                        .orElseThrow();
                List<String> row = RowPreview.read(connection, table, 5).get(0);
                assertEquals("[1, ::1, t, null]", row.toString());
            }
        }
    }

    private static List<String> key(CatalogueTable table) {
        return table.keyColumns().stream().map(CatalogueColumn::name).toList();
    }

    private static int version() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            return Integer.parseInt(database.rows("SHOW server_version_num").get(0));
        }
    }

    private static Map<String, CatalogueTable> read(String sql) throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            database.execute(sql);
            try (Connection connection = Reading.connections(database).reading()) {
                return new Catalogue(connection)
                        .tables().stream()
                                .collect(Collectors.toMap(table -> table.name().toString(), Function.identity()));
            }
        }
    }
}
