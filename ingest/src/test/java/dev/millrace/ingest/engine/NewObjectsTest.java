package dev.millrace.ingest.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.Finding;
import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.testing.MemoryState;
import dev.millrace.storage.testing.MemoryTopic;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tables that come while an engine runs, over a source, a topic and a state store in memory. */
class NewObjectsTest {
    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final long PATIENCE_MILLIS = 120_000;
    private static final int ROUNDS = Integer.getInteger("joins.rounds", 40);
    private static final IngestOptions OPTIONS = new IngestOptions(3, 1, 40, 5, 1, 5, 0, 1, 50, 5);
    private static final List<TableName> BOTH = List.of(FakeDatabase.KEYED, FakeDatabase.KEYLESS);

    private final ExecutorService workers = Executors.newFixedThreadPool(4);
    private SplittableRandom random = new SplittableRandom(SEED);
    private MemoryState state = new MemoryState();
    private FakeDatabase database = new FakeDatabase(random.split());
    private FakeSource source = new FakeSource(database);
    private MemoryTopic topic = new MemoryTopic(true);

    @AfterEach
    void endWorkers() throws InterruptedException {
        workers.shutdownNow();
        assertTrue(workers.awaitTermination(PATIENCE_MILLIS, TimeUnit.MILLISECONDS));
    }

    /** A run on a thread of its own. */
    private final class Running implements AutoCloseable {
        final IngestEngine engine;
        private final AtomicReference<Throwable> failure = new AtomicReference<>();
        private final Thread thread;

        Running(String... objects) {
            engine = new IngestEngine("test", source, List.of(objects), topic, state, OPTIONS, workers);
            thread = new Thread(
                    () -> {
                        try {
                            engine.run();
                        } catch (InterruptedException | RuntimeException | Error e) {
                            failure.set(e);
                        }
                    },
                    "ingest-test");
            thread.start();
        }

        /** Writes and shows until it is so. */
        void until(BooleanSupplier so) throws InterruptedException {
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
            while (!so.getAsBoolean()) {
                assertNull(failure.get(), () -> "seed " + SEED + ": " + failure.get());
                assertTrue(System.nanoTime() < end, () -> "seed " + SEED + ": " + engine.status());
                database.write();
                showAll();
                database.awaitMore(Integer.MAX_VALUE, 1);
            }
        }

        void awaitCaughtUp() throws InterruptedException {
            showAll();
            boolean there = engine.awaitCaughtUp(source.currentPosition(), PATIENCE_MILLIS);
            assertTrue(there, () -> "not caught up, seed " + SEED + ": " + engine.status() + " " + failure.get());
        }

        boolean has(TableName table) {
            return engine.status().tables().stream()
                    .anyMatch(load -> load.table().equals(table));
        }

        @Override
        public void close() {
            engine.stop();
            try {
                thread.join(PATIENCE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
            assertFalse(thread.isAlive(), "the engine did not end");
            assertNull(failure.get(), () -> "seed " + SEED + ": " + failure.get());
        }
    }

    private void showAll() {
        while (!database.allVisible()) {
            database.show();
        }
    }

    private void assertWhole(long seed) {
        assertEquals(database.committed(), Replica.of(topic.batches()), "seed " + seed);
    }

    private void beginAfresh(long seed) {
        random = new SplittableRandom(seed);
        state = new MemoryState();
        database = new FakeDatabase(random.split());
        source = new FakeSource(database);
        topic = new MemoryTopic(true);
    }

    @Test
    void tablesJoinAtAnyMomentAndNothingIsLostOrDoubled() throws InterruptedException {
        for (int round = 0; round < ROUNDS; round++) {
            beginAfresh(SEED + round);
            source.tables = List.of(BOTH.get(random.nextInt(2)));
            try (Running running = new Running("*")) {
                int comesAfter = random.nextInt(30);
                for (int step = 0; step < 60; step++) {
                    if (step == comesAfter) {
                        source.tables = BOTH;
                    }
                    step(running.engine);
                }
                running.until(() -> running.has(FakeDatabase.KEYED) && running.has(FakeDatabase.KEYLESS));
                running.awaitCaughtUp();
            }
            assertWhole(SEED + round);
        }
    }

    /** A transaction, of which it shows some time later that it has ended; and what else goes on in an installation. */
    private void step(IngestEngine engine) throws InterruptedException {
        database.write();
        for (int shown = random.nextInt(3); shown > 0; shown--) {
            database.show();
        }
        if (random.nextInt(20) == 0) {
            engine.reload(BOTH.get(random.nextInt(2)));
        }
        engine.consumed(topic.durableIndex());
        if (random.nextInt(4) == 0) {
            database.awaitMore(Integer.MAX_VALUE, 1);
        }
    }

    @Test
    void aTableThatDoesNotFitEndsNoSessionAndJoinsOnceItDoes() throws InterruptedException {
        source.tables = List.of(FakeDatabase.KEYED);
        source.unfit.put(FakeDatabase.KEYLESS, Finding.failed("privileges", "PRIVILEGE_MISSING", "may not", "GRANT"));
        try (Running running = new Running("*")) {
            running.awaitCaughtUp();
            source.tables = BOTH;
            int looks = source.looks.get();
            running.until(() -> source.looks.get() > looks + 50);
            assertEquals(List.of(List.of(FakeDatabase.KEYED)), source.opened);
            source.unfit.clear();
            running.until(() -> running.has(FakeDatabase.KEYLESS));
            running.awaitCaughtUp();
            assertEquals(List.of(List.of(FakeDatabase.KEYED), BOTH), source.opened);
        }
        assertWhole(SEED);
    }

    @Test
    void aTableThatDoesNotFitAtTheStartIsToldAndJoinsOnceItDoes() throws InterruptedException {
        source.unfit.put(FakeDatabase.KEYLESS, Finding.failed("privileges", "PRIVILEGE_MISSING", "may not", "GRANT"));
        try (Running running = new Running("*")) {
            running.until(() -> !source.opened.isEmpty());
            running.awaitCaughtUp();
            assertEquals(List.of(List.of(FakeDatabase.KEYED)), source.opened);
            assertEquals(
                    List.of(new LeftOut(FakeDatabase.KEYLESS, "may not. GRANT")),
                    running.engine.status().leftOut());
            source.unfit.clear();
            running.until(() -> running.has(FakeDatabase.KEYLESS));
            running.awaitCaughtUp();
            assertEquals(List.of(), running.engine.status().leftOut());
        }
        assertWhole(SEED);
    }

    /** An engine that can't take the table without a key. */
    private IngestEngine refusing(String... objects) {
        IngestEngine engine = new IngestEngine("test", source, List.of(objects), topic, state, OPTIONS, workers);
        engine.require((chosen, fresh) -> {
            if (chosen.stream().anyMatch(object -> object.table().equals(FakeDatabase.KEYLESS))) {
                throw MillraceException.user("NOT_FOR_US", "Cannot follow it", "test", "");
            }
        });
        return engine;
    }

    @Test
    void whatIsNamedOrWasTakenInBeforeOrIsAllThereIsStopsTheEngineWhereItDoesNotFit() throws InterruptedException {
        IngestEngine named = refusing("*", FakeDatabase.KEYLESS.name());
        assertEquals(
                "NOT_FOR_US", assertThrows(MillraceException.class, named::run).code());
        source.tables = List.of(FakeDatabase.KEYLESS);
        IngestEngine alone = refusing("*");
        assertEquals(
                "NOT_FOR_US", assertThrows(MillraceException.class, alone::run).code());
        source.tables = BOTH;
        try (Running running = new Running("*")) {
            running.awaitCaughtUp();
        }
        IngestEngine again = refusing("*");
        assertEquals(
                "NOT_FOR_US", assertThrows(MillraceException.class, again::run).code());
        assertEquals(List.of(), again.status().leftOut());
        assertWhole(SEED);
    }

    @Test
    void aTableThatThePipelineCanNotTakeIsLeftOut() throws InterruptedException {
        source.tables = List.of(FakeDatabase.KEYED);
        try (Running running = new Running("*")) {
            running.engine.require((chosen, fresh) -> {
                if (chosen.stream().anyMatch(object -> object.table().equals(FakeDatabase.KEYLESS))) {
                    throw MillraceException.user("NOT_FOR_US", "Cannot follow it", "test", "");
                }
            });
            running.awaitCaughtUp();
            source.tables = BOTH;
            int looks = source.looks.get();
            running.until(() -> source.looks.get() > looks + 50);
            assertEquals(1, source.opened.size());
            assertFalse(running.has(FakeDatabase.KEYLESS));
        }
    }

    @Test
    void aStreamThatCanNotBeOpenedWithANewTableGoesOnWithoutIt() throws InterruptedException {
        source.tables = List.of(FakeDatabase.KEYED);
        source.refused.add(FakeDatabase.KEYLESS);
        try (Running running = new Running("*")) {
            running.awaitCaughtUp();
            source.tables = BOTH;
            running.until(() -> source.opened.size() == 2);
            int looks = source.looks.get();
            running.until(() -> source.looks.get() > looks + 50);
            running.awaitCaughtUp();
            assertEquals(List.of(List.of(FakeDatabase.KEYED), List.of(FakeDatabase.KEYED)), source.opened);
            assertFalse(running.has(FakeDatabase.KEYLESS));
        }
        source.refused.clear();
        try (Running running = new Running("*")) {
            running.awaitCaughtUp();
        }
        assertWhole(SEED);
    }

    @Test
    void nothingIsLookedForWhereEveryObjectIsNamed() throws InterruptedException {
        source.tables = List.of(FakeDatabase.KEYED);
        try (Running running = new Running("film")) {
            running.awaitCaughtUp();
            source.tables = BOTH;
            int written = database.logged() + 200;
            running.until(() -> database.logged() >= written);
            running.awaitCaughtUp();
        }
        assertEquals(0, source.looks.get());
        assertEquals(1, source.opened.size());
    }
}
