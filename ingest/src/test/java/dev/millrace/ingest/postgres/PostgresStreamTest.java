package dev.millrace.ingest.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PostgresStreamTest {
    private static TestDatabase database(String sql) throws Exception {
        TestDatabase database = TestPostgres.shared().createDatabase();
        database.execute(sql);
        return database;
    }

    @Test
    void insertsUpdatesDeletesAndTruncatesArriveInOrder() throws Exception {
        try (TestDatabase database = database("CREATE TABLE t (id int PRIMARY KEY, name text, n numeric(8,2))");
                Following following = Following.of(database, "t")) {
            database.execute("INSERT INTO t VALUES (1, 'one', 1.50), (2, NULL, 2)");
            database.execute("UPDATE t SET name = 'uno' WHERE id = 1");
            database.execute("DELETE FROM t WHERE id = 2");
            database.execute("TRUNCATE t");
            assertEquals(
                    List.of(
                            "INSERT t(1, one, 1.50)",
                            "INSERT t(2, null, 2.00)",
                            "UPDATE t(1, uno, 1.50)",
                            "DELETE t(2, ~, ~)",
                            "TRUNCATE t"),
                    following.drain());
            assertTrue(following.last.endsTransaction());
            assertEquals(4, following.begun.size(), "one transaction each");
            assertEquals(5, new HashSet<>(following.ids).size(), "ids " + following.ids);
            Column id = following
                    .schemas
                    .get(new TableName("public", "t"))
                    .columns()
                    .get(0);
            long oid = Long.parseLong(database.rows("SELECT 't'::regclass::oid").get(0));
            assertEquals(new Column("id", id.dataType(), false, 1, "integer", Column.sourceId(oid, 1)), id);
            assertTrue(following.contentChanged.isEmpty(), following.contentChanged.toString());
        }
    }

    @Test
    void aMovedKeyCarriesTheKeyBeforeAndIsTold() throws Exception {
        try (TestDatabase database = database(
                        "CREATE TABLE t (v text, b text, a int, PRIMARY KEY (a, b)); INSERT INTO t VALUES ('v', 'x', 1)");
                Following following = Following.of(database, "t")) {
            database.execute("UPDATE t SET b = 'y' WHERE a = 1; UPDATE t SET v = 'w'");
            assertEquals(List.of("UPDATE t(v, y, 1) was (~, x, 1)", "UPDATE t(w, y, 1)"), following.drain());
            assertEquals(List.of("t[1, y]"), following.moved);
        }
    }

    @Test
    void anUntouchedLargeValueIsUnchangedAndNeverNull() throws Exception {
        try (TestDatabase database = database(
                        "CREATE TABLE t (id int PRIMARY KEY, big text, n int); ALTER TABLE t ALTER big SET STORAGE EXTERNAL;"
                                + " INSERT INTO t VALUES (1, repeat('x', 10000), 1)");
                Following following = Following.of(database, "t")) {
            database.execute("UPDATE t SET n = 2");
            database.execute("UPDATE t SET id = 7");
            database.execute("UPDATE t SET big = NULL");
            assertEquals(
                    List.of("UPDATE t(1, ~, 2)", "UPDATE t(7, ~, 2) was (1, ~, ~)", "UPDATE t(7, null, 2)"),
                    following.drain());
        }
    }

    @Test
    void everyReplicaIdentityTellsRowsApartAsWellAsItCan() throws Exception {
        try (TestDatabase database = database("""
            CREATE TABLE full_keyed (id int PRIMARY KEY, big text, n int); ALTER TABLE full_keyed REPLICA IDENTITY FULL;
            ALTER TABLE full_keyed ALTER big SET STORAGE EXTERNAL; INSERT INTO full_keyed VALUES (1, repeat('x', 5000), 1);
            CREATE TABLE full_keyless (a int, b text); ALTER TABLE full_keyless REPLICA IDENTITY FULL; INSERT INTO full_keyless VALUES (1, 'x');
            CREATE TABLE by_index (id int PRIMARY KEY, code text NOT NULL, n int); CREATE UNIQUE INDEX codes ON by_index (code);
            ALTER TABLE by_index REPLICA IDENTITY USING INDEX codes; INSERT INTO by_index VALUES (1, 'a', 1);
            CREATE TABLE nothing (id int PRIMARY KEY, n int); ALTER TABLE nothing REPLICA IDENTITY NOTHING; INSERT INTO nothing VALUES (1, 1);
            CREATE TABLE keyless (n int); INSERT INTO keyless VALUES (1)""");
                Following following =
                        Following.of(database, "full_keyed", "full_keyless", "by_index", "nothing", "keyless")) {
            database.execute("UPDATE full_keyed SET n = 2; UPDATE full_keyed SET id = 3; DELETE FROM full_keyed");
            assertEquals(
                    List.of(
                            "UPDATE full_keyed(1, 5000 characters, 2) was (1, 5000 characters, 1)",
                            "UPDATE full_keyed(3, 5000 characters, 2) was (1, 5000 characters, 2)",
                            "DELETE full_keyed(3, 5000 characters, 2)"),
                    following.drain());
            database.execute("UPDATE full_keyless SET b = 'y'; DELETE FROM full_keyless");
            assertEquals(
                    List.of("UPDATE full_keyless(1, y) was (1, x)", "DELETE full_keyless(1, y)"), following.drain());
            database.execute("UPDATE by_index SET code = 'b'; UPDATE by_index SET id = 2; DELETE FROM by_index");
            assertEquals(
                    List.of(
                            "UPDATE by_index(1, b, 1) was (~, a, ~)",
                            "UPDATE by_index(2, b, 1)",
                            "DELETE by_index(~, b, ~)"),
                    following.drain());
            database.execute(
                    "INSERT INTO nothing VALUES (2, 2); UPDATE nothing SET n = 5; DELETE FROM nothing; TRUNCATE nothing");
            database.execute("INSERT INTO keyless VALUES (2); UPDATE keyless SET n = 5; DELETE FROM keyless");
            assertEquals(List.of("INSERT nothing(2, 2)", "TRUNCATE nothing", "INSERT keyless(2)"), following.drain());
        }
    }

    @Test
    void aHugeTransactionIsSplitAndResumedInItsMiddleWithoutGapOrDouble() throws Exception {
        int rows = 200_000;
        try (TestDatabase database = database(
                        "CREATE TABLE t (id int PRIMARY KEY, v text); CREATE TABLE other (id int PRIMARY KEY)");
                Following following = Following.of(database, "t", "other")) {
            following.unwanted.add(new TableName("public", "other"));
            database.execute("BEGIN; INSERT INTO other SELECT generate_series(1, 1000);"
                    + " INSERT INTO t SELECT i, 'v' || i FROM generate_series(1, " + rows + ") i;"
                    + " INSERT INTO other VALUES (0); INSERT INTO t VALUES (0, 'end'); COMMIT");
            database.execute("INSERT INTO t VALUES (-1, 'after')");
            byte[] until = following.source.currentPosition();
            List<String> events = new ArrayList<>();
            int reads = 0;
            while (!following.source.reached(following.offset, until)) {
                List<String> some = following.read(7_000, 1 << 30);
                assertTrue(some.size() <= 7_000 + 7_000 / 8);
                if (!some.isEmpty() && events.size() + some.size() < rows) {
                    assertFalse(following.last.endsTransaction());
                }
                events.addAll(some);
                if (!some.isEmpty() && reads++ % 11 == 5) {
                    following.reopen();
                }
            }
            assertEquals(rows + 2, events.size());
            for (int i = 1; i <= rows; i++) {
                assertEquals("INSERT t(" + i + ", v" + i + ")", events.get(i - 1));
            }
            assertEquals(List.of("INSERT t(0, end)", "INSERT t(-1, after)"), events.subList(rows, rows + 2));
            assertEquals(rows + 2, new HashSet<>(following.ids).size(), "ids are unique over restarts");
            assertTrue(following.ids.get(0).endsWith(":1001"), following.ids.get(0) + ": events left out are counted");
            assertTrue(following.last.endsTransaction());
        }
    }

    @Test
    void aBatchThatIsFullWithTheLastChangeEndsItsTransaction() throws Exception {
        try (TestDatabase database = database("CREATE TABLE t (id int PRIMARY KEY)");
                Following following = Following.of(database, "t")) {
            database.execute("INSERT INTO t SELECT generate_series(1, 10)");
            awaitSent(database); // a commit that is long in coming makes a part of its own
            List<String> events = new ArrayList<>();
            while (events.size() < 10) {
                events.addAll(following.read(5, 1 << 20));
                assertEquals(events.size() % 10 == 0, following.last.endsTransaction(), "after " + events.size());
            }
        }
    }

    /** Waits until the walsender has sent everything that is committed by now. */
    private static void awaitSent(TestDatabase database) throws Exception {
        String end = database.rows("SELECT pg_current_wal_flush_lsn()").get(0);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (database.rows("SELECT FROM pg_stat_replication JOIN pg_replication_slots ON active_pid = pid"
                        + " WHERE database = current_database() AND sent_lsn >= '" + end + "'")
                .isEmpty()) {
            assertTrue(System.nanoTime() < deadline, () -> "not sent up to " + end);
        }
    }

    @Test
    void oddNamesAreNames() throws Exception {
        String odd = "A \"b\" 'c' . \\ ☺";
        try (TestDatabase database = database("CREATE TABLE " + Quoted.identifier(odd)
                        + " (\"The \"\"Id\" int PRIMARY KEY, \"select\" text)");
                Following following = Following.of(database, odd)) {
            database.execute("INSERT INTO " + Quoted.identifier(odd) + " VALUES (1, E'tab\\t☺')");
            assertEquals(List.of("INSERT " + odd + "(1, tab\t☺)"), following.drain());
            assertEquals(
                    "The \"Id",
                    following
                            .schemas
                            .get(new TableName("public", odd))
                            .columns()
                            .get(0)
                            .name());
        }
    }

    @Test
    void columnsAddedDroppedRenamedAndRetypedArriveUnderWay() throws Exception {
        TableName t = new TableName("public", "t");
        try (TestDatabase database = database("CREATE TABLE t (id int PRIMARY KEY, a text, b int)");
                Following following = Following.of(database, "t")) {
            // All of it happens before the first read: the catalogue is ahead of every message.
            database.execute("INSERT INTO t VALUES (1, 'x', 10)");
            database.execute("ALTER TABLE t ADD c date");
            database.execute("INSERT INTO t VALUES (2, 'y', 20, '2024-02-29')");
            database.execute("ALTER TABLE t DROP a");
            database.execute("INSERT INTO t VALUES (3, 30, NULL)");
            database.execute("ALTER TABLE t RENAME b TO bee");
            database.execute("INSERT INTO t VALUES (4, 40)");
            database.execute("ALTER TABLE t ALTER bee TYPE numeric(10,1)");
            database.execute("INSERT INTO t VALUES (5, 50.5)");
            assertEquals(
                    List.of(
                            "INSERT t(1, x, 10)",
                            "INSERT t(2, y, 20, 2024-02-29)",
                            "INSERT t(3, 30, null)",
                            "INSERT t(4, 40, null)",
                            "INSERT t(5, 50.5, null)"),
                    following.drain());
            Column bee = following.schemas.get(t).columns().get(1);
            assertEquals("bee", bee.name());
            long oid = Long.parseLong(database.rows("SELECT 't'::regclass::oid").get(0));
            assertEquals(Column.sourceId(oid, 3), bee.sourceId());
            assertEquals(Type.DECIMAL, bee.type());
            assertEquals(5, following.schemas.get(t).version());
            assertTrue(following.awaitContentChanged("t").contains("column bee changed from integer to numeric(10,1)"));
        }
    }

    @Test
    void aPlainNewColumnIsNoNewContentButAFilledInDefaultIs() throws Exception {
        try (TestDatabase database = database(
                        "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1); CREATE TABLE u (id int PRIMARY KEY)");
                Following following = Following.of(database, "t", "u")) {
            database.execute("INSERT INTO t VALUES (2); INSERT INTO u VALUES (1)");
            following.drain();
            database.execute("ALTER TABLE t ADD plain int");
            database.execute("ALTER TABLE u ADD filled int DEFAULT 5");
            assertEquals("column filled was filled in", following.awaitContentChanged("u"));
            assertTrue(following.contentChanged.isEmpty(), following.contentChanged.toString());
            database.execute("ALTER TABLE t ADD random float8 DEFAULT random()");
            assertEquals("column random was filled in", following.awaitContentChanged("t"));
        }
    }

    @Test
    void contentChangedWhileNothingWasRunningIsFoundAtStart() throws Exception {
        try (TestDatabase database = database("""
            CREATE TABLE filled (id int PRIMARY KEY); CREATE TABLE retyped (id int PRIMARY KEY, v text);
            CREATE TABLE again (id int PRIMARY KEY); CREATE TABLE quiet (id int PRIMARY KEY, v varchar(10));
            CREATE TABLE parted (id int PRIMARY KEY) PARTITION BY RANGE (id);
            CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10)""");
                Following following = Following.of(database, "filled", "retyped", "again", "quiet", "parted")) {
            database.execute(
                    "INSERT INTO filled VALUES (1); INSERT INTO retyped VALUES (1, '1'); INSERT INTO again VALUES (1);"
                            + " INSERT INTO quiet VALUES (1, 'q'); INSERT INTO parted VALUES (1)");
            assertEquals(5, following.drain().size());
            database.execute(
                    "ALTER TABLE filled ADD c int DEFAULT 1; ALTER TABLE retyped ALTER v TYPE int USING v::int * 2;"
                            + " DROP TABLE again; CREATE TABLE again (id int PRIMARY KEY); ALTER TABLE quiet ALTER v TYPE varchar(20);"
                            + " ALTER TABLE quiet ADD plain int");
            database.execute("CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (10) TO (20)");
            following.reopen();
            assertEquals(
                    List.of("again", "filled", "retyped"),
                    following.contentChanged.keySet().stream()
                            .map(TableName::name)
                            .sorted()
                            .toList(),
                    following.contentChanged.toString());
            following.contentChanged.clear();
            following
                    .source
                    .discover()
                    .forEach(object -> following.learn(object.table(), object.columns())); // as loading them again does
            following.read(100, 1000);
            database.execute("TRUNCATE parted_1");
            following.reopen();
            assertEquals(
                    "[public.parted]",
                    following.contentChanged.keySet().toString(),
                    following.contentChanged.toString());
        }
    }

    @Test
    void aPartitionedTableIsFollowedThroughItsRoot() throws Exception {
        try (TestDatabase database = database("""
            CREATE TABLE p (id int, day date, v text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
            CREATE TABLE p_old PARTITION OF p FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
            CREATE TABLE p_new PARTITION OF p FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')""");
                Following following = Following.of(database, "p")) {
            database.execute(
                    "INSERT INTO p VALUES (1, '2023-05-05', 'a'); UPDATE p SET day = '2024-05-05'; INSERT INTO p_old VALUES (2, '2023-01-01', 'b')");
            assertEquals(
                    List.of(
                            "INSERT p(1, 2023-05-05, a)",
                            "DELETE p(1, 2023-05-05, ~)",
                            "INSERT p(1, 2024-05-05, a)",
                            "INSERT p(2, 2023-01-01, b)"),
                    following.drain());
            database.execute(
                    "CREATE TABLE p_next PARTITION OF p FOR VALUES FROM ('2025-01-01') TO ('2026-01-01'); INSERT INTO p VALUES (3, '2025-01-01', 'c')");
            assertEquals(List.of("INSERT p(3, 2025-01-01, c)"), following.drain());
            database.execute(
                    "CREATE TABLE p_ready (LIKE p INCLUDING ALL); INSERT INTO p_ready VALUES (9, '2026-01-01', 'z');"
                            + " ALTER TABLE p ATTACH PARTITION p_ready FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')");
            assertEquals("a partition was attached", following.awaitContentChanged("p"));
            database.execute("TRUNCATE p_old");
            assertEquals("a partition was emptied or rewritten", following.awaitContentChanged("p"));
            database.execute("ALTER TABLE p DETACH PARTITION p_new");
            assertEquals("a partition was detached or dropped", following.awaitContentChanged("p"));
        }
    }

    @Test
    void aChangedIdentityMovesTheTableToTheOtherPublication() throws Exception {
        try (TestDatabase database = database("CREATE TABLE t (id int, v text)");
                Following following = Following.of(database, "t")) {
            database.execute("INSERT INTO t VALUES (1, 'x'); UPDATE t SET v = 'y'");
            assertEquals(List.of("INSERT t(1, x)"), following.drain());
            database.execute("ALTER TABLE t ADD PRIMARY KEY (id)");
            assertTrue(following.awaitContentChanged("t").contains("key or replica identity"));
            database.execute("UPDATE t SET v = 'z'");
            assertEquals(List.of("UPDATE t(1, z)"), following.drain());
            assertEquals(
                    List.of("millrace_test"),
                    database.rows("SELECT pubname FROM pg_publication_tables WHERE tablename = 't'"));
        }
    }

    @Test
    void anIdleDatabaseLetsGoOfItsLogAndNothingElseIsEverConfirmed() throws Exception {
        try (TestDatabase database = database("CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE unchosen (id int)");
                Following following = Following.of(database, "t")) {
            String confirmed = "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = 'millrace_test'";
            String start = database.rows(confirmed).get(0);
            database.execute("INSERT INTO t VALUES (1)");
            assertEquals(List.of("INSERT t(1)"), following.drain());
            byte[] afterFirst = following.offset;
            database.execute("INSERT INTO t VALUES (2)");
            assertEquals(List.of("INSERT t(2)"), following.drain());
            assertEquals(start, database.rows(confirmed).get(0), "nothing was acknowledged");
            following.offset = afterFirst;
            awaitConfirmed(
                    database,
                    following,
                    confirmed,
                    Lsn.text(StreamOffset.decode(afterFirst).end()));
            database.execute("INSERT INTO unchosen SELECT generate_series(1, 10000)");
            byte[] now = following.source.currentPosition();
            following.drain();
            assertTrue(following.source.reached(following.offset, now));
            awaitConfirmed(
                    database,
                    following,
                    confirmed,
                    Lsn.text(StreamOffset.decode(following.offset).end()));
            assertNotEquals(start, database.rows(confirmed).get(0));
        }
    }

    private static void awaitConfirmed(TestDatabase database, Following following, String query, String expected)
            throws Exception {
        byte[] acknowledged = following.offset;
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (!database.rows(query).get(0).equals(expected)) {
            following.offset = acknowledged;
            following.acknowledge();
            following.read(1, 1);
            assertTrue(
                    System.nanoTime() < deadline,
                    "confirmed " + database.rows(query) + ", expected " + expected.toUpperCase(Locale.ROOT));
        }
    }
}
