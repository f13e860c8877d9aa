package dev.millrace.ingest.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.storage.batch.StoredBatch;
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

/** How outsize rows pass through the engine: nothing is read beside them, and nothing waits for the end of their transaction. */
class OutsizeRowsTest {
    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final long PATIENCE_MILLIS = 120_000;
    private static final IngestOptions OPTIONS = new IngestOptions(3, 1, 40, 5, 1, 5, 600_000, 1, 50, 5);

    private final ExecutorService workers = Executors.newFixedThreadPool(3);
    private final FakeDatabase database = new FakeDatabase(new SplittableRandom(SEED));
    private final FakeSource source = new FakeSource(database);
    private final MemoryTopic topic = new MemoryTopic(true);
    private final IngestEngine engine =
            new IngestEngine("test", source, List.of("*"), topic, new MemoryState(), OPTIONS, workers);
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final Thread thread = new Thread(this::run, "ingest-test");

    private void run() {
        try {
            engine.run();
        } catch (InterruptedException | RuntimeException | Error e) {
            failure.set(e);
        }
    }

    @AfterEach
    void end() throws InterruptedException {
        engine.stop();
        thread.join(PATIENCE_MILLIS);
        assertFalse(thread.isAlive(), "the engine did not end");
        workers.shutdownNow();
        assertTrue(workers.awaitTermination(PATIENCE_MILLIS, TimeUnit.MILLISECONDS));
    }

    private void awaitCaughtUp() throws InterruptedException {
        assertTrue(
                engine.awaitCaughtUp(source.currentPosition(), PATIENCE_MILLIS),
                () -> "not caught up, seed " + SEED + ": " + engine.status() + " " + failure.get());
    }

    private void await(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, () -> "seed " + SEED + ": " + engine.status() + " " + failure.get());
            TimeUnit.MILLISECONDS.timedJoin(thread, 1);
        }
    }

    private void write(int transactions) {
        for (int i = 0; i < transactions; i++) {
            database.write();
            while (!database.allVisible()) {
                database.show();
            }
        }
    }

    @Test
    void aStreamWaitsWhileAReaderHasAnOutsizeBatchInHand() throws InterruptedException {
        thread.start();
        awaitCaughtUp();
        topic.crowded(true);
        await(() -> engine.status().why().startsWith("an outsize row"));
        long index = topic.appendedIndex();
        write(5);
        assertFalse(engine.awaitCaughtUp(source.currentPosition(), 300));
        assertEquals(index, topic.appendedIndex());
        assertFalse(engine.status().backPressure());
        topic.crowded(false);
        awaitCaughtUp();
        assertEquals(database.committed(), Replica.of(topic.batches()), "seed " + SEED);
    }

    @Test
    void theEndOfATransactionThatComesBehindItsRowsIsInTheLogAtOnce() throws InterruptedException {
        thread.start();
        awaitCaughtUp();
        for (int ends = 0; ends < 3; ) {
            write(1);
            awaitCaughtUp();
            StoredBatch last = topic.batches().get(topic.batches().size() - 1);
            assertTrue(last.header().endsTransaction(), "seed " + SEED);
            ends += last.header().eventCount() == 0 ? 1 : 0;
        }
        assertEquals(database.committed(), Replica.of(topic.batches()), "seed " + SEED);
    }
}
