package dev.millrace.ingest.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A table's content changes at a real PostgreSQL without events, while the stream still has many of its events from before: what they repeat
 * must not stay on top of what the table is loaded again with.
 */
class LoadBehindGapsTest {
    private static final long PATIENCE_MILLIS = 300_000;
    private static final IngestOptions OPTIONS = new IngestOptions(3, 1, 64 << 10, 500, 20, 20, 100, 50, 500, 100);

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final MemoryTopic topic = new MemoryTopic(true);
    private final MemoryState state = new MemoryState();

    @AfterEach
    void endThreads() throws InterruptedException {
        threads.shutdownNow();
        assertTrue(threads.awaitTermination(PATIENCE_MILLIS, TimeUnit.MILLISECONDS));
    }

    @Test
    void aTableThatLeftThePublicationBehindTheStreamIsLoadedWithoutStaleRows() throws Exception {
        afterwards("""
                DO $$BEGIN EXECUTE format('ALTER PUBLICATION %I DROP TABLE film',
                  (SELECT pubname FROM pg_publication_tables WHERE tablename = 'film')); END$$;
                DELETE FROM film WHERE id % 2 = 0;
                UPDATE film SET a = -1 WHERE id % 3 = 0;
                UPDATE film SET id = id + 100000 WHERE id % 5 = 0;""");
    }

    @Test
    void aTableMadeAnewBehindTheStreamIsLoadedWithoutStaleRows() throws Exception {
        afterwards("""
                DROP TABLE film;
                CREATE TABLE film (id bigint PRIMARY KEY, a int);
                INSERT INTO film SELECT n, -n FROM generate_series(1, 100) n;""");
    }

    @Test
    void aTableThatLostAPartitionBehindTheStreamIsLoadedWithoutStaleRows() throws Exception {
        afterwards("ALTER TABLE film DETACH PARTITION film_1");
    }

    private void afterwards(String withoutEvents) throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            database.execute("""
                    CREATE TABLE film (id bigint PRIMARY KEY, a int) %s;
                    %s
                    INSERT INTO film SELECT n, 0 FROM generate_series(1, 2000) n;
                    """.formatted(
                            withoutEvents.contains("PARTITION") ? "PARTITION BY RANGE (id)" : "",
                            withoutEvents.contains("PARTITION") ? """
                                    CREATE TABLE film_1 PARTITION OF film FOR VALUES FROM (0) TO (1000);
                                    CREATE TABLE film_2 PARTITION OF film FOR VALUES FROM (1000) TO (3000);""" : ""));
            try (Source source = open(database)) {
                runUntilCaughtUp(source);
                for (int i = 0; i < 60; i++) {
                    database.execute("UPDATE film SET a = a + 1");
                }
                database.execute(withoutEvents);
                runUntilCaughtUp(source);
            }
            assertEquals(
                    database.rows("SELECT * FROM film").stream().sorted().toList(),
                    TableReplica.of(topic.batches()).rows(new TableName("public", "film")));
        }
    }

    private void runUntilCaughtUp(Source source) throws Exception {
        IngestEngine engine = new IngestEngine("gaps", source, List.of("public.film"), topic, state, OPTIONS, threads);
        Future<?> running = threads.submit(() -> {
            engine.run();
            return null;
        });
        boolean there = engine.awaitCaughtUp(((StreamingSource) source).currentPosition(), PATIENCE_MILLIS);
        engine.stop();
        running.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        assertTrue(there, () -> engine.status().toString());
    }

    private static Source open(TestDatabase database) {
        PostgresConnector connector = new PostgresConnector();
        return connector.open(
                "gaps",
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
}
