package dev.millrace.app.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.state.RocksStateStore;
import dev.millrace.storage.state.Run;
import dev.millrace.storage.state.Runs;
import dev.millrace.storage.state.StateStore;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OverseerTest {
    private static final long SECONDS = 120;
    private static final long BROKEN = Long.MIN_VALUE;

    @TempDir
    Path folder;

    private StateStore state;
    private Runs runs;
    private WorkerPool pool;
    private Overseer overseer;
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    @BeforeEach
    void start() {
        state = RocksStateStore.open(folder.resolve("state"));
        runs = new Runs(state);
        pool = new WorkerPool("test", 1, 4);
        overseer = new Overseer(runs, Clock.systemUTC(), List.of(pool));
        overseer.start();
    }

    @AfterEach
    void stop() {
        overseer.close();
        pool.close();
        state.close();
    }

    @Test
    void aTaskRunsOnceAndLeavesARecord() throws Exception {
        overseer.submit(task("load", false, Duration.ofMinutes(1), () -> TaskResult.done(42)), Duration.ZERO);
        assertTrue(overseer.awaitGone("p/load", SECONDS * 1_000));
        Run run = runs.newest("p", 10).get(0);
        assertEquals(Run.Outcome.SUCCEEDED, run.outcome());
        assertEquals(42, run.counts().rowsRead());
    }

    @Test
    void aKeyThatIsQueuedOrRunningIsNotTakenTwice() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch running = new CountDownLatch(1);
        PipelineWork work = () -> {
            running.countDown();
            release.await();
            return TaskResult.done(0);
        };
        assertTrue(overseer.submit(task("load", false, Duration.ofMinutes(1), work), Duration.ZERO));
        assertTrue(running.await(SECONDS, TimeUnit.SECONDS));
        assertFalse(overseer.submit(task("load", false, Duration.ofMinutes(1), work), Duration.ZERO));
        release.countDown();
        assertTrue(overseer.awaitGone("p/load", SECONDS * 1_000));
    }

    @Test
    void anExternalFailureIsTriedAgainAndAUserFailureIsNot() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        PipelineWork work = () -> {
            if (tries.incrementAndGet() == 1) {
                throw MillraceException.external("GONE", "The source is gone", "", "", null);
            }
            throw MillraceException.user("WRONG", "The password is wrong", "", "");
        };
        overseer.submit(task("ingest", true, Duration.ofMinutes(1), work), Duration.ZERO);
        assertTrue(overseer.awaitGone("p/ingest", SECONDS * 1_000));
        assertEquals("retrying The source is gone", told.poll(SECONDS, TimeUnit.SECONDS));
        assertEquals("failed The password is wrong", told.poll(SECONDS, TimeUnit.SECONDS));
        assertEquals(2, tries.get());
        assertEquals(
                List.of(Run.Outcome.FAILED, Run.Outcome.FAILED),
                runs.newest("p", 10).stream().map(Run::outcome).toList());
    }

    @Test
    void aUserFailureIsTriedAgainOnceTheTaskHadComeUp() throws Exception {
        PipelineWork work = () -> {
            throw MillraceException.user("REVOKED", "The privilege was revoked", "", "");
        };
        overseer.submit(new TestTask("load", pool, true, Duration.ofMinutes(1), 0, work, told::add), Duration.ZERO);
        assertEquals("retrying The privilege was revoked", told.poll(SECONDS, TimeUnit.SECONDS));
        overseer.cancel("p/load", SECONDS * 1_000);
    }

    @Test
    void aTaskThatWaitsForItsNextTryEndsAtOnce() throws Exception {
        PipelineWork work = () -> {
            throw MillraceException.user("REVOKED", "The privilege was revoked", "", "");
        };
        overseer.submit(new TestTask("load", pool, true, Duration.ofMinutes(1), 0, work, told::add), Duration.ZERO);
        assertEquals("retrying The privilege was revoked", told.poll(SECONDS, TimeUnit.SECONDS));
        long from = System.nanoTime();
        overseer.end("p/load", SECONDS * 1_000);
        assertTrue(overseer.awaitGone("p/load", 0));
        assertTrue(System.nanoTime() - from < Overseer.FIRST_USER_RETRY_MILLIS * 1_000_000, "waited for the next try");
    }

    @Test
    void aTaskThatRunsIsLeftToEndByItself() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        PipelineWork work = () -> {
            running.countDown();
            release.await();
            told.add("ended by itself");
            return TaskResult.again(0, Duration.ZERO);
        };
        overseer.submit(task("load", true, Duration.ofMinutes(1), work), Duration.ZERO);
        assertTrue(running.await(SECONDS, TimeUnit.SECONDS));
        Thread releasing = new Thread(release::countDown, "release");
        releasing.start();
        overseer.end("p/load", SECONDS * 1_000);
        releasing.join();
        assertEquals("ended by itself", told.poll());
        assertTrue(overseer.awaitGone("p/load", 0), "it isn't started again");
    }

    @Test
    void aTaskWithoutASignOfLifeIsInterruptedAndStartedAgain() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        PipelineWork work = () -> {
            if (tries.incrementAndGet() == 1) {
                new CountDownLatch(1).await();
            }
            return TaskResult.done(1);
        };
        overseer.submit(task("load", false, Duration.ofMillis(10), work), Duration.ZERO);
        assertTrue(overseer.awaitGone("p/load", SECONDS * 1_000));
        assertEquals(2, tries.get());
        assertEquals(
                List.of(Run.Outcome.SUCCEEDED, Run.Outcome.INTERRUPTED),
                runs.newest("p", 10).stream().map(Run::outcome).toList());
    }

    @Test
    void aTaskThatAsksForItRunsAgain() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        PipelineWork work =
                () -> tries.incrementAndGet() < 3 ? TaskResult.again(1, Duration.ofMillis(1)) : TaskResult.done(1);
        overseer.submit(task("chore", false, Duration.ofMinutes(1), work), Duration.ZERO);
        assertTrue(overseer.awaitGone("p/chore", SECONDS * 1_000));
        assertEquals(3, tries.get());
    }

    @Test
    void closingInterruptsWhatRuns() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        overseer.submit(
                task("ingest", true, Duration.ofMinutes(1), () -> {
                    running.countDown();
                    new CountDownLatch(1).await();
                    return TaskResult.done(0);
                }),
                Duration.ZERO);
        assertTrue(running.await(SECONDS, TimeUnit.SECONDS));
        overseer.close();
        assertEquals(Run.Outcome.INTERRUPTED, runs.newest("p", 1).get(0).outcome());
    }

    @Test
    void aPoolGrowsWhileWorkWaitsAndNeverBeyondItsLimit() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch started = new CountDownLatch(4);
        for (int i = 0; i < 8; i++) {
            pool.execute(() -> {
                started.countDown();
                try {
                    release.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }
        assertTrue(started.await(SECONDS, TimeUnit.SECONDS), "the coordinator has not grown the pool");
        assertEquals(4, pool.active());
        release.countDown();
    }

    @Test
    void whatIsRequiredWhileItRunsRunsOnceMoreAndWhatHadNothingToDoIsRecordedSo() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger runsOfIt = new AtomicInteger();
        Task task = task("load", false, Duration.ofMinutes(1), () -> {
            started.countDown();
            release.await();
            return runsOfIt.incrementAndGet() == 1 ? TaskResult.done(1) : TaskResult.skipped("nothing new");
        });
        assertTrue(overseer.require(task));
        assertTrue(started.await(SECONDS, TimeUnit.SECONDS));
        assertTrue(overseer.require(task));
        assertTrue(overseer.require(task));
        release.countDown();
        assertTrue(overseer.awaitGone("p/load", SECONDS * 1_000));
        assertEquals(2, runsOfIt.get(), "two that came meanwhile are one");
        Run skipped = runs.newest("p", 1).get(0);
        assertEquals(Run.Outcome.SKIPPED, skipped.outcome());
        assertEquals("nothing new", skipped.reason());
    }

    /** It ended the overseer's thread: nothing was started, retried or watched any more, without a word. */
    @Test
    void aTaskThatFailsToTellItsProgressCostsNobodyTheOverseer() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        PipelineWork work = () -> {
            if (tries.incrementAndGet() == 1) {
                throw MillraceException.external("GONE", "The source is gone", "", "", null);
            }
            return TaskResult.done(1);
        };
        overseer.submit(
                new TestTask("load", pool, false, Duration.ofMinutes(1), BROKEN, work, told::add), Duration.ZERO);
        assertTrue(overseer.awaitGone("p/load", SECONDS * 1_000));
        assertEquals(2, tries.get());
        overseer.submit(task("other", false, Duration.ofMinutes(1), () -> TaskResult.done(1)), Duration.ZERO);
        assertTrue(overseer.awaitGone("p/other", SECONDS * 1_000));
    }

    @Test
    void aTaskThatFailsToTellWhetherItIsAliveIsNotInterruptedForThat() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        PipelineWork work = () -> {
            running.countDown();
            release.await();
            return TaskResult.done(1);
        };
        overseer.submit(new TestTask("load", pool, false, Duration.ZERO, BROKEN, work, told::add), Duration.ZERO);
        assertTrue(running.await(SECONDS, TimeUnit.SECONDS));
        // takes more than one turn of the overseer, which looks at the other meanwhile
        overseer.submit(
                task("later", false, Duration.ofMinutes(1), () -> TaskResult.done(1)), Duration.ofMillis(2_500));
        assertTrue(overseer.awaitGone("p/later", SECONDS * 1_000));
        release.countDown();
        assertTrue(overseer.awaitGone("p/load", SECONDS * 1_000));
        assertEquals(
                List.of(Run.Outcome.SUCCEEDED, Run.Outcome.SUCCEEDED),
                runs.newest("p", 10).stream().map(Run::outcome).toList());
    }

    /** A user who sees the failure, and mends it, may be quicker than the task's thread is gone. */
    @Test
    void whatIsRequiredAsSoonAsAFailureIsToldRunsBehindIt() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        PipelineWork work = () -> {
            if (tries.incrementAndGet() == 1) {
                throw MillraceException.user("FULL", "There is no more room", "", "");
            }
            return TaskResult.done(1);
        };
        Task again = task("load", false, Duration.ofMinutes(1), work);
        overseer.require(
                new TestTask("load", pool, false, Duration.ofMinutes(1), -1, work, word -> overseer.require(again)));
        assertTrue(overseer.awaitGone("p/load", SECONDS * 1_000));
        assertEquals(2, tries.get());
    }

    @Test
    void whatWasRequiredOfARunThatFailsForGoodHasFailedWithIt() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        CountDownLatch required = new CountDownLatch(1);
        CountDownLatch running = new CountDownLatch(1);
        PipelineWork work = () -> {
            tries.incrementAndGet();
            running.countDown();
            required.await();
            throw MillraceException.user("FULL", "There is no more room", "", "");
        };
        Task task = task("load", false, Duration.ofMinutes(1), work);
        overseer.require(task);
        assertTrue(running.await(SECONDS, TimeUnit.SECONDS));
        overseer.require(task);
        required.countDown();
        assertTrue(overseer.awaitGone("p/load", SECONDS * 1_000));
        assertEquals(1, tries.get());
    }

    private interface PipelineWork {
        TaskResult run() throws InterruptedException;
    }

    private Task task(String name, boolean endless, Duration stuckAfter, PipelineWork work) {
        return new TestTask(name, pool, endless, stuckAfter, -1, work, told::add);
    }

    private record TestTask(
            String name,
            WorkerPool pool,
            boolean endless,
            Duration stuckAfter,
            long progress,
            PipelineWork work,
            Consumer<String> listener)
            implements Task {
        @Override
        public String key() {
            return "p/" + name;
        }

        @Override
        public String pipeline() {
            return "p";
        }

        @Override
        public String object() {
            return "";
        }

        @Override
        public boolean recorded() {
            return true;
        }

        @Override
        public long lastSignOfLifeNanos(long startedAtNanos) {
            if (progress == BROKEN) {
                throw new IllegalStateException("broken, as intended");
            }
            return startedAtNanos;
        }

        @Override
        public long progress() {
            if (progress == BROKEN) {
                throw new IllegalStateException("broken, as intended");
            }
            return progress;
        }

        @Override
        public TaskResult run() throws InterruptedException {
            return work.run();
        }

        @Override
        public void failed(RuntimeException failure) {
            listener.accept("failed " + ((MillraceException) failure).what());
        }

        @Override
        public void retrying(RuntimeException failure, Duration delay) {
            listener.accept("retrying " + ((MillraceException) failure).what());
        }
    }
}
