package dev.millrace.consume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.consume.testing.SourceModel;
import dev.millrace.storage.batch.BatchWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How much a consumer takes at a time, and up to where. */
class PaceTest {
    private static final String LIVE =
            "SELECT area, id, note, \"large\" FROM shop.item WHERE NOT __millrace_deleted ORDER BY area || '|' || id";
    private static final int BATCHES = 300;

    @TempDir
    Path folder;

    private final SourceModel source = new SourceModel(new SplittableRandom(7));
    private final BatchWriter writer = new BatchWriter();

    private void append(Pipe pipe, int batches) {
        for (int i = 0; i < batches; i++) {
            source.change(writer);
            pipe.append(writer);
        }
    }

    @Test
    void aWindowThatIsLoadedIsNotKept() throws Exception {
        Pipe pipe = new Pipe(folder);
        append(pipe, 20);
        try (Destination destination = pipe.destination()) {
            Consumer consumer = pipe.consumer(destination, OnDelete.HARD, new ConsumeOptions(1_000, 1 << 20, 0, 8));
            CompletableFuture<Void> run = CompletableFuture.runAsync(() -> run(consumer));
            for (int turn = 0; turn < 3; turn++) {
                append(pipe, 10);
                assertTrue(consumer.awaitApplied(
                        pipe.topic.appendedIndex(), TimeUnit.SECONDS.toMillis(Pipe.WAIT_SECONDS)));
                long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(Pipe.WAIT_SECONDS);
                while (instances(Gathered.class) > 1) { // the one that is open
                    assertTrue(System.nanoTime() < deadline, "windows are kept in memory that were loaded");
                }
            }
            consumer.stop();
            run.get(Pipe.WAIT_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** How many can be reached. */
    private static long instances(Class<?> type) throws Exception {
        Object histogram = ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        "gcClassHistogram",
                        new Object[] {new String[0]},
                        new String[] {String[].class.getName()});
        return histogram
                .toString()
                .lines()
                .map(line -> line.strip().split("\\s+"))
                .filter(fields -> fields.length > 3 && fields[3].equals(type.getName()))
                .mapToLong(fields -> Long.parseLong(fields[1]))
                .sum();
    }

    @Test
    void whoIsBehindLoadsMoreWithEachTransactionUntilItHasCaughtUp() throws Exception {
        Pipe pipe = new Pipe(folder);
        append(pipe, BATCHES);
        try (Destination destination = pipe.destination()) {
            Consumer consumer = pipe.consumer(destination, OnDelete.HARD, new ConsumeOptions(5, 1 << 20, 0, 8));
            CompletableFuture<Void> run = CompletableFuture.runAsync(() -> run(consumer));
            assertTrue(consumer.awaitApplied(pipe.topic.appendedIndex(), TimeUnit.SECONDS.toMillis(Pipe.WAIT_SECONDS)));
            ConsumeStatus behind = consumer.status();
            long events = behind.eventsApplied();
            assertTrue(
                    behind.windows() < events / 5 / 2,
                    "windows of 5 events would have been twice as many for " + behind);
            awaitRealTime(consumer);
            append(pipe, 1);
            assertTrue(consumer.awaitApplied(pipe.topic.appendedIndex(), TimeUnit.SECONDS.toMillis(Pipe.WAIT_SECONDS)));
            assertEquals(behind.windows() + 1, consumer.status().windows(), "what comes alone is loaded alone");
            assertFalse(consumer.status().microBatches());
            consumer.stop();
            run.get(Pipe.WAIT_SECONDS, TimeUnit.SECONDS);
        }
    }

    @Test
    void aLoadUpToAPlaceInTheLogLeavesTheRestForTheNext() throws Exception {
        Pipe pipe = new Pipe(folder);
        append(pipe, 40);
        long there = pipe.topic.durableIndex();
        try (Destination destination = pipe.destination()) {
            Consumer consumer = pipe.consumer(destination, OnDelete.HARD, new ConsumeOptions(5, 1 << 20, 0, 1));
            consumer.runUpTo(() -> there);
            assertTrue(consumer.appliedIndex() >= there);
            assertEquals(ConsumeStatus.State.IDLE, consumer.status().state());
            long applied = consumer.appliedIndex();
            append(pipe, 40);
            consumer.runUpTo(() -> there);
            assertEquals(applied, consumer.appliedIndex(), "nothing was asked for");
            consumer.runUpTo(pipe.topic::durableIndex);
        }
        assertEquals(source.rows(), pipe.query(LIVE));
    }

    private static void run(Consumer consumer) {
        try {
            consumer.run();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void awaitRealTime(Consumer consumer) throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(Pipe.WAIT_SECONDS);
        while (consumer.status().microBatches()) {
            assertTrue(System.nanoTime() < until, () -> "still in micro-batches: " + consumer.status());
            consumer.awaitApplied(Long.MAX_VALUE, 20);
        }
    }
}
