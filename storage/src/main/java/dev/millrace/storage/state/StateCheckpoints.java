package dev.millrace.storage.state;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.folder.FolderTree;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checkpoints of the state store beside it, in {@code state/checkpoints/<time>/rocksdb}: copies of their own on the disk, so that damage to a file
 * of the store is not damage to theirs. One a day, of which the last {@value #KEPT} are kept; table files that the one before has as well, which
 * never change, are shared with it. Each is read whole before it counts. To be used by one thread at a time.
 */
public final class StateCheckpoints {
    private static final Logger LOG = LoggerFactory.getLogger(StateCheckpoints.class);
    private static final int KEPT = 2;
    private static final Duration EVERY = Duration.ofDays(1);
    private static final Duration LOOK = Duration.ofMinutes(10);
    private static final String ROCKSDB = "rocksdb";
    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final StateStore state;
    private final Path folder;
    private final long leastFreeBytes;
    private final Clock clock;

    /**
     * @param stateFolder as {@link RocksStateStore#open} was given it
     * @param leastFreeBytes what the disk has to have free when a copy is made; where it would not, none is made
     */
    public StateCheckpoints(StateStore state, Path stateFolder, long leastFreeBytes, Clock clock) {
        this.state = state;
        this.folder = stateFolder.resolve("checkpoints");
        this.leastFreeBytes = leastFreeBytes;
        this.clock = clock;
    }

    /**
     * Makes one where the last is a day old, or none is there. What keeps it from that is told in the log, and tried again.
     *
     * @return after how long to look again
     * @throws InterruptedException when asked to stop; what has been copied is taken away the next time
     */
    public Duration makeIfDue() throws InterruptedException {
        try {
            Instant now = clock.instant();
            Optional<Path> last = last();
            Duration age = last.map(made ->
                            Duration.between(time(made).orElseThrow(), now).abs())
                    .orElse(EVERY);
            if (age.compareTo(EVERY) >= 0) { // also where the clock went back by a day
                make(last, folder.resolve(NAME.format(now)));
            }
        } catch (IOException | MillraceException e) {
            LOG.warn(
                    "state: no checkpoint was made, which is tried again in {} minutes: {}",
                    LOOK.toMinutes(),
                    e.toString());
        }
        return LOOK;
    }

    private void make(Optional<Path> last, Path made) throws IOException, InterruptedException {
        Path linked = folder.resolve("linked");
        Path making = folder.resolve("making");
        FolderTree.delete(linked);
        FolderTree.delete(making);
        state.checkpoint(linked); // at once, by links to the files as they are now
        try {
            List<Path> files = files(linked);
            long bytes = 0;
            for (Path file : files) {
                bytes += Files.size(file);
            }
            if (Files.getFileStore(folder).getUsableSpace() - bytes < leastFreeBytes) {
                throw new IOException("the disk has no room for " + (bytes >> 20) + " MB more");
            }
            Path copy = Files.createDirectories(making.resolve(ROCKSDB));
            for (Path file : files) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                copy(file, last.map(before -> before.resolve(ROCKSDB).resolve(file.getFileName())), copy);
            }
            sync(copy);
            RocksStateStore.verify(copy);
            Files.move(making, made, StandardCopyOption.ATOMIC_MOVE);
            sync(folder);
            LOG.info("state: checkpoint {} of {} MB", made, bytes >> 20);
        } finally {
            FolderTree.delete(linked);
        }
        List<Path> all = all();
        for (Path old : all.subList(0, Math.max(0, all.size() - KEPT))) {
            FolderTree.delete(old);
        }
    }

    private static void copy(Path file, Optional<Path> before, Path to) throws IOException {
        Path target = to.resolve(file.getFileName());
        if (file.toString().endsWith(".sst") && before.isPresent() && isSame(file, before.get())) {
            Files.createLink(target, before.get());
            return;
        }
        Files.copy(file, target, StandardCopyOption.COPY_ATTRIBUTES);
        sync(target);
    }

    private static boolean isSame(Path file, Path before) throws IOException {
        if (!Files.exists(before)) {
            return false;
        }
        BasicFileAttributes one = Files.readAttributes(file, BasicFileAttributes.class);
        BasicFileAttributes other = Files.readAttributes(before, BasicFileAttributes.class);
        return one.size() == other.size() && one.lastModifiedTime().equals(other.lastModifiedTime());
    }

    private static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private Optional<Path> last() throws IOException {
        List<Path> all = all();
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
    }

    /** Those that are whole, the oldest first. */
    private List<Path> all() throws IOException {
        return Files.isDirectory(folder)
                ? files(folder).stream().filter(path -> time(path).isPresent()).toList()
                : List.of();
    }

    private static Optional<Instant> time(Path made) {
        try {
            return Optional.of(NAME.parse(made.getFileName().toString(), Instant::from));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }
}
