package dev.millrace.app.fault;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A disk of a trial's own, mounted below a folder whose name tells which suite's process made it: an ext4 in a file, which can lose its
 * power, or a small one in memory, which can grow. {@link #close} unmounts it whatever uses it still; what a killed suite has left behind
 * is unmounted before the first mount of the next one.
 */
final class DiskMount implements AutoCloseable {
    /** EXT4_IOC_SHUTDOWN without a flush: _IOR('X', 125, __u32), fs/ext4/ext4.h. */
    private static final String SHUTDOWN_WITHOUT_FLUSH =
            "import fcntl, os, struct, sys; fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587D, struct.pack('I', 2))";

    private static final String NAME = "disk-of-";
    private static final Pattern LEFT_BEHIND = Pattern.compile("(/\\S*/" + NAME + "(\\d+)-\\S*)");
    private static boolean cleaned;

    private final Path place;
    private final Path image;
    private boolean mounted;

    private DiskMount(Path place, Path image) {
        this.place = place;
        this.image = image;
    }

    /** Why there can be no disk in memory here. */
    static Optional<String> memoryUnavailable() {
        return probe(false);
    }

    /** Why there can be no disk here that loses its power. */
    static Optional<String> powerUnavailable() {
        if (!Shell.succeeds("python3", "-c", "import fcntl")) {
            return Optional.of("python3 is missing, for the one system call");
        }
        if (!Shell.succeeds("mkfs.ext4", "-V")) {
            return Optional.of("mkfs.ext4 is missing");
        }
        return probe(true);
    }

    private static Optional<String> probe(boolean power) {
        if (!Shell.root()) {
            return Optional.of("mounting needs root");
        }
        try {
            Path folder = Files.createTempDirectory("millrace-fault-probe-");
            try (DiskMount disk = power ? losingPower(folder, "64M") : inMemory(folder, "1M")) {
                return Files.isDirectory(disk.folder()) ? Optional.empty() : Optional.of("mounting has no effect here");
            } finally {
                Shell.delete(folder);
            }
        } catch (IOException | AssertionError e) {
            return Optional.of("no mounts here: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("interrupted");
        }
    }

    /** An ext4 in a sparse file in {@code folder}. */
    static DiskMount losingPower(Path folder, String size) throws IOException, InterruptedException {
        DiskMount disk = new DiskMount(newPlace(folder), folder.resolve("disk.img"));
        Shell.must("truncate", "-s", size, disk.image.toString());
        Shell.must("mkfs.ext4", "-q", "-F", disk.image.toString());
        disk.mount();
        return disk;
    }

    /** {@code size} as tmpfs takes it, e.g. {@code 64M}. */
    static DiskMount inMemory(Path folder, String size) throws IOException, InterruptedException {
        DiskMount disk = new DiskMount(newPlace(folder), null);
        Shell.must("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", disk.place.toString());
        disk.mounted = true;
        return disk;
    }

    private static Path newPlace(Path folder) throws IOException, InterruptedException {
        cleanOnce();
        return Files.createTempDirectory(folder, NAME + ProcessHandle.current().pid() + "-");
    }

    private static synchronized void cleanOnce() throws IOException, InterruptedException {
        if (cleaned) {
            return;
        }
        cleaned = true;
        Matcher left = LEFT_BEHIND.matcher(Files.readString(Path.of("/proc/mounts")));
        while (left.find()) {
            if (ProcessHandle.of(Long.parseLong(left.group(2))).isEmpty()) {
                Shell.must("umount", "-l", left.group(1));
            }
        }
    }

    /** Where it is mounted. */
    Path folder() {
        return place;
    }

    /** All that was not synced is lost, and nothing can be written any more until {@link #restore}. */
    void cutPower() throws IOException, InterruptedException {
        Shell.must("python3", "-c", SHUTDOWN_WITHOUT_FLUSH, place.toString());
    }

    /** The power is back; nothing may use the disk. */
    void restore() throws IOException, InterruptedException {
        Shell.must("umount", place.toString());
        mounted = false;
        mount();
    }

    /** To another size, as {@link #inMemory} takes it. */
    void resize(String size) throws IOException, InterruptedException {
        Shell.must("mount", "-o", "remount,size=" + size, place.toString());
    }

    private void mount() throws IOException, InterruptedException {
        Shell.must("mount", "-o", "loop", image.toString(), place.toString());
        mounted = true;
    }

    @Override
    public void close() {
        if (!mounted) {
            return;
        }
        mounted = false;
        assertTrue(Shell.succeeds("umount", "-l", place.toString()), () -> place + " can't be unmounted");
    }
}
