package dev.millrace.ingest.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.MillraceException;
import dev.millrace.ingest.engine.LoadStatus.State;
import dev.millrace.storage.testing.MemoryState;
import dev.millrace.storage.testing.MemoryTopic;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FullLoadTest {
    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final long PATIENCE_SECONDS = 120;
    private static final IngestOptions OPTIONS = new IngestOptions(1, 1, 40, 5, 1, 5, 0, 1, 50, 5);

    private final FakeDatabase database = new FakeDatabase(new SplittableRandom(SEED));
    private final FakeSource source = new FakeSource(database);
    private final MemoryTopic topic = new MemoryTopic(true);
    private final FullLoad load = new FullLoad("test", source, List.of("*"), topic, new MemoryState(), OPTIONS);

    private void change() {
        for (int i = 0; i < 20; i++) {
            database.write();
            database.show();
        }
        while (!database.allVisible()) {
            database.show();
        }
    }

    @Test
    void eachRunReplacesWhatWasThere() throws InterruptedException {
        for (int run = 0; run < 3; run++) {
            change();
            assertEquals(load.run(), topic.durableIndex());
            assertEquals(database.committed(), Replica.of(topic.batches()), "seed " + SEED);
            assertTrue(load.status().tables().stream().allMatch(table -> table.state() == State.LOADED));
        }
    }

    @Test
    void aFailedRunLeavesWhatWasThereAndTheNextOneBeginsAgain() throws InterruptedException {
        assertTrue(load.run() > 0);
        FakeDatabase.Content before = database.committed();
        change();
        source.failNextRead(
                MillraceException.external("CONNECTION_LOST", "The connection was lost", "test", "Try again.", null));
        assertThrows(MillraceException.class, load::run);
        assertEquals("failed", load.status().state());
        assertEquals(before, Replica.of(topic.batches()), "seed " + SEED);
        assertTrue(load.run() > 0);
        assertEquals(database.committed(), Replica.of(topic.batches()), "seed " + SEED);
    }

    @Test
    void waitsWhileTheLogIsOverItsBudgetAndCanBeStopped() throws Exception {
        topic.overBudget(true);
        CompletableFuture<Long> running = CompletableFuture.supplyAsync(() -> {
            try {
                return load.run();
            } catch (InterruptedException e) {
                throw new CompletionException(e);
            }
        });
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!load.status().backPressure()) {
            assertTrue(System.nanoTime() < end, () -> load.status().toString());
            database.awaitMore(Integer.MAX_VALUE, 1);
        }
        assertFalse(running.isDone());
        assertEquals(0, topic.appendedIndex());
        load.stop();
        ExecutionException stopped =
                assertThrows(ExecutionException.class, () -> running.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
        assertEquals(InterruptedException.class, stopped.getCause().getClass());
    }
}
