package dev.millrace.app.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.consume.failed.FailedFilter;
import dev.millrace.consume.failed.FailedQueue;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Constraints at real destinations make rows fail; once they are gone and all is replayed, the destination equals the source. */
class FailedEventsTest {
    private static final long SECONDS = 240;
    private static final String QUERY = "SELECT id, v, note FROM public.t ORDER BY id";

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatAConstraintRefusesIsParkedAndReplayedOnceItIsGone(boolean duckdb) throws Exception {
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase();
                Installation installation = installation(source, duckdb ? null : target)) {
            source.execute("CREATE TABLE t (id int PRIMARY KEY, v int, note text);"
                    + " INSERT INTO t SELECT i, i, 'n' || i FROM generate_series(1, 5000) i");
            installation.start();
            installation.catchUp();
            alter(installation, target, duckdb, "SET NOT NULL");
            source.execute("UPDATE t SET v = NULL WHERE id % 50 = 0");
            installation.catchUp(); // so that what follows is behind it, not in its window
            source.execute("UPDATE t SET note = 'later' WHERE id % 100 = 0");
            source.execute("UPDATE t SET id = id + 100000 WHERE id % 200 = 0");
            source.execute("DELETE FROM t WHERE id % 300 = 0; UPDATE t SET note = 'fine' WHERE id % 7 = 0");
            source.execute("INSERT INTO t VALUES (200, 1, 'in the place of one that moved')");
            installation.catchUp();
            FailedQueue queue = installation.pipeline().failedEvents();
            assertTrue(queue.counts().events() >= 100, () -> queue.counts().toString());
            assertTrue(queue.counts().behind() >= 25, () -> queue.counts().toString());
            alter(installation, target, duckdb, "DROP NOT NULL");
            FailedQueue after = installation.pipeline().failedEvents();
            after.replay(FailedFilter.ALL);
            await(after);
            installation.stop();
            assertEquals(installation.atSource(QUERY), installation.atDestination(QUERY));
        }
    }

    private Installation installation(TestDatabase source, TestDatabase target) throws Exception {
        return new Installation(folder, source, target, "logical", "onDelete: hard\nfailed: {stopAtRate: never}");
    }

    /** DuckDB's file is ours alone while a pipeline runs, so that it has to stop meanwhile. */
    private void alter(Installation installation, TestDatabase target, boolean duckdb, String what) throws Exception {
        String sql = "ALTER TABLE public.t ALTER COLUMN v " + what;
        if (!duckdb) {
            target.execute(sql);
            return;
        }
        installation.stop();
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + folder.resolve("warehouse.duckdb"));
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
        installation.start();
        installation.catchUp();
    }

    @Test
    void aHundredBadRowsOfAHundredThousandAreFoundWhileTheOthersAreLoaded() throws Exception {
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase();
                Installation installation = installation(source, target)) {
            source.execute("CREATE TABLE t (id int PRIMARY KEY, v int, note text)");
            installation.start();
            installation.catchUp();
            source.execute("INSERT INTO t VALUES (0, 0, 'first')");
            installation.catchUp();
            target.execute("ALTER TABLE public.t ADD CONSTRAINT small CHECK (v % 997 <> 1)");
            source.execute("INSERT INTO t SELECT i, i, 'n' || i FROM generate_series(1, 100000) i");
            installation.catchUp();
            FailedQueue queue = installation.pipeline().failedEvents();
            assertEquals(101, queue.counts().events());
            assertEquals(
                    installation.atSource("SELECT count(*) FROM t WHERE v % 997 <> 1"),
                    installation.atDestination("SELECT count(*) FROM public.t"));
            target.execute("ALTER TABLE public.t DROP CONSTRAINT small");
            queue.replay(FailedFilter.ALL);
            await(queue);
            assertEquals(installation.atSource(QUERY), installation.atDestination(QUERY));
        }
    }

    @Test
    void figuresAreRightFromTheStart() throws Exception {
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase();
                Installation installation = installation(source, target)) {
            source.execute("CREATE TABLE t (id int PRIMARY KEY, v int, note text); INSERT INTO t VALUES (0, 0, '')");
            installation.start();
            installation.catchUp();
            target.execute("ALTER TABLE public.t ADD CONSTRAINT small CHECK (v < 5)");
            source.execute("INSERT INTO t SELECT i, i, 'n' FROM generate_series(1, 9) i");
            source.execute("UPDATE t SET note = 'later' WHERE id = 9");
            installation.catchUp();
            FailedQueue before = installation.pipeline().failedEvents();
            assertTrue(before.awaitAtMost(6, 0), () -> before.counts().toString());
            long parked = before.counts().events();
            assertTrue(parked >= 5, () -> before.counts().toString());
            installation.stop();
            installation.start();
            assertEquals(parked, installation.pipeline().snapshot().failed().events());
        }
    }

    private static void await(FailedQueue queue) throws InterruptedException {
        assertTrue(queue.awaitAtMost(0, TimeUnit.SECONDS.toMillis(SECONDS)), () -> "not replayed: " + queue.groups());
    }
}
