package dev.millrace.ingest.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.setting.Settings;
import dev.millrace.ingest.source.ChunkReader;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.peer.PeerWatch;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A network that goes dead without closing anything is noticed in bounded time, by streams and by chunks. */
@Timeout(400)
class DeadNetworkTest {
    private static final TableName T = new TableName("public", "t");

    private static PostgresSettings through(Wire wire, TestDatabase database) {
        return new PostgresSettings(
                "test",
                new Settings(Map.ofEntries(
                        Map.entry("host", "127.0.0.1"),
                        Map.entry("port", (long) wire.port()),
                        Map.entry("database", database.database()),
                        Map.entry("user", database.user()),
                        Map.entry("sslMode", "disable"),
                        Map.entry("mode", "logical"),
                        Map.entry("connectTimeout", Duration.ofSeconds(5)),
                        Map.entry("queryTimeout", Duration.ofSeconds(10)),
                        Map.entry("lockTimeout", Duration.ofSeconds(10)),
                        Map.entry("catchUpFrom", 64L << 20),
                        Map.entry("peerTimeout", Duration.ofSeconds(2)))));
    }

    private static MillraceException lost(Following following) throws InterruptedException {
        MillraceException failure = following.readUntilLost();
        assertEquals(Category.EXTERNAL, failure.category(), failure.getMessage());
        return failure;
    }

    @Test
    void aStreamWhoseServerCanNoLongerBeReachedFails() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase();
                Wire wire = new Wire(database.port())) {
            database.execute("CREATE TABLE t (id int PRIMARY KEY)");
            Following following = Following.of(new PostgresSource(through(wire, database)), "t");
            database.execute("INSERT INTO t VALUES (1)");
            assertEquals(List.of("INSERT t(1)"), following.drain());
            wire.freezeAll();
            assertEquals("CONNECTION_TIMED_OUT", lost(following).code());
            following.stop();
        }
    }

    @Test
    void aStreamWhoseConnectionAloneIsDeadFails() throws Exception {
        try (TestPostgres server = TestPostgres.start(Map.of("wal_sender_timeout", "2s"));
                TestDatabase database = server.createDatabase();
                Wire wire = new Wire(database.port())) {
            database.execute("CREATE TABLE t (id int PRIMARY KEY)");
            Following following = Following.of(new PostgresSource(through(wire, database)), "t");
            database.execute("INSERT INTO t VALUES (1)");
            assertEquals(List.of("INSERT t(1)"), following.drain());
            wire.freeze(
                    database.rows("SELECT client_port FROM pg_stat_replication").get(0));
            MillraceException failure = lost(following);
            assertEquals("CONNECTION_LOST", failure.code());
            assertTrue(failure.getMessage().contains("gone"), failure.getMessage());
            following.stop();
        }
    }

    @Test
    void aQuietStreamIsNoDeadOne() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase();
                Following following = Following.of(database)) {
            long end = System.nanoTime() + Duration.ofSeconds(12).toNanos();
            while (System.nanoTime() < end) {
                assertEquals(List.of(), following.read(10, 1000));
            }
        }
    }

    @Test
    void aStatementWhoseConnectionIsDeadFailsLongBeforeItsTimeOut() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase();
                Wire wire = new Wire(database.port());
                ChunkReader reader = Reading.reader(new Connections(through(wire, database)))) {
            database.execute("CREATE TABLE t (id int PRIMARY KEY)");
            assertTrue(reader.boundary(T, null, 10).isEmpty());
            wire.freeze(database.rows(
                            "SELECT client_port FROM pg_stat_activity WHERE application_name = 'millrace-test' AND datname = current_database()")
                    .get(0));
            MillraceException failure = assertThrows(MillraceException.class, () -> reader.boundary(T, null, 10));
            assertEquals("CONNECTION_LOST", failure.code(), failure.getMessage());
            assertTrue(failure.getMessage().contains("waits for us"), failure.getMessage());
        }
    }

    @Test
    void aStatementThatWaitsForALockOrTakesLongIsWaitedFor() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase();
                Wire wire = new Wire(database.port());
                PeerWatch watch = new PeerWatch("test-peer-watch", Duration.ofMillis(100));
                Connection connection = new Connections(through(wire, database)).reading();
                Statement statement = connection.createStatement();
                PeerWatch.Watched watched =
                        watch.watch(new ReaderPeer(new Connections(through(wire, database)), connection))) {
            watched.begin();
            statement.execute("SELECT pg_catalog.pg_sleep(2)");
            watched.end();
            assertTrue(watched.cutBecause().isEmpty(), watched.cutBecause()::toString);
        }
    }

    @Test
    void aChunkWhoseConnectionIsDeadFails() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase();
                Wire wire = new Wire(database.port());
                ChunkReader reader = Reading.reader(new Connections(through(wire, database)))) {
            database.execute(
                    "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT i, repeat('x', 1000) FROM generate_series(1, 60000) i");
            reader.begin();
            Schema schema = new Schema(T, 1, reader.columns(T));
            String client = database.rows(
                            "SELECT client_port FROM pg_stat_activity WHERE application_name = 'millrace-test' AND datname = current_database()")
                    .get(0);
            BatchWriter out = Reading.writer();
            boolean[] frozen = {false};
            MillraceException failure = assertThrows(
                    MillraceException.class,
                    () -> reader.read(schema, null, null, out, 1 << 16, () -> {
                        Reading.rows(out);
                        if (!frozen[0]) {
                            frozen[0] = true;
                            wire.freeze(client);
                        }
                    }));
            assertTrue(frozen[0]);
            // within a row the connection's own time-out comes first
            assertTrue(
                    List.of("CONNECTION_LOST", "CONNECTION_TIMED_OUT").contains(failure.code()), failure.getMessage());
            assertEquals(Category.EXTERNAL, failure.category());
        }
    }
}
