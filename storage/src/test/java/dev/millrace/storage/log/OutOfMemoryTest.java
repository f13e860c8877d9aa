package dev.millrace.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.testing.MemoryState;
import dev.millrace.storage.testing.SuppliedClock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** The heap is used up in the middle of something: nobody waits in vain, and nothing is appended behind half a batch. */
class OutOfMemoryTest {
    private static final TopicName TOPIC = new TopicName("default", "orders", TopicName.Mode.REALTIME);
    private static final long WAIT_MILLIS = 120_000;

    @TempDir
    private Path folder;

    private final MemoryState state = new MemoryState();
    private volatile boolean syncFails;
    private volatile boolean appendFails;

    @Test
    void aSyncThatRunsOutOfMemoryFailsTheTopic() throws Exception {
        try (ChronicleEventLog log = log()) {
            Topic topic = log.open(TOPIC);
            append(topic, 1);
            syncFails = true;
            topic.append(TestBatches.batch(2, 100, 0));
            assertEquals("LOG_FAILED", failure(() -> topic.awaitDurable(2, WAIT_MILLIS)));
            assertEquals("LOG_FAILED", failure(() -> topic.append(TestBatches.batch(3, 100, 0))));
            assertEquals(1, topic.durableIndex());
        }
        goesOn();
    }

    @Test
    void anAppendThatRunsOutOfMemoryIsTheLast() throws Exception {
        try (ChronicleEventLog log = log()) {
            Topic topic = log.open(TOPIC);
            append(topic, 1);
            appendFails = true;
            assertThrows(OutOfMemoryError.class, () -> topic.append(TestBatches.batch(2, 100, 0)));
            appendFails = false;
            assertEquals("LOG_FAILED", failure(() -> topic.append(TestBatches.batch(2, 100, 0))));
        }
        goesOn();
    }

    private void goesOn() throws Exception {
        syncFails = false;
        try (ChronicleEventLog log = log()) {
            Topic topic = log.open(TOPIC);
            assertTrue(topic.damage().isEmpty(), () -> topic.damage().toString());
            append(topic, topic.appendedIndex() + 1);
        }
    }

    private static void append(Topic topic, long number) throws InterruptedException {
        assertEquals(number, topic.append(TestBatches.batch(number, 100, 0)));
        assertTrue(topic.awaitDurable(number, WAIT_MILLIS));
    }

    private static String failure(Executable action) {
        return assertThrows(MillraceException.class, action).code();
    }

    private ChronicleEventLog log() {
        LogOptions options = new LogOptions(
                folder,
                LogOptions.Durability.FSYNC,
                1L << 40,
                1L << 40,
                0,
                LogOptions.Roll.HOURLY,
                Duration.ZERO,
                new SuppliedClock(this::now));
        return new ChronicleEventLog(options, state, new DisturbedDisk(this::maybeFailSync));
    }

    private void maybeFailSync() {
        if (syncFails) {
            throw new OutOfMemoryError("as it happens in a sync");
        }
    }

    /** Asked while a batch is written. */
    private Instant now() {
        if (appendFails) {
            throw new OutOfMemoryError("as it happens in an append");
        }
        return Instant.EPOCH.plus(Duration.ofDays(20_000));
    }
}
