package dev.millrace.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.storage.state.RocksStateStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The file system loses everything that was not synced, as in a power cut: an ext4 in a loop-mounted file is shut down without flushing.
 * Runs where that may be done: as root, with loop mounts and python3 (for the one ioctl); elsewhere it is skipped.
 */
class PowerCutTest {
    private static final String SHUTDOWN_WITHOUT_FLUSH =
            "import fcntl, os, struct, sys; fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587D, struct.pack('I', 2))";

    @TempDir
    private Path folder;

    private static int run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertTrue(process.waitFor(180, TimeUnit.SECONDS), () -> command + " hangs");
        return process.exitValue();
    }

    private static boolean succeeds(String... command) throws InterruptedException {
        try {
            return run(List.of(command)) == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static void must(String... command) throws IOException, InterruptedException {
        assertEquals(0, run(List.of(command)), () -> String.join(" ", command));
    }

    @Test
    void everyAcknowledgedBatchOutlivesAPowerCut() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "loop mounts need root");
        assumeTrue(succeeds("python3", "-c", "import fcntl"), "no python3");
        String disk = folder.resolve("disk.img").toString();
        Path mounted = Files.createDirectory(folder.resolve("mounted"));
        must("truncate", "-s", "2G", disk);
        assumeTrue(succeeds("mkfs.ext4", "-q", "-F", disk), "no mkfs.ext4");
        assumeTrue(succeeds("mount", "-o", "loop", disk, mounted.toString()), "no loop mounts here");
        // This process loads RocksDB's library from the first store it opens, and would keep the disk busy.
        RocksStateStore.open(Files.createDirectory(folder.resolve("elsewhere"))).close();
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        try {
            long before = 0;
            for (int round = 0; round < Integer.getInteger("millrace.test.power.cuts", 3); round++) {
                long acknowledged = runAndCut(mounted, random, disk);
                assertTrue(acknowledged > before, "nothing acknowledged, seed " + seed);
                before = AppenderProcess.assertAllThere(mounted.resolve("data"), acknowledged, "seed " + seed);
            }
        } finally {
            must("umount", "-l", mounted.toString());
        }
    }

    private static long runAndCut(Path mounted, SplittableRandom random, String disk)
            throws IOException, InterruptedException {
        AppenderProcess child = AppenderProcess.start(mounted.resolve("data"), random.nextLong(), List.of());
        long acknowledged = child.readAcknowledged(20 + random.nextInt(60), false, () -> cut(child, mounted));
        must("umount", mounted.toString());
        must("mount", "-o", "loop", disk, mounted.toString());
        return acknowledged;
    }

    /**
     * The file system goes first: what was acknowledged before has to be there, and nothing written later can be. What the process says after
     * the shutdown doesn't count: a real power cut would have silenced it, while here a sync that is under way at that moment may return
     * without an error although ext4 has dropped the conversion of its new extents.
     */
    private static void cut(AppenderProcess child, Path mounted) {
        try {
            must("python3", "-c", SHUTDOWN_WITHOUT_FLUSH, mounted.toString());
            assertTrue(child.process().toHandle().destroyForcibly()
                    || !child.process().isAlive());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
