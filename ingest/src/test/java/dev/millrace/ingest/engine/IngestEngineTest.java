package dev.millrace.ingest.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.Finding;
import dev.millrace.config.error.MillraceException;
import dev.millrace.ingest.source.Source;
import dev.millrace.ingest.source.SourceObject;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.state.StateChanges;
import dev.millrace.storage.state.StateStore;
import dev.millrace.storage.testing.MemoryState;
import dev.millrace.storage.testing.MemoryTopic;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The engine with its threads, over a source, a topic and a state store in memory. */
class IngestEngineTest {
    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final long PATIENCE_MILLIS = 120_000;
    private static final IngestOptions OPTIONS = new IngestOptions(3, 1, 40, 5, 1, 5, 0, 1, 50, 5);

    private final ExecutorService workers = Executors.newFixedThreadPool(3);
    private final MemoryState state = new MemoryState();
    private FakeDatabase database = new FakeDatabase(new SplittableRandom(SEED));
    private FakeSource source = new FakeSource(database);

    @AfterEach
    void endWorkers() throws InterruptedException {
        workers.shutdownNow();
        assertTrue(workers.awaitTermination(PATIENCE_MILLIS, TimeUnit.MILLISECONDS));
    }

    /** A run on a thread of its own. */
    private final class Running implements AutoCloseable {
        final IngestEngine engine;
        final AtomicReference<Throwable> failure = new AtomicReference<>();
        private final Thread thread;

        Running(MemoryTopic topic, IngestOptions options) {
            engine = new IngestEngine("test", source, List.of("*"), topic, state, options, workers);
            thread = new Thread(this::run, "ingest-test");
            thread.start();
        }

        private void run() {
            try {
                engine.run();
            } catch (InterruptedException | RuntimeException | Error e) {
                failure.set(e);
            }
        }

        void awaitEnd() {
            try {
                thread.join(PATIENCE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
            assertFalse(thread.isAlive(), "the engine did not end");
        }

        void awaitCaughtUp() throws InterruptedException {
            boolean there = engine.awaitCaughtUp(source.currentPosition(), PATIENCE_MILLIS);
            assertTrue(there, () -> "not caught up, seed " + SEED + ": " + engine.status() + " " + failure.get());
        }

        @Override
        public void close() {
            engine.stop();
            awaitEnd();
        }
    }

    private void showAll() {
        while (!database.allVisible()) {
            database.show();
        }
    }

    @Test
    void loadsAndStreamsWhileTheSourceWritesAndTheEngineIsStoppedAgainAndAgain() throws InterruptedException {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int round = 0; round < 40; round++) {
            database = new FakeDatabase(random.split());
            source = new FakeSource(database);
            MemoryTopic topic = new MemoryTopic(true);
            state.write(new StateChanges().deletePrefix(StateStore.Kind.OFFSET, ""), true);
            for (int run = 0; run < 3; run++) {
                try (Running running = new Running(topic, OPTIONS)) {
                    for (int i = 0; i < 60; i++) {
                        database.write();
                        for (int shown = random.nextInt(3); shown > 0; shown--) {
                            database.show();
                        }
                        if (random.nextInt(20) == 0) {
                            running.engine.reload(random.nextBoolean() ? FakeDatabase.KEYED : FakeDatabase.KEYLESS);
                        }
                        running.engine.consumed(topic.durableIndex());
                        if (random.nextInt(4) == 0) {
                            database.awaitMore(Integer.MAX_VALUE, 1);
                        }
                    }
                    showAll();
                    if (run == 2) {
                        running.awaitCaughtUp();
                    }
                }
            }
            assertEquals(database.committed(), Replica.of(topic.batches()), "seed " + SEED + " round " + round);
        }
    }

    @Test
    void acknowledgesOnlyWhatIsDurable() throws InterruptedException {
        MemoryTopic topic = new MemoryTopic(false);
        try (Running running = new Running(topic, OPTIONS)) {
            while (database.logged() < 2) {
                database.write();
            }
            showAll();
            assertTrue(topic.awaitAppended(6, PATIENCE_MILLIS));
            assertEquals(0, acknowledgedTransactions());
            assertTrue(
                    awaitAcknowledged(topic, database.logged()), () -> "seed " + SEED + ": " + running.engine.status());
            running.engine.stop();
            while (running.thread.isAlive()) {
                topic.sync(topic.appendedIndex());
                running.thread.join(1);
            }
        }
        assertEquals(topic.appendedIndex(), topic.durableIndex());
    }

    private int acknowledgedTransactions() {
        synchronized (source.acknowledged) {
            return source.acknowledged.stream()
                    .mapToInt(offset -> ByteBuffer.wrap(offset).getInt())
                    .max()
                    .orElse(0);
        }
    }

    private boolean awaitAcknowledged(MemoryTopic topic, int transactions) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
        while (acknowledgedTransactions() < transactions && System.nanoTime() < end) {
            topic.sync(topic.appendedIndex());
            database.awaitMore(Integer.MAX_VALUE, 1);
        }
        return acknowledgedTransactions() >= transactions;
    }

    @Test
    void storesIdleProgressBeforeItIsAcknowledged() throws InterruptedException {
        source.tables = List.of(FakeDatabase.KEYED);
        MemoryTopic topic = new MemoryTopic(true);
        try (Running running = new Running(topic, OPTIONS)) {
            running.awaitCaughtUp();
            int before = database.logged();
            while (database.logged() == before || !onlyKeyless(before)) {
                before = database.logged();
                database.write();
                showAll();
            }
            int logged = database.logged();
            assertTrue(awaitAcknowledged(topic, logged), () -> "seed " + SEED + ": " + running.engine.status());
            byte[] stored = lastStored(topic);
            assertArrayEquals(FakeSource.offset(logged, 0), stored);
        }
    }

    private boolean onlyKeyless(int from) {
        return database.transaction(from).changes().stream()
                .allMatch(change -> change.table().equals(FakeDatabase.KEYLESS));
    }

    private static byte[] lastStored(MemoryTopic topic) {
        byte[] stored = null;
        for (StoredBatch batch : topic.batches()) {
            Optional<byte[]> stream = batch.header().offsetDelta().entries().get(ProgressCodec.STREAM);
            stored = stream == null ? stored : stream.orElseThrow();
        }
        return stored;
    }

    @Test
    void stopsReadingWhileTheLogIsOverItsBudgetAndDropsNothing() throws InterruptedException {
        MemoryTopic topic = new MemoryTopic(true);
        try (Running running = new Running(topic, OPTIONS)) {
            running.awaitCaughtUp();
            topic.overBudget(true);
            awaitBackPressure(running, true);
            long index = topic.appendedIndex();
            for (int i = 0; i < 20; i++) {
                database.write();
                showAll();
            }
            assertFalse(running.engine.awaitCaughtUp(source.currentPosition(), 200));
            assertEquals(index, topic.appendedIndex());
            assertEquals("waiting", running.engine.status().state());
            topic.overBudget(false);
            running.awaitCaughtUp();
        }
        assertEquals(database.committed(), Replica.of(topic.batches()), "seed " + SEED);
    }

    private void awaitBackPressure(Running running, boolean wanted) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
        while (running.engine.status().backPressure() != wanted) {
            assertTrue(System.nanoTime() < end, () -> running.engine.status().toString());
            database.awaitMore(Integer.MAX_VALUE, 1);
        }
    }

    @Test
    void goesOnFromTheLogWhenOffsetsWereLost() throws InterruptedException {
        MemoryTopic topic = new MemoryTopic(true);
        for (int run = 0; run < 3; run++) {
            try (Running running = new Running(topic, new IngestOptions(2, 1, 40, 5, 1, 5, 0, 3_600_000, 50, 5))) {
                for (int i = 0; i < 30; i++) {
                    database.write();
                    showAll();
                }
                running.awaitCaughtUp();
            }
            // as if no save had ever reached the disk
            state.write(new StateChanges().deletePrefix(StateStore.Kind.OFFSET, ""), true);
        }
        assertEquals(database.committed(), Replica.of(topic.batches()), "seed " + SEED);
        long prepared =
                topic.batches().stream().filter(IngestEngineTest::atBeginning).count();
        assertEquals(1, prepared, "the source was prepared once");
    }

    private static boolean atBeginning(StoredBatch batch) {
        Optional<byte[]> stream = batch.header().offsetDelta().entries().get(ProgressCodec.STREAM);
        return stream != null && Arrays.equals(stream.orElseThrow(), FakeSource.offset(0, 0));
    }

    @Test
    void remembersAReloadOverARestart() throws InterruptedException {
        MemoryTopic topic = new MemoryTopic(true);
        try (Running running = new Running(topic, OPTIONS)) {
            running.awaitCaughtUp();
        }
        IngestEngine stopped = new IngestEngine("test", source, List.of("*"), topic, state, OPTIONS, workers);
        stopped.reload(FakeDatabase.KEYED);
        state.cutPower();
        try (Running running = new Running(topic, OPTIONS)) {
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
            while (starts(topic) < 3) {
                assertTrue(
                        System.nanoTime() < end, () -> running.engine.status().toString());
                assertTrue(topic.awaitAppended(topic.appendedIndex(), 1));
                database.awaitMore(Integer.MAX_VALUE, 1);
            }
            running.awaitCaughtUp();
        }
        try (Running running = new Running(topic, OPTIONS)) {
            running.awaitCaughtUp();
        }
        assertEquals(3, starts(topic));
    }

    private static long starts(MemoryTopic topic) {
        BatchReader reader = new BatchReader();
        long starts = 0;
        for (StoredBatch batch : topic.batches()) {
            reader.open(batch);
            while (reader.next()) {
                starts += reader.operation() == Operation.LOAD_STARTED ? 1 : 0;
            }
        }
        return starts;
    }

    @Test
    void forgetsATableThatIsNoLongerChosenAndLoadsItAnewWhenItIsChosenAgain() throws InterruptedException {
        MemoryTopic topic = new MemoryTopic(true);
        for (List<TableName> chosen : List.of(
                List.of(FakeDatabase.KEYED, FakeDatabase.KEYLESS),
                List.of(FakeDatabase.KEYLESS),
                List.of(FakeDatabase.KEYED, FakeDatabase.KEYLESS))) {
            source.tables = chosen;
            try (Running running = new Running(topic, OPTIONS)) {
                database.write();
                showAll();
                running.awaitCaughtUp();
                assertEquals(chosen.size(), running.engine.status().tables().size());
            }
        }
        assertEquals(3, starts(topic));
        assertEquals(database.committed(), Replica.of(topic.batches()), "seed " + SEED);
    }

    @Test
    void throwsTheFirstFailureOfAChunkAndGoesOnWhenRunAgain() throws InterruptedException {
        MemoryTopic topic = new MemoryTopic(true);
        source.failNextRead(
                MillraceException.external("CONNECTION_LOST", "The connection was lost", "test", "Try again.", null));
        Running running = new Running(topic, OPTIONS);
        running.awaitEnd();
        MillraceException failure = (MillraceException) running.failure.get();
        assertNotNull(failure);
        assertEquals("CONNECTION_LOST", failure.code());
        assertEquals("failed", running.engine.status().state());
        Thread again = new Thread(running::run, "ingest-test-again");
        running.failure.set(null);
        again.start();
        running.awaitCaughtUp();
        assertNull(running.failure.get());
        running.engine.stop();
        again.join(PATIENCE_MILLIS);
        assertFalse(again.isAlive());
        assertEquals(database.committed(), Replica.of(topic.batches()), "seed " + SEED);
    }

    @Test
    void stopsWhileTheStreamIsHeldBackByAChunk() throws InterruptedException {
        MemoryTopic topic = new MemoryTopic(true);
        source.holdReads();
        try (Running running = new Running(topic, OPTIONS)) {
            assertTrue(source.awaitRead(PATIENCE_MILLIS));
            database.write();
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
            while (!running.engine.status().why().startsWith("changes are held back")) {
                assertTrue(System.nanoTime() < end, () -> "seed " + SEED + ": " + running.engine.status());
                database.write();
                database.awaitMore(Integer.MAX_VALUE, 1);
            }
        }
        source.releaseReads();
        showAll();
        try (Running running = new Running(topic, OPTIONS)) {
            running.awaitCaughtUp();
        }
        assertEquals(database.committed(), Replica.of(topic.batches()), "seed " + SEED);
    }

    @Test
    void aSourceThatCanNotStreamIsRefused() {
        MemoryTopic topic = new MemoryTopic(true);
        assertThrows(
                IllegalArgumentException.class,
                () -> new IngestEngine("test", new PlainSource(), List.of("*"), topic, state, OPTIONS, workers));
    }

    /** A source without abilities. */
    private static final class PlainSource implements Source {
        @Override
        public List<Finding> check(List<String> objects) {
            return List.of();
        }

        @Override
        public List<SourceObject> discover() {
            return List.of();
        }

        @Override
        public List<SourceObject> select(List<String> objects) {
            return List.of();
        }

        @Override
        public List<List<String>> preview(TableName table, int rows) {
            return List.of();
        }

        @Override
        public void removeTraces() {}

        @Override
        public void close() {}
    }
}
