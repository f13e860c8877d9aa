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
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * A transaction that wrote to a table before the table was published has changes in no stream; a load must not begin before it has ended.
 * It did, and the row of such a transaction was missing at the destination until somebody changed it.
 */
class JoiningTablesTest {
    private static final TableName T = new TableName("public", "t");
    private static final TableName U = new TableName("public", "u");

    /** A session with a transaction open. */
    private record Writer(Connection connection, Statement statement) implements AutoCloseable {
        static Writer begin(TestDatabase database, String sql) throws Exception {
            Connection connection = database.connect();
            connection.setAutoCommit(false);
            Statement statement = connection.createStatement();
            statement.execute(sql);
            return new Writer(connection, statement);
        }

        int pid() throws Exception {
            return connection.unwrap(org.postgresql.PGConnection.class).getBackendPID();
        }

        void commit() throws Exception {
            connection.commit();
        }

        @Override
        public void close() throws java.sql.SQLException {
            connection.close();
        }
    }

    private static MillraceException heldUp(Following following) {
        MillraceException failure = assertThrows(MillraceException.class, following::open);
        assertEquals("OLDER_WRITERS", failure.code(), failure.getMessage());
        assertEquals(Category.EXTERNAL, failure.category());
        return failure;
    }

    @Test
    void aNewlyChosenTableIsLoadedOnlyWhenWhoWroteToItBeforeHasEnded() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            database.execute(
                    "CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY); CREATE TABLE unrelated (id int)");
            try (Following following = Following.of(database, "t");
                    Writer unrelated =
                            Writer.begin(database, "INSERT INTO unrelated VALUES (1); INSERT INTO t VALUES (1)");
                    Writer older = Writer.begin(database, "INSERT INTO u VALUES (1)")) {
                following.stop();
                following.tables = List.of(T, U);
                MillraceException failure = heldUp(following);
                assertTrue(failure.getMessage().contains("process " + older.pid()), failure.getMessage());
                assertFalse(failure.getMessage().contains(Integer.toString(unrelated.pid())), failure.getMessage());
                assertTrue(failure.remedy().contains("pg_terminate_backend(" + older.pid() + ")"), failure.remedy());
                heldUp(following); // the publication holds the table by now, as after a crash, and still it has to wait
                older.commit();
                following.open();
                database.execute("INSERT INTO u VALUES (2)");
                assertEquals(List.of("INSERT u(2)"), following.drain(), "what came before is for the load");
                unrelated.commit();
                assertEquals(List.of("INSERT t(1)"), following.drain());
            }
        }
    }

    /** Opening waits for the older writer behind the look at the slot, so that there is time for another to move the slot. */
    @Test
    void aSlotThatIsMovedWhileItsStreamIsOpenedIsNoticed() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            database.execute("CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY)");
            PostgresSource patient = new PostgresSource(
                    Reading.connections(database, database.user(), 64L << 20, Duration.ofSeconds(120))
                            .settings());
            try (Following following = Following.of(patient, "t");
                    Writer older = Writer.begin(database, "INSERT INTO u VALUES (1)")) {
                following.stop();
                following.tables = List.of(T, U);
                Thread other = new Thread(() -> moveSlot(database, older), "other-reader");
                other.start();
                MillraceException failure = assertThrows(MillraceException.class, following::open);
                other.join();
                assertEquals("SLOT_AHEAD", failure.code(), failure.getMessage());
            }
        }
    }

    private static void moveSlot(TestDatabase database, Writer older) {
        try {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(100);
            while (database.rows("SELECT 1 FROM pg_publication_tables WHERE tablename = 'u'")
                    .isEmpty()) {
                assertTrue(System.nanoTime() < deadline, "u is not published");
            }
            database.execute("SET synchronous_commit = on; INSERT INTO t VALUES (1)");
            database.execute("SELECT pg_replication_slot_advance('millrace_test', pg_current_wal_lsn())");
            older.commit();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aTableThatMovedBetweenThePublicationsIsReadAgainAfterItsOlderWriters() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            database.execute("CREATE TABLE t (id int NOT NULL, v text)");
            try (Following following = Following.of(database, "t")) {
                database.execute("INSERT INTO t VALUES (1, 'a')");
                assertEquals(List.of("INSERT t(1, a)"), following.drain());
                following.stop();
                database.execute("ALTER TABLE t ADD PRIMARY KEY (id)");
                try (Writer older = Writer.begin(database, "UPDATE t SET v = 'b'")) {
                    heldUp(following);
                    following.contentChanged.clear();
                    heldUp(following);
                    assertEquals(
                            "[public.t]",
                            following.contentChanged.keySet().toString(),
                            "told again, since the first time may have been lost");
                    older.commit();
                }
                following.open();
                following.drain();
                following.contentChanged.clear();
                following.reopen();
                assertTrue(following.contentChanged.isEmpty(), "the offset knows by now: " + following.contentChanged);
            }
        }
    }

    @Test
    void aPreparedTransactionIsWaitedForAndNamed() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            database.execute("CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (id int) PARTITION BY RANGE (id);"
                    + " CREATE TABLE u1 PARTITION OF u FOR VALUES FROM (0) TO (10)");
            try (Following following = Following.of(database, "t")) {
                following.stop();
                following.tables = List.of(T, U);
                database.execute("BEGIN; INSERT INTO u1 VALUES (1); PREPARE TRANSACTION 'left''over'");
                MillraceException failure;
                try {
                    failure = heldUp(following);
                } finally {
                    database.execute(
                            "ROLLBACK PREPARED 'left''over'"); // else it would hold up every slot of the server
                }
                assertTrue(failure.remedy().contains("ROLLBACK PREPARED 'left''over';"), failure.getMessage());
                following.open();
            }
        }
    }

    @Test
    void aTableTakenOutAndPutBackBySomebodyIsReadAgain() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            database.execute("CREATE TABLE t (id int PRIMARY KEY)");
            try (Following following = Following.of(database, "t")) {
                database.execute("INSERT INTO t VALUES (1)");
                following.drain();
                database.execute("ALTER PUBLICATION millrace_test DROP TABLE t");
                database.execute("INSERT INTO t VALUES (2)");
                database.execute("ALTER PUBLICATION millrace_test ADD TABLE t");
                following.awaitContentChanged("t");
                database.execute("ALTER PUBLICATION millrace_test SET (publish = 'insert')");
                following.stop();
                following.open();
                following.awaitContentChanged("t");
                assertEquals(
                        List.of("t|t"),
                        database.rows(
                                "SELECT pubupdate, pubtruncate FROM pg_publication WHERE pubname = 'millrace_test'"));
            }
        }
    }

    @Test
    void aChangeOfContentIsNoticedThoughItsShapeWasLearnedBeforeACrash() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            database.execute(
                    "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1); CREATE TABLE u (id int PRIMARY KEY, v text);"
                            + " INSERT INTO u VALUES (1, '1')");
            try (Following following = Following.of(database, "t", "u")) {
                database.execute("INSERT INTO t VALUES (2); INSERT INTO u VALUES (2, '2')");
                following.drain();
                byte[] before = following.offset;
                database.execute(
                        "ALTER TABLE t ADD COLUMN filled int DEFAULT 7; ALTER TABLE u ALTER v TYPE int USING v::int + 1");
                database.execute("INSERT INTO t VALUES (3); INSERT INTO u VALUES (3, 3)");
                following.drain(); // learns the shapes; had the process died now, the offset would be this one
                following.stop();
                following.offset = before;
                following.contentChanged.clear();
                following.open();
                assertEquals(
                        "[public.t, public.u]", new java.util.TreeSet<>(following.contentChanged.keySet()).toString());
            }
        }
    }

    @Test
    void aColumnWithoutContentIsNoReasonToReadATableAgain() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            database.execute("CREATE TABLE t (id int PRIMARY KEY); ALTER TABLE t ADD COLUMN long_ago int DEFAULT 1");
            try (Following following = Following.of(database, "t")) {
                database.execute("INSERT INTO t VALUES (2)");
                following.drain();
                following.stop();
                database.execute("ALTER TABLE t ADD COLUMN v text; ALTER TABLE t ALTER long_ago SET NOT NULL");
                following.open();
                assertTrue(following.contentChanged.isEmpty(), following.contentChanged.toString());
            }
        }
    }
}
