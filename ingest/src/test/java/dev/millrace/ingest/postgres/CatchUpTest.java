package dev.millrace.ingest.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A stream that begins far behind tells exactly what one that never was would have told. */
@Timeout(600)
class CatchUpTest {
    private static final long NEVER = 1L << 50;
    private static final long SOON = 100_000;
    private static final String[] TABLES = {"t", "u"};

    private static PostgresSource source(TestDatabase database, long catchUpFrom) {
        return new PostgresSource(
                Reading.connections(database, database.user(), catchUpFrom).settings());
    }

    private static TestDatabase database() throws SQLException {
        TestDatabase database = TestPostgres.shared().createDatabase();
        database.execute("CREATE TABLE t (id int PRIMARY KEY, v text, n numeric(10,2)); CREATE TABLE u (a int, b text);"
                + " CREATE TABLE hidden (id int PRIMARY KEY, v text)");
        return database;
    }

    /** Transactions of every kind; some are rolled back, some large, and the schema changes on the way. */
    private static void write(TestDatabase database, SplittableRandom random, int transactions) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (int i = 0; i < transactions; i++) {
                for (int change = random.nextInt(12); change >= 0; change--) {
                    statement.execute(change(random, i));
                }
                if (i == transactions / 3) {
                    statement.execute("ALTER TABLE t ADD COLUMN more text");
                }
                if (i == transactions / 2) {
                    statement.execute(
                            "INSERT INTO t SELECT g, repeat('h', 200), g FROM generate_series(100000, 104000) g ON CONFLICT DO NOTHING");
                }
                if (random.nextInt(10) == 0) {
                    connection.rollback();
                } else {
                    connection.commit();
                }
            }
        }
    }

    private static String change(SplittableRandom random, int turn) {
        int id = random.nextInt(300);
        return switch (random.nextInt(turn % 40 == 7 ? 8 : 7)) {
            case 0, 1 ->
                "INSERT INTO t (id, v, n) VALUES (" + id + ", repeat('x', " + random.nextInt(3000)
                        + "), 1.5) ON CONFLICT (id) DO UPDATE SET n = t.n + 1";
            case 2 -> "UPDATE t SET v = v || 'y', n = " + turn + " WHERE id BETWEEN " + id + " AND " + (id + 5);
            case 3 ->
                "UPDATE t SET id = id + 1000 WHERE id = " + id + " AND NOT EXISTS (SELECT FROM t WHERE id = "
                        + (id + 1000) + ")";
            case 4 -> "DELETE FROM t WHERE id = " + id;
            case 5 -> "INSERT INTO u VALUES (" + id + ", 'u" + turn + "')";
            case 6 -> "INSERT INTO hidden VALUES (" + id + ", repeat('z', 500)) ON CONFLICT DO NOTHING";
            default -> "TRUNCATE t";
        };
    }

    /** Reads to the position of now; {@code random} not null: acknowledges and starts again now and then, as after a kill. */
    private static List<String> follow(Following following, SplittableRandom random) throws InterruptedException {
        byte[] until = following.source.currentPosition();
        List<String> events = new ArrayList<>();
        long deadline = System.nanoTime() + 180_000_000_000L;
        while (!following.source.reached(following.offset, until)) {
            events.addAll(following.read(random == null ? 1000 : 1 + random.nextInt(700), 1 << 20));
            assertTrue(System.nanoTime() < deadline, "not reached after " + events.size() + " events");
            following.acknowledge();
            if (random != null && random.nextInt(12) == 0) {
                following.reopen();
            }
        }
        return events;
    }

    private static long confirmed(TestDatabase database) throws SQLException {
        return Lsn.parse(database.rows(
                        "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = 'millrace_test' AND database = current_database()")
                .get(0));
    }

    @Test
    void theSameEventsWithTheSameIdsComeEitherWay() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        try (TestDatabase database = database()) {
            PostgresSource behind = source(database, SOON);
            Following streamed = Following.of(source(database, NEVER), TABLES);
            byte[] start = streamed.offset;
            write(database, random, 600);
            List<String> expected = streamed.drain(); // acknowledges nothing, so the slot stays where it is
            streamed.stop();
            assertTrue(expected.size() > 1_000, "only " + expected.size());

            Following pieces = Following.of(behind, TABLES);
            assertEquals(
                    StreamOffset.decode(start).end(),
                    StreamOffset.decode(pieces.offset).end());
            assertEquals(expected, follow(pieces, random), "seed " + seed);
            assertEquals(streamed.ids, pieces.ids);
            assertEquals(new HashSet<>(streamed.moved), new HashSet<>(pieces.moved));
            database.execute("INSERT INTO u VALUES (7, 'after')");
            assertEquals(List.of("INSERT u(7, after)"), follow(pieces, null), "it streams now");
            pieces.close();
        }
    }

    @Test
    void theSlotLetsGoOnlyOfWhatWasAcknowledged() throws Exception {
        try (TestDatabase database = database();
                Following following = Following.of(source(database, SOON), TABLES)) {
            following.stop();
            long before = confirmed(database);
            write(database, new SplittableRandom(5), 200);
            following.open();
            List<String> first = new ArrayList<>();
            while (first.isEmpty()) {
                first.addAll(following.read(100_000, 1 << 30));
            }
            byte[] read = following.offset;
            for (int i = 0; i < 5; i++) {
                assertEquals(List.of(), following.read(100_000, 1 << 30), "the next piece waits for the last one");
            }
            assertEquals(before, confirmed(database));
            following.acknowledge();
            while (following.read(100_000, 1 << 30).isEmpty()) {
                assertTrue(Long.compareUnsigned(
                                confirmed(database), StreamOffset.decode(read).end())
                        <= 0);
            }
            assertEquals(StreamOffset.decode(read).end(), confirmed(database));
            follow(following, null);
        }
    }

    @Test
    void aSlotThatIsTakenMeanwhileIsToldAndWhatWasReadIsKept() throws Exception {
        try (TestDatabase database = database();
                Following following = Following.of(source(database, SOON), TABLES)) {
            following.stop();
            write(database, new SplittableRandom(6), 200);
            following.open();
            List<String> events = new ArrayList<>();
            while (events.isEmpty()) {
                events.addAll(following.read(100_000, 1 << 30));
            }
            Following other = Following.of(source(database, NEVER), TABLES);
            following.acknowledge();
            MillraceException failure = following.readUntilLost();
            assertEquals("SLOT_TAKEN", failure.code(), failure.getMessage());
            assertEquals(Category.EXTERNAL, failure.category());
            other.stop();
            following.reopen();
            events.addAll(follow(following, null));
            assertEquals(events.size(), new HashSet<>(following.ids).size());
        }
    }

    @Test
    void aSlotThatIsMovedBetweenTwoPiecesIsToldBeforeAnythingIsLeftOut() throws Exception {
        try (TestDatabase database = database();
                Following following = Following.of(source(database, SOON), TABLES)) {
            following.stop();
            write(database, new SplittableRandom(6), 200);
            following.open();
            while (following.read(100_000, 1 << 30).isEmpty()) {
                assertFalse(following.last.offset().length == 0);
            }
            database.execute("SELECT pg_replication_slot_advance('millrace_test', pg_current_wal_flush_lsn())");
            following.acknowledge();
            MillraceException failure = following.readUntilLost();
            assertEquals("SLOT_AHEAD", failure.code(), failure.getMessage());
        }
    }

    @Test
    void aServerWithoutRoomForAPieceIsStreamed() throws Exception {
        try (TestDatabase database = database();
                Following following = Following.of(source(database, 1 << 20), TABLES)) {
            following.stop();
            database.execute("INSERT INTO t SELECT g, repeat('h', 2000), g FROM generate_series(1, 5000) g");
            database.execute("ALTER DATABASE " + database.database() + " SET temp_file_limit = '64kB'");
            following.open();
            assertEquals(5000, follow(following, null).size());
            assertEquals(5000, new HashSet<>(following.ids).size());
        }
    }

    @Test
    void aPieceBeingDecodedIsBrokenOffSoonAndLeavesTheSlotFree() throws Exception {
        try (TestDatabase database = database();
                Following following = Following.of(source(database, 1 << 20), TABLES)) {
            following.stop();
            database.execute("INSERT INTO t SELECT g, repeat('h', 100), g FROM generate_series(1, 200000) g");
            following.open();
            assertEquals(List.of(), following.read(10, 1000), "it can't be there at once");
            long began = System.nanoTime();
            following.stop();
            assertTrue(System.nanoTime() - began < 30_000_000_000L);
            following.open();
            assertEquals(200_000, follow(following, null).size());
            assertEquals(200_000, new HashSet<>(following.ids).size());
        }
    }

    @Test
    void aDroppedSlotOrPublicationIsNamed() throws Exception {
        try (TestDatabase database = database();
                Following following = Following.of(source(database, SOON), TABLES)) {
            following.stop();
            write(database, new SplittableRandom(8), 200);
            following.open();
            while (following.read(100_000, 1 << 30).isEmpty()) {
                assertFalse(following.last.offset().length == 0);
            }
            database.execute("SELECT pg_drop_replication_slot('millrace_test')");
            following.acknowledge();
            assertEquals("SLOT_MISSING", following.readUntilLost().code());
            following.stop();
            assertThrows(MillraceException.class, following::open);
        }
    }

    @Test
    void changesOfOtherTablesAreGotOver() throws Exception {
        try (TestDatabase database = database();
                Following following = Following.of(source(database, SOON), TABLES)) {
            following.unwanted.add(new TableName("public", "t"));
            following.stop();
            for (int i = 0; i < 20; i++) {
                database.execute("INSERT INTO hidden SELECT g, repeat('h', 200) FROM generate_series(" + i * 1000 + ", "
                        + (i * 1000 + 999) + ") g; INSERT INTO t VALUES (" + i + ", 'x', 1)");
            }
            database.execute("INSERT INTO u VALUES (1, 'end')");
            following.open();
            assertEquals(List.of("INSERT u(1, end)"), follow(following, null));
        }
    }
}
