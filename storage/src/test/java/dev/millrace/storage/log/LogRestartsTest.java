package dev.millrace.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.testing.MemoryState;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log that is damaged and begins again, many times over: what is appended behind the last restart is there at every later opening. */
class LogRestartsTest {
    private static final TopicName TOPIC = new TopicName("default", "shop", TopicName.Mode.REALTIME);
    private static final long WAIT_MILLIS = 20_000;

    @TempDir
    private Path folder;

    @Test
    void aSecondRestartAfterTheFirstOnesFileIsLostIsNoDamage() throws Exception {
        MemoryState state = new MemoryState();
        beginAgain(folder, state, 0, 3);
        beginAgain(folder, state, 100, 3);
        Files.delete(newest(folder));
        beginAgain(folder, state, 0, 3);
        assertEquals(List.of(107L, 108L, 109L), behindTheRestart(folder, state, 106));
    }

    @Test
    void restartsAtRandomAreFoundAgainWhateverWasDamagedBetween() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 5; round++) {
            MemoryState state = new MemoryState();
            Path place = folder.resolve("round" + round);
            beginAgain(place, state, 0, 2);
            String story = "seed " + seed + ":";
            for (int step = 0; step < 6; step++) {
                story += random.nextInt(4) > 0 ? damage(place, random) : " ";
                long ahead = random.nextInt(3) == 0 ? 1 + random.nextInt(50) : 0;
                int count = random.nextInt(4);
                long first = beginAgain(place, state, ahead, count);
                story += " restart at " + first + " with " + count;
                List<Long> wanted =
                        Stream.iterate(first, i -> i + 1).limit(count).toList();
                assertEquals(wanted, behindTheRestart(place, state, first - 1), story);
            }
        }
    }

    /** Goes on {@code ahead} indexes behind all that is known, and appends; the first new index. */
    private static long beginAgain(Path place, MemoryState state, long ahead, int count) throws Exception {
        try (ChronicleEventLog log = log(place, state)) {
            Topic topic = log.open(TOPIC);
            long known = topic.damage().map(LogDamage::lastKnownIndex).orElse(0L);
            topic.restartAfter(Math.max(known, topic.appendedIndex()) + ahead);
            long first = topic.appendedIndex() + 1;
            for (long number = first; number < first + count; number++) {
                assertEquals(number, topic.append(TestBatches.batch(number, 500, 0)));
            }
            assertTrue(topic.awaitDurable(first + count - 1, WAIT_MILLIS));
            return first;
        }
    }

    private static List<Long> behindTheRestart(Path place, MemoryState state, long after) throws Exception {
        try (ChronicleEventLog log = log(place, state)) {
            Topic topic = log.open(TOPIC);
            assertTrue(topic.damage().isEmpty(), () -> "damaged: " + topic.damage());
            Stream.Builder<Long> found = Stream.builder();
            try (LogReader reader = topic.reader(after)) {
                for (StoredBatch batch = reader.next(0); batch != null; batch = reader.next(0)) {
                    assertEquals(batch.logIndex(), TestBatches.number(batch));
                    found.add(batch.logIndex());
                }
            }
            return found.build().toList();
        }
    }

    private static String damage(Path place, SplittableRandom random) throws IOException {
        List<Path> files = files(place);
        if (files.isEmpty()) {
            return " nothing to damage";
        }
        Path file = files.get(random.nextInt(files.size()));
        String name = " " + file.getParent().getFileName() + "/" + file.getFileName();
        switch (random.nextInt(3)) {
            case 0 -> {
                Files.delete(file);
                return name + " deleted";
            }
            case 1 -> {
                try (RandomAccessFile cut = new RandomAccessFile(file.toFile(), "rw")) {
                    cut.setLength(0);
                }
                return name + " emptied";
            }
            default -> {
                try (RandomAccessFile flipped = new RandomAccessFile(file.toFile(), "rw")) {
                    long at = random.nextLong(Math.min(1_000, flipped.length() + 1));
                    flipped.seek(at);
                    flipped.write(random.nextInt());
                    return name + " byte " + at;
                }
            }
        }
    }

    private static Path newest(Path place) throws IOException {
        List<Path> queueFiles = files(place).stream()
                .filter(file -> file.toString().endsWith(".cq4"))
                .toList();
        return queueFiles.get(queueFiles.size() - 1);
    }

    private static List<Path> files(Path place) throws IOException {
        Path topic = TopicFolders.of(place, TOPIC);
        try (Stream<Path> all = Files.walk(topic)) {
            return all.filter(file -> Files.isRegularFile(file)
                            && !file.toString().endsWith(".cq4t")
                            && !file.startsWith(topic.resolve("damaged")))
                    .sorted()
                    .toList();
        }
    }

    private static ChronicleEventLog log(Path place, MemoryState state) {
        return new ChronicleEventLog(LogOptions.defaults(place), state);
    }
}
