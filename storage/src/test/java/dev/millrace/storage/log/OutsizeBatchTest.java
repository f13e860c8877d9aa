package dev.millrace.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.storage.batch.EncodedBatch;
import dev.millrace.storage.testing.MemoryState;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutsizeBatchTest {
    private static final TopicName TOPIC = new TopicName("default", "files", TopicName.Mode.REALTIME);
    private static final TopicName OTHER = new TopicName("default", "others", TopicName.Mode.REALTIME);
    private static final long WAIT_MILLIS = 120_000;

    @TempDir
    private Path folder;

    private final MemoryState state = new MemoryState();

    @Test
    void aBatchWithALentValueIsReadAsItWasWrittenAlsoByALaterProcess() throws Exception {
        try (ChronicleEventLog log = log()) {
            Topic topic = log.open(TOPIC);
            topic.append(TestBatches.batch(1, 100, 0));
            EncodedBatch outsize = TestBatches.batch(2, OutsizeInHand.BYTES + 77, 0);
            assertEquals(1, outsize.lent().size());
            topic.append(outsize);
            topic.append(TestBatches.batch(3, 20 << 20, 0));
            topic.append(TestBatches.batch(4, 100, 0));
            assertTrue(topic.awaitDurable(4, WAIT_MILLIS));
            readAll(topic);
        }
        try (ChronicleEventLog log = log()) {
            Topic topic = log.open(TOPIC);
            assertTrue(topic.damage().isEmpty(), () -> topic.damage().toString());
            readAll(topic);
        }
    }

    private static void readAll(Topic topic) throws InterruptedException {
        try (LogReader reader = topic.reader(0)) {
            for (long number = 1; number <= 4; number++) {
                assertEquals(number, TestBatches.number(reader.next(WAIT_MILLIS)));
            }
        }
    }

    @Test
    void whoReadsASourceIsAskedToWaitWhileAReaderHasAnOutsizeBatchInHand() throws Exception {
        try (ChronicleEventLog log = log()) {
            Topic topic = log.open(TOPIC);
            Topic other = log.open(OTHER);
            topic.append(TestBatches.batch(1, 100, 0));
            topic.append(TestBatches.batch(2, OutsizeInHand.BYTES, 0));
            topic.append(TestBatches.batch(3, 100, 0));
            assertTrue(topic.awaitDurable(3, WAIT_MILLIS));
            AtomicLong asked = new AtomicLong();
            try (LogReader reader = topic.reader(0)) {
                reader.beforeOutsize(() -> asked.set(reader.index() + 1));
                assertEquals(1, TestBatches.number(reader.next(WAIT_MILLIS)));
                assertEquals(2, TestBatches.number(reader.next(WAIT_MILLIS)));
                assertEquals(2, asked.get());
                assertTrue(topic.crowded());
                assertTrue(other.crowded());
                assertEquals(3, TestBatches.number(reader.next(WAIT_MILLIS)));
                assertFalse(topic.crowded());
            }
            LogReader left = topic.reader(1);
            assertEquals(2, TestBatches.number(left.next(WAIT_MILLIS)));
            assertTrue(topic.crowded());
            left.close();
            left.close();
            assertFalse(topic.crowded());
        }
    }

    @Test
    void nobodyIsAskedToWaitForLong() {
        AtomicLong now = new AtomicLong(5);
        OutsizeInHand hands = new OutsizeInHand(now::get);
        hands.taken();
        now.addAndGet(OutsizeInHand.PATIENCE_NANOS - 1);
        hands.taken();
        assertTrue(hands.any());
        now.addAndGet(1);
        assertFalse(hands.any());
        hands.done();
        hands.done();
        hands.taken();
        assertTrue(hands.any());
    }

    @Test
    void whatIsReadNextWaitsASecondForTheReaderThatIsAboutToTakeAnOutsizeBatch() {
        AtomicLong now = new AtomicLong(Long.MAX_VALUE - 3);
        OutsizeInHand hands = new OutsizeInHand(now::get);
        hands.appended();
        now.addAndGet(OutsizeInHand.EXPECTED_NANOS - 1);
        assertTrue(hands.any());
        now.incrementAndGet();
        assertFalse(hands.any());
        hands.appended();
        hands.taken();
        hands.done();
        assertFalse(hands.any());
    }

    private ChronicleEventLog log() {
        return new ChronicleEventLog(
                new LogOptions(
                        folder,
                        LogOptions.Durability.FSYNC,
                        1L << 40,
                        1L << 40,
                        0,
                        LogOptions.Roll.HOURLY,
                        Duration.ZERO,
                        Clock.systemUTC()),
                state);
    }
}
