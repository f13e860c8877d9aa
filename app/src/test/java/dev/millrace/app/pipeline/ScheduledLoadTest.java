package dev.millrace.app.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.pipeline.Loading;
import dev.millrace.config.pipeline.LoadingSchedule;
import dev.millrace.storage.state.Run;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScheduledLoadTest {
    private static final String ROWS = "SELECT count(*) FROM public.film";

    @TempDir
    Path folder;

    @Test
    void changesWaitInTheLogUntilALoadIsDueOrAskedForAlsoOverARestart() throws Exception {
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase();
                Installation installation = new Installation(folder, source, target, "logical", "")) {
            source.execute("CREATE TABLE film (id int PRIMARY KEY, title text); INSERT INTO film VALUES (1, 'Heat')");
            installation.loading(new Loading(Optional.of(new LoadingSchedule.Every(Duration.ofHours(1)))));
            PipelineRuntime first = installation.start();
            await(() -> firstLoadIsIn(installation), "the first load, due at once, of what is read meanwhile");
            assertEquals(1, rows(target));
            assertTrue(first.snapshot().loading().next().isPresent());

            long read = first.snapshot().eventsRead();
            source.execute("INSERT INTO film VALUES (2, 'Ran'), (3, 'Alien')");
            await(() -> first.snapshot().eventsRead() >= read + 2, "the stream");
            assertEquals(1, rows(target), "they wait in the log");
            installation.stop();

            PipelineRuntime second = installation.start();
            await(() -> second.snapshot().loading().next().isPresent(), "the schedule");
            assertEquals(1, rows(target), "a restart brings nothing forward");
            assertTrue(loadedNow(installation));
            assertEquals(3, rows(target), "what was staged before the restart");
            Run loaded = installation.runs("load").stream()
                    .filter(run -> run.outcome() == Run.Outcome.SUCCEEDED)
                    .findFirst()
                    .orElseThrow();
            assertEquals(2, loaded.counts().rowsLoaded());
            assertTrue(loadedNow(installation));
            Run skipped = installation.runs("load").get(0);
            assertEquals(Run.Outcome.SKIPPED, skipped.outcome());
            assertEquals("nothing new in the log", skipped.reason());
        }
    }

    @Test
    void aLoadThatWasCutShortGoesOnAtTheNextStartAndNotAtTheNextTime() throws Exception {
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase();
                Installation installation = new Installation(folder, source, target, "logical", "")) {
            source.execute("CREATE TABLE film (id int PRIMARY KEY, title text); INSERT INTO film VALUES (1, 'Heat')");
            installation.loading(new Loading(Optional.of(new LoadingSchedule.Every(Duration.ofHours(1)))));
            PipelineRuntime first = installation.start();
            await(() -> firstLoadIsIn(installation), "the first load, due at once, of what is read meanwhile");
            assertEquals(1, rows(target));
            try (Connection reader = target.connect();
                    Statement lock = reader.createStatement()) {
                reader.setAutoCommit(false);
                lock.execute("LOCK TABLE public.film IN ACCESS EXCLUSIVE MODE");
                long read = first.snapshot().eventsRead();
                source.execute("INSERT INTO film VALUES (2, 'Ran')");
                await(() -> first.snapshot().eventsRead() > read, "the stream");
                long before = installation.runs("load").get(0).id();
                first.loadNow();
                await(() -> installation.runs("load").get(0).id() > before, "a run that can't come to its end");
                installation.stop();
                reader.rollback();
            }
            assertEquals(1, rows(target), "it was cut short");
            PipelineRuntime second = installation.start();
            await(() -> rows(target) == 2, "the rest of the load, without being asked for");
            await(() -> second.snapshot().loading().next().isPresent(), "the schedule");
        }
    }

    private static boolean firstLoadIsIn(Installation installation) {
        List<Run> loads = installation.runs("load");
        return loads.size() == 1 && loads.get(0).outcome() == Run.Outcome.SUCCEEDED;
    }

    /** Asks for a load and waits for its end. */
    private static boolean loadedNow(Installation installation) throws Exception {
        await(
                () -> installation.runs("load").stream().allMatch(ScheduledLoadTest::ended),
                "the end of the load before");
        long before = installation.runs("load").get(0).id();
        installation.pipeline().loadNow();
        await(
                () -> installation.runs("load").get(0).id() > before
                        && ended(installation.runs("load").get(0)),
                "a run");
        return true;
    }

    private static boolean ended(Run run) {
        return run.outcome() != Run.Outcome.RUNNING;
    }

    private static long rows(TestDatabase target) throws Exception {
        List<String> there = target.rows("SELECT to_regclass('public.film') IS NOT NULL");
        return there.equals(List.of("t")) ? Long.parseLong(target.rows(ROWS).get(0)) : -1;
    }

    private static void await(Callable<Boolean> condition, String what) throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(240);
        while (!condition.call()) {
            assertTrue(System.nanoTime() < until, () -> "in vain: " + what);
            never.await(50, TimeUnit.MILLISECONDS);
        }
    }
}
