package dev.millrace.storage.log;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.storage.batch.EncodedBatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pages are only let go of where they are a log file's: anywhere else that would zero memory of others in this process. */
final class LetGoTest {
    private static final Path MAPS = Path.of("/proc/self/maps");
    private static final int MOST_BYTES = 8 << 20;
    /** Some times what the library maps of a file at once. */
    private static final long TOTAL_BYTES = 640L << 20;

    @Test
    void onlyPagesOfTheLogsFilesAreLetGoOfAndNearlyAllOfThem(@TempDir Path folder) throws IOException {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        EncodedBatch batch = new EncodedBatch(TestBatches.batch(1, 10, 0).header(), new byte[MOST_BYTES], MOST_BYTES);
        byte[] header = new byte[64];
        long[] letGo = new long[1];
        long written = 0;
        LetGo pages = new LetGo((address, length) -> {
            requireOfLog(address, length, folder, seed);
            letGo[0] += length;
        });
        try (QueueAppender appender = new QueueAppender(folder, LogOptions.Roll.DAILY, 0, file -> {}, pages)) {
            while (written < TOTAL_BYTES) {
                int length = 1 + random.nextInt(random.nextInt(4) == 0 ? MOST_BYTES : 100_000);
                appender.write(header, header, 0, 8, batch, 0, length);
                written += length;
            }
        }
        if (Files.exists(MAPS)) {
            assertTrue(letGo[0] > written * 8 / 10, letGo[0] + " of " + written + " bytes, seed " + seed);
        }
    }

    private static void requireOfLog(long address, long length, Path folder, long seed) {
        assertTrue(length > 0, "seed " + seed);
        try {
            for (String line : Files.readAllLines(MAPS)) {
                int dash = line.indexOf('-');
                int space = line.indexOf(' ');
                if (Long.parseUnsignedLong(line.substring(0, dash), 16) <= address
                        && Long.parseUnsignedLong(line.substring(dash + 1, space), 16) >= address + length) {
                    assertTrue(line.contains(folder.toString()) && line.endsWith(".cq4"), line + ", seed " + seed);
                    return;
                }
            }
            throw new AssertionError(
                    length + " bytes at " + Long.toHexString(address) + " are not one mapping's, seed " + seed);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
