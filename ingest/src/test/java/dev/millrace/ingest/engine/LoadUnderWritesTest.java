package dev.millrace.ingest.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.setting.SettingsParser;
import dev.millrace.ingest.postgres.PostgresConnector;
import dev.millrace.ingest.source.Source;
import dev.millrace.ingest.source.StreamingSource;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.testing.MemoryState;
import dev.millrace.storage.testing.MemoryTopic;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Tables of a real PostgreSQL are loaded while others insert, update, delete, truncate and move keys, with TOASTed values left out of the
 * updates; the engine is stopped and started in between. What the log says at the end is what the tables hold.
 */
class LoadUnderWritesTest {
    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final long PATIENCE_MILLIS = 300_000;
    private static final int ROWS = 12_000;
    private static final IngestOptions OPTIONS = new IngestOptions(3, 1, 64 << 10, 500, 20, 20, 100, 50, 500, 100);

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void endThreads() throws InterruptedException {
        threads.shutdownNow();
        assertTrue(threads.awaitTermination(PATIENCE_MILLIS, TimeUnit.MILLISECONDS));
    }

    @Test
    void theLogHoldsWhatTheTablesHold() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            makeTables(database);
            MemoryTopic topic = new MemoryTopic(true);
            MemoryState state = new MemoryState();
            SplittableRandom random = new SplittableRandom(SEED);
            try (Source source = open(database)) {
                for (int run = 0; run < 4; run++) {
                    IngestEngine engine =
                            new IngestEngine("writes", source, List.of("public.*"), topic, state, OPTIONS, threads);
                    Future<?> running = threads.submit(() -> {
                        engine.run();
                        return null;
                    });
                    int writes = 150;
                    List<Future<?>> writers = List.of(
                            writer(database, random.split(), writes),
                            writer(database, random.split(), writes),
                            writer(database, random.split(), writes));
                    if (run == 2) {
                        engine.reload(new TableName("public", "film"));
                        engine.reload(new TableName("public", "visit"));
                    }
                    if (run < 3) {
                        writers.get(0).get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
                    }
                    if (run == 3) {
                        for (Future<?> writer : writers) {
                            writer.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
                        }
                        awaitCaughtUp(engine, (StreamingSource) source, running);
                    }
                    engine.stop();
                    running.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
                    for (Future<?> writer : writers) {
                        writer.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
                    }
                    assertEquals(topic.appendedIndex(), topic.durableIndex());
                }
            }
            TableReplica replica = TableReplica.of(topic.batches());
            for (String table : List.of("film", "visit", "note")) {
                List<String> expected = database.rows("SELECT * FROM " + table).stream()
                        .sorted()
                        .toList();
                assertFalse(expected.isEmpty());
                assertEquals(
                        expected,
                        replica.rows(new TableName("public", table)),
                        () -> "table " + table + ", seed " + SEED);
            }
        }
    }

    private static void awaitCaughtUp(IngestEngine engine, StreamingSource source, Future<?> running) throws Exception {
        byte[] position = source.currentPosition();
        if (!engine.awaitCaughtUp(position, PATIENCE_MILLIS)) {
            try {
                running.get(0, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                throw new AssertionError("not caught up, seed " + SEED + ": " + engine.status(), e);
            }
        }
    }

    private static Source open(TestDatabase database) {
        PostgresConnector connector = new PostgresConnector();
        return connector.open(
                "writes",
                SettingsParser.parse(
                        connector.settings(),
                        Map.of(
                                "host", database.host(),
                                "port", Integer.toString(database.port()),
                                "database", database.database(),
                                "user", database.user(),
                                "password", database.password(),
                                "sslMode", "disable")));
    }

    private static void makeTables(TestDatabase database) throws SQLException {
        database.execute("""
                CREATE TABLE film (id bigint, part int, a bigint, big text, PRIMARY KEY (id, part));
                ALTER TABLE film ALTER big SET STORAGE EXTERNAL;
                INSERT INTO film SELECT n, n %% 7, 0, CASE WHEN n %% 5 = 0 THEN repeat(md5(n::text), 100) ELSE 'small' END
                  FROM generate_series(1, %d) n;
                CREATE TABLE visit (at bigint, who text);
                INSERT INTO visit SELECT n, 'before' FROM generate_series(1, 3000) n;
                CREATE TABLE note (v bigint, what text);
                ALTER TABLE note REPLICA IDENTITY FULL;
                INSERT INTO note SELECT n, 'before' FROM generate_series(1, 2000) n;
                ANALYZE;
                """.formatted(ROWS));
    }

    /** A connection that commits so many transactions of one to four statements. */
    private Future<?> writer(TestDatabase database, SplittableRandom random, int transactions) {
        return threads.submit(() -> {
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                for (int i = 0; i < transactions; i++) {
                    int changes = 1 + random.nextInt(4);
                    // a change that waits for another writer is given up, so that they never wait in a circle
                    for (int change = 0; change < changes; change++) {
                        statement.execute("SAVEPOINT s");
                        statement.execute("SET LOCAL lock_timeout = 50");
                        try {
                            statement.execute(change(random));
                        } catch (SQLException e) {
                            statement.execute("ROLLBACK TO SAVEPOINT s");
                        }
                    }
                    connection.commit();
                }
            }
            return null;
        });
    }

    private static String change(SplittableRandom random) {
        long id = 1L + random.nextInt(ROWS);
        return switch (random.nextInt(9)) {
            case 0 -> "DELETE FROM film WHERE id = " + id;
            case 1 -> "INSERT INTO film VALUES (" + (ROWS + random.nextInt(100_000)) + ", 1, 1, repeat(md5('x'), 90))";
            case 2 ->
                "UPDATE film SET id = id + " + (1_000_000L + random.nextInt(1_000_000)) + ", a = a + 1 WHERE id = "
                        + id;
            case 3 -> "UPDATE film SET part = part + 100 WHERE id BETWEEN " + id + " AND " + (id + 3);
            case 4 -> "UPDATE film SET big = repeat(md5('" + id + "y'), 80) WHERE id = " + id;
            case 5 -> "INSERT INTO visit VALUES (" + random.nextInt(100_000) + ", 'during')";
            case 6 -> "UPDATE note SET what = 'changed" + id + "' WHERE v = " + id % 2_000;
            case 7 -> "DELETE FROM note WHERE v = " + id % 2_000;
            default -> "UPDATE film SET a = a + 1 WHERE id BETWEEN " + id + " AND " + (id + 20);
        };
    }
}
