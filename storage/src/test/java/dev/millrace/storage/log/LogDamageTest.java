package dev.millrace.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.folder.FolderTree;
import dev.millrace.storage.state.StateChanges;
import dev.millrace.storage.state.StateStore;
import dev.millrace.storage.testing.MemoryState;
import dev.millrace.storage.testing.SuppliedClock;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever happens to the files: a good prefix, then it is told; never a wrong batch and never a dead process. */
class LogDamageTest {
    private static final TopicName TOPIC = new TopicName("default", "shop", TopicName.Mode.REALTIME);
    private static final long WAIT_MILLIS = 120_000;
    private static final int BATCHES = 48;

    @TempDir
    private Path folder;

    private final MemoryState state = new MemoryState();
    private Path original;
    private Path work;

    /** Two openings, each with two files. */
    @BeforeEach
    void writeALog() throws Exception {
        original = folder.resolve("original");
        work = folder.resolve("work");
        for (int opening = 0; opening < 2; opening++) {
            AtomicReference<Instant> now =
                    new AtomicReference<>(Instant.parse("2026-11-21T10:00:00Z").plus(Duration.ofHours(opening * 10L)));
            try (ChronicleEventLog log = log(original, new SuppliedClock(now::get))) {
                Topic topic = log.open(TOPIC);
                append(topic, BATCHES / 4);
                now.updateAndGet(hour -> hour.plus(Duration.ofHours(1)));
                append(topic, BATCHES / 4);
            }
        }
        assertEquals(4, queueFiles(original).size());
    }

    private static void append(Topic topic, int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            long number = topic.appendedIndex() + 1;
            assertEquals(number, topic.append(TestBatches.batch(number, (int) (number * 397 % 3000), 0)));
            if (number % 3 == 0) {
                assertTrue(topic.awaitDurable(number, WAIT_MILLIS));
            }
        }
    }

    private ChronicleEventLog log(Path place, Clock clock) {
        LogOptions options = new LogOptions(
                place, LogOptions.Durability.OS, 1L << 40, 1L << 40, 0, LogOptions.Roll.HOURLY, Duration.ZERO, clock);
        return new ChronicleEventLog(options, state);
    }

    private ChronicleEventLog log(Path place) {
        return log(place, Clock.fixed(Instant.parse("2026-11-22T10:00:00Z"), ZoneOffset.UTC));
    }

    /** Only the used part is copied: what is behind it in the files is a hole. */
    private void freshCopy() throws IOException {
        FolderTree.delete(work);
        for (Path file : files(original)) {
            Path target = work.resolve(original.relativize(file));
            Files.createDirectories(target.getParent());
            byte[] head = new byte[(int) Math.min(Files.size(file), 512 << 10)];
            try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
                in.readFully(head);
            }
            Files.write(target, head);
        }
    }

    private static List<Path> files(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile)
                    .filter(file -> !file.toString().endsWith(".cq4t"))
                    .sorted()
                    .toList();
        }
    }

    private static List<Path> queueFiles(Path root) throws IOException {
        return files(root).stream()
                .filter(file -> file.toString().endsWith(".cq4"))
                .toList();
    }

    /** Reads all that is delivered; the last good index. */
    private static long readPrefix(Topic topic) throws InterruptedException {
        long index = 0;
        try (LogReader reader = topic.reader(0)) {
            while (true) {
                StoredBatch batch = reader.next(0);
                if (batch == null) {
                    return index;
                }
                assertEquals(index + 1, batch.logIndex());
                assertEquals(index + 1, TestBatches.number(batch));
                index++;
            }
        } catch (MillraceException e) {
            assertEquals("LOG_DAMAGED", e.code());
            return index;
        }
    }

    /** Whether anything was lost. */
    private boolean assertPrefixThenDetected(String what) throws Exception {
        byte[] checkpoint = state.get(StateStore.Kind.LOG, TOPIC.toString()).orElseThrow();
        long good;
        try (ChronicleEventLog log = log(work)) {
            Topic topic = log.open(TOPIC);
            good = readPrefix(topic);
            if (good < BATCHES) {
                LogDamage damage = topic.damage().orElseThrow(() -> new AssertionError("lost without a word: " + what));
                assertEquals(good, damage.lastGoodIndex(), what);
                assertTrue(damage.lastKnownIndex() > good, what);
                assertEquals(
                        "LOG_DAMAGED",
                        assertThrows(MillraceException.class, () -> topic.append(TestBatches.batch(1, 1, 0)), what)
                                .code());
                topic.restartAfter(good);
                assertTrue(topic.damage().isEmpty(), what);
            } else {
                assertTrue(topic.damage().isEmpty(), what);
            }
            long next = topic.append(TestBatches.batch(777, 50, 0));
            assertTrue(next > BATCHES, what);
        }
        try (ChronicleEventLog log = log(work)) {
            Topic topic = log.open(TOPIC);
            assertTrue(topic.damage().isEmpty(), what);
            try (LogReader reader = topic.reader(good)) {
                StoredBatch batch = reader.next(WAIT_MILLIS);
                assertTrue(batch.logIndex() > BATCHES, what);
                assertEquals(777, TestBatches.number(batch), what);
                assertNull(reader.next(0), what);
            }
        }
        state.write(new StateChanges().put(StateStore.Kind.LOG, TOPIC.toString(), checkpoint), true);
        return good < BATCHES;
    }

    @Test
    void aFlippedBitIsFoundWhereverItIs() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        int found = 0;
        for (int round = 0; round < 150; round++) {
            freshCopy();
            Path file = pick(random, files(work));
            long at = random.nextLong(Math.min(Files.size(file), usedBytes(file)));
            int bit = random.nextInt(8);
            try (RandomAccessFile damaged = new RandomAccessFile(file.toFile(), "rw")) {
                damaged.seek(at);
                int value = damaged.read();
                damaged.seek(at);
                damaged.write(value ^ (1 << bit));
            }
            found +=
                    assertPrefixThenDetected("seed " + seed + " bit " + bit + " of byte " + at + " of " + file) ? 1 : 0;
        }
        assertTrue(found > 50, "only " + found + " flipped bits were found, seed " + seed);
    }

    private static long usedBytes(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int used = bytes.length;
        while (used > 1 && bytes[used - 1] == 0) {
            used--;
        }
        return used;
    }

    @Test
    void aWrongLengthWordIsFoundAndNeverMapped() throws Exception {
        SplittableRandom random = new SplittableRandom(1);
        for (int word :
                new int[] {0, 1, 0x3fffffff, 0x7fffffff, 0x80000000, 0xffffffff, 0x00ffffff, 0xc0000000, 0x40000000}) {
            freshCopy();
            Path file = pick(random, queueFiles(work));
            List<Long> places = new ArrayList<>();
            try (ExcerptCursor cursor = new ExcerptCursor(file)) {
                while (cursor.next() == ExcerptCursor.Step.EXCERPT) {
                    places.add(cursor.wordAt());
                }
            }
            long at = places.get(random.nextInt(places.size()));
            try (RandomAccessFile damaged = new RandomAccessFile(file.toFile(), "rw")) {
                damaged.seek(at);
                damaged.writeInt(Integer.reverseBytes(word));
            }
            assertPrefixThenDetected("word " + Integer.toHexString(word) + " at byte " + at + " of " + file);
        }
    }

    @Test
    void aCutOrMissingFileIsFound() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 60; round++) {
            freshCopy();
            Path file = pick(random, files(work));
            if (random.nextInt(4) == 0) {
                Files.delete(file);
                assertPrefixThenDetected("seed " + seed + " without " + file);
            } else {
                long length = random.nextLong(usedBytes(file));
                try (RandomAccessFile cut = new RandomAccessFile(file.toFile(), "rw")) {
                    cut.setLength(length);
                }
                assertPrefixThenDetected("seed " + seed + " only " + length + " bytes of " + file);
            }
        }
    }

    @Test
    void swappedFilesAreFound() throws Exception {
        List<Path> all = queueFiles(original);
        for (int one = 0; one < all.size(); one++) {
            for (int other = one + 1; other < all.size(); other++) {
                freshCopy();
                List<Path> copies = queueFiles(work);
                Path aside = work.resolve("aside");
                Files.move(copies.get(one), aside);
                Files.move(copies.get(other), copies.get(one));
                Files.move(aside, copies.get(other));
                assertPrefixThenDetected("files " + one + " and " + other + " swapped");
            }
        }
    }

    @Test
    void anOlderCopyOfTheNewestFileIsFound() throws Exception {
        freshCopy();
        List<Path> copies = queueFiles(work);
        Path newest = copies.get(copies.size() - 1);
        long middle;
        try (ExcerptCursor cursor = new ExcerptCursor(newest)) {
            for (int i = 0; i < 4; i++) {
                assertEquals(ExcerptCursor.Step.EXCERPT, cursor.next());
            }
            middle = cursor.position();
        }
        byte[] bytes = Files.readAllBytes(newest);
        Arrays.fill(bytes, (int) middle, bytes.length, (byte) 0);
        Files.write(newest, bytes);
        assertPrefixThenDetected("older newest file");
    }

    @Test
    void anUnfinishedTailIsCutOffAndNotCalledDamage() throws Exception {
        freshCopy();
        List<Path> copies = queueFiles(work);
        Path newest = copies.get(copies.size() - 1);
        try (ExcerptCursor cursor = new ExcerptCursor(newest)) {
            while (cursor.next() == ExcerptCursor.Step.EXCERPT) {
                assertTrue(cursor.length() > 0);
            }
            try (RandomAccessFile torn = new RandomAccessFile(newest.toFile(), "rw")) {
                torn.seek(cursor.position());
                torn.writeInt(Integer.reverseBytes(5000));
                torn.write(new byte[] {'M', 'R', 'B', '1', 1, 1});
            }
        }
        try (ChronicleEventLog log = log(work)) {
            Topic topic = log.open(TOPIC);
            assertTrue(topic.damage().isEmpty());
            assertEquals(BATCHES, topic.appendedIndex());
            assertEquals(BATCHES + 1, topic.append(TestBatches.batch(BATCHES + 1, 10, 0)));
            assertTrue(topic.awaitDurable(BATCHES + 1, WAIT_MILLIS));
            assertEquals(BATCHES + 1, readPrefix(topic));
        }
        try (ChronicleEventLog log = log(work)) {
            assertEquals(BATCHES + 1, readPrefix(log.open(TOPIC)));
        }
    }

    @Test
    void damageThatHappensWhileTheTopicIsOpenIsFoundByTheReader() throws Exception {
        freshCopy();
        try (ChronicleEventLog log = log(work)) {
            Topic topic = log.open(TOPIC);
            Path file = queueFiles(work).get(1);
            try (RandomAccessFile damaged = new RandomAccessFile(file.toFile(), "rw")) {
                damaged.seek(usedBytes(file) - 200);
                damaged.writeLong(0x5555);
            }
            long good = readPrefix(topic);
            assertTrue(good >= BATCHES / 4 && good < BATCHES / 2, "good up to " + good);
            assertEquals(good, topic.damage().orElseThrow().lastGoodIndex());
            try (LogReader again = topic.reader(good)) {
                assertEquals(
                        "LOG_DAMAGED",
                        assertThrows(MillraceException.class, () -> again.next(0))
                                .code());
                assertEquals(
                        "LOG_DAMAGED",
                        assertThrows(MillraceException.class, () -> again.next(0))
                                .code());
            }
            topic.restartAfter(good);
            assertEquals(BATCHES + 1, topic.append(TestBatches.batch(BATCHES + 1, 10, 0)));
            try (LogReader reader = topic.reader(good)) {
                assertEquals(BATCHES + 1, TestBatches.number(reader.next(WAIT_MILLIS)));
            }
            assertTrue(Files.isDirectory(TopicFolders.of(work, TOPIC).resolve("damaged")));
        }
    }

    @Test
    void aLogThatIsGoneIsDamagedWhenTheStateRemembersIt() throws Exception {
        try (ChronicleEventLog log = log(folder.resolve("elsewhere"))) {
            LogDamage damage = log.open(TOPIC).damage().orElseThrow();
            assertEquals(0, damage.lastGoodIndex());
            assertEquals(BATCHES, damage.lastKnownIndex());
        }
        assertTrue(Files.isRegularFile(queueFiles(original).get(0)));
    }

    @Test
    void damageWithoutAnyCheckpointNeverGivesAWrongBatch() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        MemoryState empty = new MemoryState();
        for (int round = 0; round < 60; round++) {
            freshCopy();
            Path file = pick(random, queueFiles(work));
            try (RandomAccessFile damaged = new RandomAccessFile(file.toFile(), "rw")) {
                damaged.seek(random.nextLong(usedBytes(file)));
                damaged.writeInt(random.nextInt());
            }
            LogOptions options = LogOptions.defaults(work);
            try (ChronicleEventLog log = new ChronicleEventLog(options, empty)) {
                Topic topic = log.open(TOPIC);
                long good = readPrefix(topic);
                assertTrue(good <= BATCHES, "seed " + seed);
            }
            empty.write(new StateChanges().deletePrefix(StateStore.Kind.LOG, ""), true);
        }
    }

    private static Path pick(SplittableRandom random, List<Path> files) {
        return files.get(random.nextInt(files.size()));
    }
}
