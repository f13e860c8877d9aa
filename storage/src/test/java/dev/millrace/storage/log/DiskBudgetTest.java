package dev.millrace.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.storage.testing.MemoryState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskBudgetTest {
    private static final TopicName TOPIC = new TopicName("default", "orders", TopicName.Mode.REALTIME);
    private static final TopicName OTHER = new TopicName("default", "others", TopicName.Mode.REALTIME);
    private static final long BUDGET = 2L << 20;
    private static final long WAIT_MILLIS = 120_000;
    private static final Instant MORNING = Instant.parse("2026-11-21T10:10:00Z");

    @TempDir
    private Path folder;

    private MemoryState state = new MemoryState();
    private Duration replay = Duration.ZERO;

    private ChronicleEventLog log(Instant now) {
        LogOptions options = new LogOptions(
                folder,
                LogOptions.Durability.FSYNC,
                BUDGET,
                BUDGET,
                0,
                LogOptions.Roll.HOURLY,
                replay,
                Clock.fixed(now, ZoneOffset.UTC));
        return new ChronicleEventLog(options, state);
    }

    private static void append(Topic topic, long from, long to, int bytes) throws InterruptedException {
        for (long number = from; number <= to; number++) {
            assertEquals(number, topic.append(TestBatches.batch(number, bytes, MORNING.toEpochMilli())));
        }
        assertTrue(topic.awaitDurable(to, WAIT_MILLIS));
    }

    /** The syncing thread may be at the checkpoint for a moment after the last batch was durable. */
    private static void awaitReleased(Topic topic, long index) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WAIT_MILLIS);
        topic.release(index);
        while (topic.overBudget()) {
            assertTrue(System.nanoTime() < end, "still over budget with " + topic.sizeBytes() + " bytes");
            LockSupport.parkNanos(1_000_000);
            topic.release(index);
        }
    }

    @Test
    void aBudgetUsedUpWithinOneFileIsFreeAgainWhenAllIsConsumed() throws Exception {
        try (ChronicleEventLog log = log(MORNING)) {
            Topic topic = log.open(TOPIC);
            append(topic, 1, 3, 900_000);
            assertTrue(topic.overBudget());
            try (LogReader reader = topic.reader(0)) {
                for (long number = 1; number <= 3; number++) {
                    assertEquals(number, TestBatches.number(reader.next(WAIT_MILLIS)));
                }
                topic.release(2);
                assertTrue(topic.sizeBytes() > 0);
                awaitReleased(topic, 3);
                assertTrue(topic.sizeBytes() < BUDGET / 2, "only the newest file is left");
                assertNull(reader.next(10));
                append(topic, 4, 5, 1_000);
                assertEquals(4, TestBatches.number(reader.next(WAIT_MILLIS)));
                assertEquals(5, TestBatches.number(reader.next(WAIT_MILLIS)));
            }
        }
        assertReads(3, 4, 5);
    }

    @Test
    void aTopicThatIsOverBudgetAfterARestartIsFreeAgainWithoutAnAppend() throws Exception {
        try (ChronicleEventLog log = log(MORNING)) {
            append(log.open(TOPIC), 1, 3, 900_000);
        }
        try (ChronicleEventLog log = log(MORNING)) {
            Topic topic = log.open(TOPIC);
            assertTrue(topic.overBudget());
            awaitReleased(topic, 3);
        }
        assertReads(3);
        assertEquals(0, batchFiles(), "files without a batch anyone needs");
    }

    @Test
    void indexesGoOnBehindWhatWasDeletedAlsoWhenTheStateIsLost() throws Exception {
        try (ChronicleEventLog log = log(MORNING)) {
            Topic topic = log.open(TOPIC);
            append(topic, 1, 3, 900_000);
            awaitReleased(topic, 3);
        }
        state = new MemoryState();
        try (ChronicleEventLog log = log(MORNING)) {
            Topic topic = log.open(TOPIC);
            assertEquals(3, topic.appendedIndex());
            append(topic, 4, 4, 10);
        }
        assertReads(3, 4);
    }

    @Test
    void aKillBetweenTheNewGenerationAndTheDeletionLosesNothing() throws Exception {
        Path aside = folder.resolveSibling(folder.getFileName() + "-aside");
        try (ChronicleEventLog log = log(MORNING)) {
            Topic topic = log.open(TOPIC);
            append(topic, 1, 3, 900_000);
        }
        List<Path> files = files();
        Files.createDirectories(aside);
        for (Path file : files) {
            Files.copy(file, aside.resolve(file.getParent().getFileName() + "-" + file.getFileName()));
        }
        try (ChronicleEventLog log = log(MORNING)) {
            awaitReleased(log.open(TOPIC), 3);
        }
        for (Path file : files) {
            Files.createDirectories(file.getParent());
            if (!Files.exists(file)) {
                Files.move(aside.resolve(file.getParent().getFileName() + "-" + file.getFileName()), file);
            }
        }
        assertReads(3);
        try (ChronicleEventLog log = log(MORNING)) {
            Topic topic = log.open(TOPIC);
            append(topic, 4, 7, 900_000);
            awaitReleased(topic, 7);
        }
        assertReads(7);
        assertEquals(0, batchFiles(), "what the kill had left is deleted with what is released next");
    }

    @Test
    void filesRollBySizeSoThatABudgetIsSeveralOfThem() throws Exception {
        try (ChronicleEventLog log = log(MORNING)) {
            Topic topic = log.open(TOPIC);
            append(topic, 1, 4, 600_000);
            assertTrue(topic.overBudget());
            topic.release(3);
            assertFalse(topic.overBudget(), "the file with the first two batches is no longer needed");
            try (LogReader reader = topic.reader(3)) {
                assertEquals(4, TestBatches.number(reader.next(WAIT_MILLIS)));
            }
        }
    }

    @Test
    void anIdleTopicDoesNotUseUpTheOthersBudget() throws Exception {
        try (ChronicleEventLog log = log(MORNING)) {
            Topic idle = log.open(OTHER);
            append(idle, 1, 3, 900_000);
            Topic topic = log.open(TOPIC);
            assertTrue(topic.overBudget());
            awaitReleased(idle, 3);
            assertFalse(topic.overBudget());
        }
    }

    @Test
    void batchesKeptForAWhileAreDeletedWhenItIsOverThoughNothingElseHappens() throws Exception {
        replay = Duration.ofHours(2);
        try (ChronicleEventLog log = log(MORNING)) {
            Topic topic = log.open(TOPIC);
            append(topic, 1, 3, 900_000);
            topic.release(3);
            assertTrue(topic.overBudget(), "they are kept");
        }
        try (ChronicleEventLog log = log(MORNING.plus(Duration.ofHours(3)))) {
            awaitReleased(log.open(TOPIC), 3);
        }
        assertReads(3);
    }

    /** A new opening finds exactly these batches behind {@code after}, and no damage. */
    private void assertReads(long after, long... numbers) throws Exception {
        try (ChronicleEventLog log = log(MORNING)) {
            Topic topic = log.open(TOPIC);
            assertTrue(topic.damage().isEmpty(), () -> topic.damage().toString());
            assertEquals(after + numbers.length, topic.appendedIndex());
            try (LogReader reader = topic.reader(after)) {
                for (long number : numbers) {
                    assertEquals(number, TestBatches.number(reader.next(WAIT_MILLIS)));
                }
                assertNull(reader.next(10));
            }
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private long batchFiles() throws IOException {
        return files().stream().filter(file -> file.toString().endsWith(".cq4")).count();
    }
}
