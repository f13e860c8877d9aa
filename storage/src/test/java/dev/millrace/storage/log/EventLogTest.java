package dev.millrace.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.testing.MemoryState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventLogTest {
    private static final TopicName TOPIC = new TopicName("default", "shop orders/é", TopicName.Mode.REALTIME);
    private static final long WAIT_MILLIS = 120_000;

    @TempDir
    private Path folder;

    private final MemoryState state = new MemoryState();
    private final AtomicLong now =
            new AtomicLong(Instant.parse("2026-11-21T10:59:00Z").toEpochMilli());
    private Duration replay = Duration.ZERO;
    private long minFreeBytes = 0;

    private final Clock clock = new Clock() {
        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(now.get());
        }
    };

    private ChronicleEventLog log() {
        return log(Disk.REAL);
    }

    private ChronicleEventLog log(Disk disk) {
        LogOptions options = new LogOptions(
                folder,
                LogOptions.Durability.FSYNC,
                1L << 40,
                1L << 40,
                minFreeBytes,
                LogOptions.Roll.HOURLY,
                replay,
                clock);
        return new ChronicleEventLog(options, state, disk);
    }

    private void append(Topic topic, long from, long to, int bytes) throws InterruptedException {
        for (long number = from; number <= to; number++) {
            assertEquals(number, topic.append(TestBatches.batch(number, bytes, now.get())));
        }
        assertTrue(topic.awaitDurable(to, WAIT_MILLIS));
    }

    private static void assertReads(Topic topic, long after, long to) throws InterruptedException {
        try (LogReader reader = topic.reader(after)) {
            for (long number = after + 1; number <= to; number++) {
                StoredBatch batch = reader.next(WAIT_MILLIS);
                assertEquals(number, batch.logIndex());
                assertEquals(number, TestBatches.number(batch));
                assertEquals(number, reader.index());
            }
            assertNull(reader.next(0));
        }
    }

    @Test
    void batchesComeBackInOrderFromAnyPlaceAndAfterEachRestart() throws Exception {
        long last = 0;
        for (int opening = 0; opening < 4; opening++) {
            try (ChronicleEventLog log = log()) {
                Topic topic = log.open(TOPIC);
                assertSame(topic, log.open(TOPIC));
                assertEquals(last, topic.appendedIndex());
                append(topic, last + 1, last + 25, 100_000);
                last += 25;
                for (long after = 0; after <= last; after += 7) {
                    assertReads(topic, after, last);
                }
                assertEquals(List.of(TOPIC), log.topics());
                assertTrue(
                        topic.sizeBytes() > last * 100_000 && topic.sizeBytes() < last * 120_000,
                        "size " + topic.sizeBytes());
            }
        }
        assertTrue(log().sizeBytes() > last * 100_000);
    }

    @Test
    void filesRollByTheClockAndAReaderGoesFromOneToTheNext() throws Exception {
        try (ChronicleEventLog log = log()) {
            Topic topic = log.open(TOPIC);
            for (int hour = 0; hour < 5; hour++) {
                append(topic, hour * 10L + 1, hour * 10L + 10, 1000);
                now.addAndGet(Duration.ofHours(1).toMillis());
            }
            now.addAndGet(-Duration.ofHours(3).toMillis());
            append(topic, 51, 60, 1000);
            assertReads(topic, 0, 60);
        }
        Path generation = Generation.folders(TopicFolders.of(folder, TOPIC)).get(0);
        assertEquals(5, Generation.files(generation).size());
        try (ChronicleEventLog log = log()) {
            assertReads(log.open(TOPIC), 0, 60);
            assertReads(log.open(TOPIC), 35, 60);
        }
    }

    @Test
    void releasedFilesAreDeletedOnceTheReplayPeriodIsOver() throws Exception {
        replay = Duration.ofHours(2);
        try (ChronicleEventLog log = log()) {
            Topic topic = log.open(TOPIC);
            for (int hour = 0; hour < 4; hour++) {
                append(topic, hour * 10L + 1, hour * 10L + 10, 100_000);
                now.addAndGet(Duration.ofHours(1).toMillis());
            }
            topic.release(25);
            assertReads(topic, 20, 40);
            assertEquals(
                    "LOG_INDEX_GONE",
                    assertThrows(MillraceException.class, () -> topic.reader(19))
                            .code());
            assertTrue(topic.sizeBytes() < 2_200_000, "size " + topic.sizeBytes());
            now.addAndGet(Duration.ofHours(10).toMillis());
            topic.release(40);
            assertReads(topic, 30, 40);
            append(topic, 41, 45, 1000);
        }
        try (ChronicleEventLog log = log()) {
            Topic topic = log.open(TOPIC);
            assertTrue(topic.damage().isEmpty());
            assertReads(topic, 30, 45);
            assertEquals(
                    "LOG_INDEX_GONE",
                    assertThrows(MillraceException.class, () -> topic.reader(29))
                            .code());
            append(topic, 46, 46, 10);
            now.addAndGet(Duration.ofHours(3).toMillis());
            topic.release(46);
            assertReads(topic, 45, 46);
        }
        try (ChronicleEventLog log = log()) {
            assertReads(log.open(TOPIC), 45, 46);
            assertEquals(1, Generation.folders(TopicFolders.of(folder, TOPIC)).size());
        }
    }

    @Test
    void aBatchOfAHundredMegabytesPasses() throws Exception {
        try (ChronicleEventLog log = log()) {
            Topic topic = log.open(TOPIC);
            append(topic, 1, 1, 10);
            append(topic, 2, 2, 100 << 20);
            append(topic, 3, 3, 10);
            assertReads(topic, 0, 3);
            assertReads(topic, 2, 3);
        }
        try (ChronicleEventLog log = log()) {
            assertReads(log.open(TOPIC), 1, 3);
        }
    }

    @Test
    void twoReadersFollowWhileBatchesAreAppended() throws Exception {
        try (ChronicleEventLog log = log()) {
            Topic topic = log.open(TOPIC);
            List<CompletableFuture<Void>> readers = List.of(
                    CompletableFuture.runAsync(() -> follow(topic)), CompletableFuture.runAsync(() -> follow(topic)));
            append(topic, 1, 500, 2000);
            for (CompletableFuture<Void> reader : readers) {
                reader.get(WAIT_MILLIS, TimeUnit.MILLISECONDS);
            }
        }
    }

    @Test
    void manyThreadsAppendWhileFilesRoll() throws Exception {
        try (ChronicleEventLog log = log()) {
            Topic topic = log.open(TOPIC);
            List<CompletableFuture<Void>> writers = new ArrayList<>();
            for (int writer = 0; writer < 4; writer++) {
                writers.add(CompletableFuture.runAsync(() -> appendAnHourEach(topic)));
            }
            for (CompletableFuture<Void> writer : writers) {
                writer.get(WAIT_MILLIS, TimeUnit.MILLISECONDS);
            }
            assertEquals(80, topic.durableIndex());
            try (LogReader reader = topic.reader(0)) {
                for (long index = 1; index <= 80; index++) {
                    StoredBatch batch = reader.next(0);
                    assertEquals(index, batch.logIndex());
                    assertEquals(5, TestBatches.number(batch));
                }
            }
        }
    }

    private void appendAnHourEach(Topic topic) {
        try {
            for (int i = 0; i < 20; i++) {
                now.addAndGet(Duration.ofMinutes(6).toMillis());
                assertTrue(topic.awaitDurable(topic.append(TestBatches.batch(5, 100, 0)), WAIT_MILLIS));
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void follow(Topic topic) {
        try (LogReader reader = topic.reader(0)) {
            for (long number = 1; number <= 500; number++) {
                assertEquals(number, TestBatches.number(reader.next(WAIT_MILLIS)));
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aSyncThatFailsIsNeverAcknowledged() throws Exception {
        AtomicBoolean failing = new AtomicBoolean();
        Disk disk = new DisturbedDisk(() -> {
            if (failing.getAndSet(false)) {
                throw new IOException("the disk gave up");
            }
        });
        try (ChronicleEventLog log = log(disk)) {
            Topic topic = log.open(TOPIC);
            append(topic, 1, 3, 100);
            failing.set(true);
            assertEquals(4, topic.append(TestBatches.batch(4, 100, 0)));
            assertEquals(
                    "LOG_FAILED",
                    assertThrows(MillraceException.class, () -> topic.awaitDurable(4, WAIT_MILLIS))
                            .code());
            assertEquals(
                    "LOG_FAILED",
                    assertThrows(MillraceException.class, () -> topic.append(TestBatches.batch(5, 1, 0)))
                            .code());
            assertEquals(3, topic.durableIndex());
            assertTrue(topic.awaitDurable(3, 0));
            assertReads(topic, 0, 3);
        }
        try (ChronicleEventLog log = log()) {
            Topic topic = log.open(TOPIC);
            assertTrue(topic.damage().isEmpty());
            long last = topic.appendedIndex();
            append(topic, last + 1, last + 2, 100);
            assertReads(topic, 0, last + 2);
        }
    }

    @Test
    void aFullDiskRefusesTheAppendAndLeavesTheTopicWell() throws Exception {
        minFreeBytes = Long.MAX_VALUE / 2;
        try (ChronicleEventLog log = log()) {
            Topic topic = log.open(TOPIC);
            assertEquals(
                    "DISK_FULL",
                    assertThrows(MillraceException.class, () -> topic.append(TestBatches.batch(1, 1, 0)))
                            .code());
            assertEquals(0, topic.appendedIndex());
        }
        minFreeBytes = 0;
        try (ChronicleEventLog log = log()) {
            append(log.open(TOPIC), 1, 1, 1);
        }
    }

    @Test
    void aPositionBehindTheEndIsRefused() throws Exception {
        try (ChronicleEventLog log = log()) {
            Topic topic = log.open(TOPIC);
            append(topic, 1, 2, 1);
            assertEquals(
                    "LOG_BEHIND",
                    assertThrows(MillraceException.class, () -> topic.reader(3)).code());
            topic.restartAfter(10);
            assertEquals(10, topic.appendedIndex());
            try (LogReader reader = topic.reader(1)) {
                assertEquals(2, reader.next(WAIT_MILLIS).logIndex());
                assertNull(reader.next(0));
                assertEquals(11, topic.append(TestBatches.batch(11, 1, 0)));
                assertEquals(11, reader.next(WAIT_MILLIS).logIndex());
            }
        }
        try (ChronicleEventLog log = log()) {
            Topic topic = log.open(TOPIC);
            assertTrue(topic.damage().isEmpty());
            try (LogReader reader = topic.reader(0)) {
                assertEquals(1, reader.next(WAIT_MILLIS).logIndex());
                assertEquals(2, reader.next(WAIT_MILLIS).logIndex());
                assertEquals(11, reader.next(WAIT_MILLIS).logIndex());
            }
            append(topic, 12, 13, 1);
        }
    }

    @Test
    void aRestartThatNothingWasAppendedAfterIsNoDamage() throws Exception {
        try (ChronicleEventLog log = log()) {
            Topic topic = log.open(TOPIC);
            append(topic, 1, 5, 1);
            topic.restartAfter(5);
        }
        for (int opening = 0; opening < 2; opening++) {
            try (ChronicleEventLog log = log()) {
                Topic topic = log.open(TOPIC);
                assertTrue(topic.damage().isEmpty(), () -> topic.damage().toString());
                assertEquals(5, topic.appendedIndex());
                assertReads(topic, 0, 5);
            }
        }
        try (ChronicleEventLog log = log()) {
            Topic topic = log.open(TOPIC);
            append(topic, 6, 7, 1);
            assertReads(topic, 0, 7);
        }
    }

    @Test
    void deletingATopicForgetsIt() throws Exception {
        try (ChronicleEventLog log = log()) {
            Topic topic = log.open(TOPIC);
            append(topic, 1, 5, 1);
            assertThrows(IllegalStateException.class, () -> log.delete(TOPIC));
            topic.close();
            topic.close();
            log.delete(TOPIC);
            assertEquals(List.of(), log.topics());
            assertEquals(0, log.open(TOPIC).appendedIndex());
            assertEquals(
                    "LOG_CLOSED",
                    assertThrows(MillraceException.class, () -> topic.append(TestBatches.batch(1, 1, 0)))
                            .code());
            assertFalse(log.open(TOPIC).overBudget());
        }
    }
}
