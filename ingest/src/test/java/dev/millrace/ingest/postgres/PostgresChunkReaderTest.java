package dev.millrace.ingest.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PostgresChunkReaderTest {
    private static final TableName T = new TableName("public", "t");

    /** Types with a random value of theirs made from the row's number, unique in it. */
    private static final List<String[]> KEY_TYPES = List.of(
            new String[] {"int", "i * 7 - 300"},
            new String[] {"bigint", "i * 1000000007::bigint"},
            new String[] {"smallint", "i"},
            new String[] {"numeric(20,4)", "i * 1.0001 - 50"},
            new String[] {
                "numeric",
                "CASE i WHEN 1 THEN 'NaN' WHEN 2 THEN CASE WHEN current_setting('server_version_num')::int < 140000 THEN '-7'"
                        + " ELSE 'Infinity' END::text::numeric ELSE (i / 3.0) END"
            },
            new String[] {"text", "md5(i::text)"},
            new String[] {"text COLLATE \"C\"", "CASE WHEN i % 3 = 0 THEN 'Ä' ELSE E'a\\\\''' END || i"},
            new String[] {"varchar(40)", "'Zeile ' || i"},
            new String[] {"char(12)", "'c' || i"},
            new String[] {"uuid", "md5(i::text)::uuid"},
            new String[] {"bytea", "decode(md5(i::text), 'hex')"},
            new String[] {"date", "CASE WHEN i = 5 THEN 'infinity' ELSE date '1999-12-01' + i END"},
            new String[] {"timestamptz", "timestamptz '2024-01-01 00:00+00' + i * interval '1.000001 s'"},
            new String[] {
                "timestamp",
                "CASE WHEN i = 3 THEN '-infinity' ELSE timestamp '0001-01-03 BC' + i * interval '1 day' END"
            },
            new String[] {"time", "time '00:00' + i * interval '1.5 s'"},
            new String[] {"interval", "i * interval '1 month 2 days 3.5 s'"},
            new String[] {"float8", "CASE WHEN i = 4 THEN 'NaN' ELSE i / 3.0::float8 END"},
            new String[] {"inet", "'10.0.0.0'::inet + i"},
            new String[] {"bit(16)", "i::bit(16)"},
            new String[] {"int[]", "ARRAY[i, NULL, 3]"},
            new String[] {"int4range", "int4range(i, i + 5)"},
            new String[] {"\"Odd \"\"type\"", "('{sad,\"very happy\",\"it''s\"}'::text[])[1 + i % 3]::\"Odd \"\"type\""
            },
            new String[] {"bool", "i % 2 = 0"});

    @Test
    void chunksWithWhateverBoundariesGiveEachRowExactlyOnce() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        try (TestDatabase database = TestPostgres.shared().createDatabase();
                PostgresChunkReader reader = Reading.reader(Reading.connections(database))) {
            database.execute("CREATE TYPE \"Odd \"\"type\" AS ENUM ('sad', 'very happy', 'it''s')");
            for (int round = 0; round < 40; round++) {
                String about = "seed " + seed + " round " + round;
                TableName table = new TableName("public", "Table \"" + round + "\" ' \\ ☺");
                int rows = random.nextInt(120);
                database.execute(randomTable(random, Quoted.table(table), rows));
                List<String> ids = new ArrayList<>();
                byte[] after = null;
                boolean last = false;
                while (!last) {
                    Optional<byte[]> upTo = reader.boundary(table, after, 1 + random.nextInt(50));
                    for (List<String> row :
                            Reading.rows(reader, table, after, upTo.orElse(null), 1 + random.nextInt(3000))) {
                        ids.add(row.get(0));
                    }
                    last = upTo.isEmpty();
                    after = upTo.orElse(null);
                }
                List<String> expected = IntStream.rangeClosed(1, rows)
                        .mapToObj(Integer::toString)
                        .sorted()
                        .toList();
                assertEquals(expected, ids.stream().sorted().toList(), about);
            }
        }
    }

    private static String randomTable(SplittableRandom random, String table, int rows) {
        int width = 1 + random.nextInt(3);
        StringBuilder columns = new StringBuilder("row_number int");
        StringBuilder values = new StringBuilder("i");
        StringBuilder key = new StringBuilder();
        for (int i = 0; i < width; i++) {
            String[] type = KEY_TYPES.get(random.nextInt(KEY_TYPES.size()));
            String name = Quoted.identifier("Key " + i + " \" ☺");
            columns.append(", ").append(name).append(' ').append(type[0]);
            values.append(", ").append(type[1]);
            key.insert(0, name + (i == 0 ? "" : ", "));
        }
        String withNumber = key + ", row_number"; // some types have few values
        boolean partitioned = random.nextInt(4) == 0;
        return "CREATE TABLE " + table + " (" + columns + ", PRIMARY KEY (" + withNumber + "))"
                + (partitioned ? " PARTITION BY HASH (row_number)" : "")
                + (partitioned ? partition(table, 0) + partition(table, 1) : "")
                + "; INSERT INTO " + table + " SELECT " + values + " FROM generate_series(1, " + rows + ") i";
    }

    private static String partition(String table, int remainder) {
        String name = table.substring(0, table.length() - 1) + "_" + remainder + "\"";
        return "; CREATE TABLE " + name + " PARTITION OF " + table + " FOR VALUES WITH (MODULUS 2, REMAINDER "
                + remainder + ")";
    }

    @Test
    void aBoundaryIsTheRowsThKeyAndThereIsNoneBehindTheEnd() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase();
                PostgresChunkReader reader = Reading.reader(Reading.connections(database))) {
            database.execute("CREATE TABLE t (a int PRIMARY KEY); INSERT INTO t SELECT generate_series(10, 100, 10)");
            byte[] third = reader.boundary(T, null, 3).orElseThrow();
            assertEquals(List.of("30"), KeyForm.decode(third));
            assertEquals(
                    List.of("100"), KeyForm.decode(reader.boundary(T, third, 7).orElseThrow()));
            assertTrue(reader.boundary(T, third, 8).isEmpty());
            assertEquals(
                    List.of(List.of("20"), List.of("30")),
                    Reading.rows(reader, T, KeyForm.encode(List.of("10")), third, 1 << 20));
        }
    }

    @Test
    void aTableWithoutKeyIsOneChunkAndItsEventsAreNumberedThrough() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase();
                PostgresChunkReader reader = Reading.reader(Reading.connections(database))) {
            database.execute("CREATE TABLE t (a int); INSERT INTO t SELECT 1 FROM generate_series(1, 100)");
            assertTrue(reader.boundary(T, null, 3).isEmpty());
            reader.begin();
            Schema schema = new Schema(T, 1, reader.columns(T));
            BatchWriter out = Reading.writer();
            List<String> ids = new ArrayList<>();
            Runnable collect = () -> {
                BatchReader batch = Reading.open(out);
                while (batch.next()) {
                    ids.add(batch.position() + ":" + batch.ordinal());
                }
            };
            assertEquals(100, reader.read(schema, null, null, out, 100, collect));
            collect.run();
            assertEquals(100, ids.stream().distinct().count());
        }
    }

    @Test
    void tablesThatInheritAreNotReadWithTheirParent() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase();
                PostgresChunkReader reader = Reading.reader(Reading.connections(database))) {
            database.execute(
                    "CREATE TABLE t (a int PRIMARY KEY); CREATE TABLE child () INHERITS (t); INSERT INTO t VALUES (1);"
                            + "INSERT INTO child VALUES (2)");
            assertEquals(List.of(List.of("1")), Reading.rows(reader, T, null, null, 1 << 20));
        }
    }

    @Test
    void aSnapshotShowsNothingThatCameLater() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase();
                PostgresChunkReader reader = Reading.reader(Reading.connections(database))) {
            database.execute("CREATE TABLE t (a int PRIMARY KEY); INSERT INTO t VALUES (1)");
            reader.begin();
            database.execute("INSERT INTO t VALUES (2); ALTER TABLE t ADD COLUMN b int");
            Schema schema = new Schema(T, 1, reader.columns(T));
            assertEquals(1, schema.columns().size());
            BatchWriter out = Reading.writer();
            assertEquals(1, reader.read(schema, null, null, out, 1 << 20, () -> {}));
            assertEquals(List.of(List.of("1")), Reading.rows(out));
            assertEquals(0, reader.readKey(schema, KeyForm.encode(List.of("2")), out));
            reader.end();
            assertEquals(2, Reading.rows(reader, T, null, null, 1 << 20).size());
        }
    }

    @Test
    void aTableRewrittenOrTruncatedUnderTheSnapshotIsNeverReadAsEmpty() throws Exception {
        for (String change :
                List.of("ALTER TABLE t ALTER a TYPE bigint", "TRUNCATE t", "ALTER TABLE root ALTER a TYPE bigint")) {
            try (TestDatabase database = TestPostgres.shared().createDatabase();
                    PostgresChunkReader reader = Reading.reader(Reading.connections(database))) {
                database.execute(
                        "CREATE TABLE t (a int PRIMARY KEY); INSERT INTO t VALUES (1);"
                                + "CREATE TABLE root (a int, b int) PARTITION BY RANGE (b); CREATE TABLE part PARTITION OF root DEFAULT; INSERT INTO root VALUES (1)");
                TableName table = change.contains("root") ? new TableName("public", "root") : T;
                reader.begin();
                database.execute(change);
                assertEquals(
                        "TABLE_CHANGED",
                        assertThrows(MillraceException.class, () -> reader.columns(table))
                                .code(),
                        change);
                reader.begin();
                assertFalse(reader.columns(table).isEmpty());
            }
        }
    }

    @Test
    void aColumnDroppedUnderTheSnapshotIsAnErrorThatIsTriedAgain() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase();
                PostgresChunkReader reader = Reading.reader(Reading.connections(database))) {
            database.execute("CREATE TABLE t (a int PRIMARY KEY, b int)");
            reader.begin();
            database.execute("ALTER TABLE t DROP COLUMN b");
            Schema schema = new Schema(T, 1, reader.columns(T));
            MillraceException failure = assertThrows(
                    MillraceException.class,
                    () -> reader.read(schema, null, null, Reading.writer(), 1 << 20, () -> {}));
            assertEquals("TABLE_CHANGED", failure.code());
            assertEquals(List.of(), Reading.rows(reader, T, null, null, 1 << 20));
        }
    }

    @Test
    void aLockedTableIsWaitedForOnlyAsLongAsLockTimeout() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase();
                Connection locker = database.connect();
                Statement statement = locker.createStatement();
                PostgresChunkReader reader = Reading.reader(Reading.connections(database))) {
            database.execute("CREATE TABLE t (a int PRIMARY KEY)");
            locker.setAutoCommit(false);
            statement.execute("LOCK TABLE t");
            reader.begin();
            assertEquals(
                    "LOCK_NOT_AVAILABLE",
                    assertThrows(MillraceException.class, () -> reader.columns(T))
                            .code());
            locker.rollback();
            assertEquals(List.of(), Reading.rows(reader, T, null, null, 1 << 20));
        }
    }

    @Test
    void rowLevelSecurityIsAnErrorAndNeverASmallerTable() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            String user = "reader_of_" + database.database();
            database.execute(
                    "CREATE TABLE t (a int PRIMARY KEY);  INSERT INTO t VALUES (1), (2); CREATE POLICY p ON t USING (a = 1);"
                            + "CREATE USER " + user + "; GRANT SELECT ON t TO " + user);
            try (PostgresChunkReader reader = Reading.reader(Reading.connections(database, user))) {
                assertEquals(2, Reading.rows(reader, T, null, null, 1 << 20).size(), "SELECT is all that is needed");
                database.execute("ALTER TABLE t ENABLE ROW LEVEL SECURITY");
                MillraceException failure =
                        assertThrows(MillraceException.class, () -> Reading.rows(reader, T, null, null, 1 << 20));
                assertEquals("PRIVILEGE_MISSING", failure.code());
            } finally {
                database.execute("DROP OWNED BY " + user + "; DROP USER " + user);
            }
        }
    }

    @Test
    void aTableThatIsNotThereOrAPartitionIsAnErrorForTheUser() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase();
                PostgresChunkReader reader = Reading.reader(Reading.connections(database))) {
            assertEquals(
                    "TABLE_NOT_FOUND",
                    assertThrows(MillraceException.class, () -> reader.boundary(T, null, 5))
                            .code());
            reader.begin();
            assertEquals(
                    "TABLE_NOT_FOUND",
                    assertThrows(MillraceException.class, () -> reader.columns(T))
                            .code());
        }
    }

    @Test
    void anInterruptionEndsTheReadAndTheQueryAtTheServer() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase();
                PostgresChunkReader reader = Reading.reader(Reading.connections(database))) {
            // Rows so wide that the read is under way when the first batch is full, and a server far from its end.
            database.execute(
                    "CREATE TABLE t (a int PRIMARY KEY, b text); INSERT INTO t SELECT i, repeat('x', 5000) FROM generate_series(1, 20000) i");
            reader.begin();
            Schema schema = new Schema(T, 1, reader.columns(T));
            AtomicReference<Throwable> failure = new AtomicReference<>();
            BatchWriter out = Reading.writer();
            Thread worker = new Thread(
                    () -> {
                        try {
                            reader.read(schema, null, null, out, 100_000, () -> {
                                Reading.rows(out);
                                Thread.currentThread().interrupt();
                            });
                        } catch (InterruptedException | RuntimeException e) {
                            failure.set(e);
                        }
                    },
                    "ingest-test");
            worker.start();
            worker.join(30_000);
            assertFalse(worker.isAlive());
            assertInstanceOf(InterruptedException.class, failure.get());
            assertThrows(IllegalStateException.class, () -> reader.columns(T));
            assertEquals(20_000, Reading.rows(reader, T, null, null, 1 << 20).size());
        }
    }

    @Test
    void aCutConnectionIsReplacedByTheNextCall() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase();
                PostgresChunkReader reader = Reading.reader(Reading.connections(database))) {
            database.execute("CREATE TABLE t (a int PRIMARY KEY); INSERT INTO t VALUES (1)");
            reader.begin();
            database.terminate(
                    "SELECT pid FROM pg_stat_activity WHERE application_name = 'millrace-test' AND datname = current_database()");
            MillraceException failure = assertThrows(MillraceException.class, () -> reader.columns(T));
            assertEquals(Category.EXTERNAL, failure.category());
            assertEquals(1, Reading.rows(reader, T, null, null, 1 << 20).size());
        }
    }

    @Test
    void closingAnUnusedOrClosedReaderDoesNothing() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            PostgresChunkReader reader = Reading.reader(Reading.connections(database));
            reader.close();
            reader.begin();
            reader.close();
            reader.close();
            assertThrows(IllegalStateException.class, () -> reader.columns(T));
        }
    }

    @Test
    void valuesOfManyMegabytesPass() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase();
                PostgresChunkReader reader = Reading.reader(Reading.connections(database))) {
            database.execute(
                    "CREATE TABLE t (a int PRIMARY KEY, b text); INSERT INTO t VALUES (1, repeat('äx', 10000000)), (2, 'y')");
            List<List<String>> rows = Reading.rows(reader, T, null, null, 1 << 20);
            assertEquals(20_000_000, rows.get(0).get(1).length());
            assertEquals("y", rows.get(1).get(1));
        }
    }
}
