package dev.millrace.app.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole pipelines on real databases: what arrives is what the source holds. */
class EndToEndTest {
    private static final long SECONDS = 240;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void columnsAddedDroppedRenamedAndRetypedMidStreamArrive(boolean duckdb) throws Exception {
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase();
                Installation installation =
                        new Installation(folder, source, duckdb ? null : target, "logical", "onDelete: hard")) {
            source.execute("CREATE TABLE film (id int PRIMARY KEY, title text, year smallint, gone int)");
            source.execute("INSERT INTO film SELECT i, 'film ' || i, 1900 + i % 100, i FROM generate_series(1, 500) i");
            installation.start();
            installation.catchUp();
            long loadedFirst = loadStarted(installation);
            source.execute(
                    "ALTER TABLE film ADD COLUMN rating numeric(4,1) DEFAULT 5.5; UPDATE film SET title = title || '!' WHERE id < 10");
            source.execute(
                    "ALTER TABLE film RENAME COLUMN title TO name; INSERT INTO film VALUES (1001, 'renamed', 2001, 1, 1.0)");
            installation.catchUp();
            source.execute("ALTER TABLE film DROP COLUMN gone; INSERT INTO film VALUES (1002, 'dropped', 2002, 2.0)");
            source.execute(
                    "ALTER TABLE film ALTER COLUMN year TYPE bigint; INSERT INTO film VALUES (1003, 'wide', 5000000000, 3.0)");
            source.execute("DELETE FROM film WHERE id = 20; UPDATE film SET id = 2020 WHERE id = 21");
            installation.catchUp();
            awaitReload(installation, loadedFirst); // of the rows that got a rating without an event
            installation.stop();
            String query = "SELECT id, name, year, rating FROM public.film ORDER BY id";
            long end = System.nanoTime() + SECONDS * 1_000_000_000L;
            while (!installation.atSource(query).equals(installation.atDestination(query)) && System.nanoTime() < end) {
                installation.start(); // of those that got a name, if that comes after the other
                installation.catchUp();
                installation.stop();
            }
            assertEquals(installation.atSource(query), installation.atDestination(query));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void wholeTablesAreReadAgainAndReplaceWhatWasThere(boolean duckdb) throws Exception {
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase();
                Installation installation =
                        new Installation(folder, source, duckdb ? null : target, "table", "objects: [public.t]")) {
            source.execute(
                    "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT i, 'a' FROM generate_series(1, 1000) i");
            installation.start();
            installation.catchUp();
            installation.stop();
            source.execute(
                    "DELETE FROM t WHERE id > 900; UPDATE t SET v = 'b' WHERE id <= 10; INSERT INTO t VALUES (5000, 'c')");
            installation.start();
            installation.catchUp();
            installation.stop();
            String query = "SELECT id, v FROM public.t ORDER BY id";
            assertEquals(installation.atSource(query), installation.atDestination(query));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aDroppedSlotStopsThePipelineAndBeginningAgainBringsEverythingBack(boolean duckdb) throws Exception {
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase();
                Installation installation =
                        new Installation(folder, source, duckdb ? null : target, "logical", "onDelete: hard")) {
            source.execute(
                    "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT i, 'a' FROM generate_series(1, 1000) i");
            source.execute(
                    "CREATE TABLE log (line text); INSERT INTO log SELECT 'line ' || i % 7 FROM generate_series(1, 100) i");
            installation.start();
            installation.catchUp();
            installation.stop();
            dropSlots(source);
            source.execute(
                    "DELETE FROM t WHERE id <= 100; UPDATE t SET v = 'missed' WHERE id = 500; INSERT INTO log VALUES ('missed')");
            PipelineRuntime pipeline = installation.start();
            assertEquals("SLOT_MISSING", ((MillraceException) awaitFailure(pipeline)).code());
            pipeline.beginAgain();
            installation.catchUp();
            source.execute("UPDATE t SET v = 'after' WHERE id = 501; INSERT INTO log VALUES ('after')");
            installation.catchUp();
            installation.stop();
            for (String query :
                    List.of("SELECT id, v FROM public.t ORDER BY id", "SELECT line FROM public.log ORDER BY line")) {
                assertEquals(installation.atSource(query), installation.atDestination(query), query);
            }
        }
    }

    @Test
    void beginningAgainFillsADestinationThatWasLostAfterTheLogWasReleased() throws Exception {
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                Installation installation = new Installation(folder, source, null, "logical", "onDelete: hard")) {
            source.execute(
                    "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT i, 'a' FROM generate_series(1, 1000) i");
            for (int run = 0; run < 2; run++) {
                installation.start();
                source.execute("UPDATE t SET v = v || '%d' WHERE id <= 500".formatted(run));
                installation.catchUp();
                installation.stop();
            }
            installation.releaseLog();
            Files.delete(folder.resolve("warehouse.duckdb"));
            assertEquals("LOG_INDEX_GONE", ((MillraceException) awaitFailure(installation.start())).code());
            installation.pipeline().beginAgain();
            installation.stop();
            installation.start();
            installation.catchUp();
            source.execute("DELETE FROM t WHERE id > 990");
            installation.catchUp();
            installation.stop();
            String query = "SELECT id, v FROM public.t ORDER BY id";
            assertEquals(installation.atSource(query), installation.atDestination(query));
        }
    }

    @Test
    void anObjectIsLoadedAgainUnderTheStream() throws Exception {
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase();
                Installation installation = new Installation(folder, source, target, "logical", "onDelete: hard")) {
            source.execute(
                    "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT i, 'a' FROM generate_series(1, 5000) i");
            PipelineRuntime pipeline = installation.start();
            installation.catchUp();
            target.execute("DELETE FROM public.t WHERE id < 2000; UPDATE public.t SET v = 'spoiled'");
            long loadedFirst = loadStarted(installation);
            pipeline.reload(PipelineRuntime.tableName("public.t"));
            source.execute("UPDATE t SET v = 'b' WHERE id % 3 = 0; DELETE FROM t WHERE id % 5 = 0");
            awaitReload(installation, loadedFirst);
            installation.catchUp();
            String query = "SELECT id, v FROM public.t ORDER BY id";
            long end = System.nanoTime() + SECONDS * 1_000_000_000L;
            while (!installation.atSource(query).equals(installation.atDestination(query)) && System.nanoTime() < end) {
                installation.catchUp();
            }
            assertEquals(installation.atSource(query), installation.atDestination(query));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void largeTransactionsValuesAndOddNamesArrive(boolean duckdb) throws Exception {
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase();
                Installation installation =
                        new Installation(folder, source, duckdb ? null : target, "logical", "onDelete: soft")) {
            source.execute(
                    "CREATE SCHEMA \"Odd Schema\"; CREATE TABLE \"Odd Schema\".\"Sel\"\"ect; --\" (\"Key Ö\" text PRIMARY KEY, \"FROM\" text)");
            source.execute("CREATE TABLE big (id bigint PRIMARY KEY, v text)");
            installation.start();
            installation.catchUp();
            source.execute("INSERT INTO \"Odd Schema\".\"Sel\"\"ect; --\" VALUES ('a''b', 'x'), ('ü\\n\"', NULL)");
            source.execute("INSERT INTO big SELECT i, md5(i::text) FROM generate_series(1, 200000) i");
            source.execute(
                    "INSERT INTO big SELECT 1000000 + i, repeat(md5(i::text), 640000) FROM generate_series(1, 2) i");
            installation.catchUp(); // rows that come and go within one load leave nothing to mark as deleted
            source.execute(
                    "UPDATE big SET v = 'changed' WHERE id <= 100000; DELETE FROM big WHERE id BETWEEN 150001 AND 160000");
            installation.catchUp();
            installation.stop();
            String live = " FROM public.big WHERE %s";
            String sums = "SELECT count(*), sum(id), sum(length(v)), min(md5(v)), max(md5(v))" + live;
            String deleted = "SELECT count(*) FROM public.big WHERE __millrace_deleted";
            assertEquals(
                    installation.atSource(sums.formatted("true")),
                    installation.atDestination(sums.formatted("NOT __millrace_deleted")));
            assertEquals(List.of("10000"), installation.atDestination(deleted));
            String odd = "SELECT \"Key Ö\", \"FROM\" FROM \"Odd Schema\".\"Sel\"\"ect; --\" ORDER BY 1";
            assertEquals(installation.atSource(odd), installation.atDestination(odd));
        }
    }

    /** Waits until no table is being loaded. */
    /** Once the server has noticed that nobody reads them any more. */
    private static void dropSlots(TestDatabase source) throws SQLException {
        String slots = " FROM pg_replication_slots WHERE database = current_database()";
        long end = System.nanoTime() + SECONDS * 1_000_000_000L;
        while (!source.rows("SELECT slot_name" + slots + " AND active").isEmpty()) {
            assertTrue(System.nanoTime() < end, "a slot is still read");
        }
        source.execute("SELECT pg_drop_replication_slot(slot_name)" + slots);
    }

    private static void awaitReload(Installation installation, long startedBefore) throws Exception {
        long end = System.nanoTime() + SECONDS * 1_000_000_000L;
        do {
            installation.catchUp();
            assertTrue(
                    System.nanoTime() < end,
                    () -> "not loaded again: " + installation.pipeline().snapshot());
        } while (loadStarted(installation) == startedBefore
                || installation.pipeline().snapshot().tables().stream()
                        .anyMatch(table -> table.state() != dev.millrace.ingest.engine.LoadStatus.State.LOADED));
        installation.catchUp();
    }

    private static long loadStarted(Installation installation) {
        return installation.pipeline().snapshot().tables().get(0).startedAtMillis();
    }

    private static RuntimeException awaitFailure(PipelineRuntime pipeline) throws Exception {
        long end = System.nanoTime() + SECONDS * 1_000_000_000L;
        while (pipeline.failure().isEmpty()) {
            assertTrue(System.nanoTime() < end, () -> "no failure: " + pipeline.snapshot());
            pipeline.awaitCaughtUp(pipeline.position(), 100);
        }
        return pipeline.failure().get();
    }
}
