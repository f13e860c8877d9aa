package dev.millrace.app.benchmark;

import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.destination.Scratch;
import dev.millrace.storage.folder.DataFolder;
import dev.millrace.storage.folder.FolderTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The benchmark's own folder on the data folder's file system: beside the data folder, or in its {@code tmp} where it is a file system of its
 * own or its parent can't be written. It is held as data folders are, by which the left-overs of killed benchmarks are known. Thread-safe.
 */
final class TrialFolder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TrialFolder.class);
    private static final String TEMPORARY = "java.io.tmpdir";

    private final Path place;
    private final DataFolder folder;
    private final String temporaryBefore;
    private int runs;
    private boolean closed;

    private TrialFolder(Path place, DataFolder folder) {
        this.place = place;
        this.folder = folder;
        this.temporaryBefore = System.getProperty(TEMPORARY);
    }

    static TrialFolder make(Path dataFolder, String name) {
        try {
            Path place = place(dataFolder);
            TrialFolder made = new TrialFolder(place, DataFolder.open(place.resolve(name), Clock.systemUTC()));
            // Native libraries unpack themselves there: the usual place may be 'noexec'.
            System.setProperty(TEMPORARY, made.folder.temporary().toString());
            return made;
        } catch (IOException e) {
            throw failed(dataFolder, e);
        }
    }

    private static Path place(Path dataFolder) throws IOException {
        Path standing = dataFolder.toAbsolutePath().normalize();
        if (Files.isDirectory(standing.resolve("tmp"))) {
            Path parent = standing.getParent();
            boolean beside = parent != null
                    && Files.isWritable(parent)
                    && Files.getFileStore(parent).equals(Files.getFileStore(standing));
            return beside ? parent : standing.resolve("tmp");
        }
        while (!Files.isDirectory(standing)) {
            standing = standing.getParent();
        }
        return standing;
    }

    /** A folder for one measurement. */
    synchronized Path run() {
        if (closed) {
            throw new IllegalStateException("the benchmark's folder is removed");
        }
        return folder.root().resolve("run-" + ++runs);
    }

    Path spool() {
        return folder.root().resolve("rows");
    }

    /** Removes what ended benchmarks have left there. */
    List<String> removeLeftOvers() {
        List<String> removed = new ArrayList<>();
        try (Stream<Path> entries = Files.list(place)) {
            for (Path entry : entries.sorted().toList()) {
                boolean ours = entry.getFileName().toString().startsWith(Scratch.PREFIX)
                        && Files.isDirectory(entry)
                        && !entry.equals(folder.root());
                if (ours && !inUse(entry)) {
                    delete(entry);
                    removed.add(entry.toString());
                }
            }
        } catch (IOException e) {
            throw failed(place, e);
        }
        return removed;
    }

    private static boolean inUse(Path entry) {
        try (DataFolder left = DataFolder.open(entry, Clock.systemUTC())) {
            LOG.info("bench: {} was left behind", left.root());
            return false;
        } catch (MillraceException e) {
            // anything else is said of a folder that nobody holds: half removed, for example
            LOG.debug("bench: {}: {}", entry, e.getMessage());
            return e.code().equals("DATA_FOLDER_IN_USE") || e.code().equals("DATA_FOLDER_NOT_WRITABLE");
        }
    }

    static void delete(Path folder) {
        try {
            FolderTree.delete(folder);
        } catch (IOException e) {
            throw failed(folder, e);
        }
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (temporaryBefore == null) {
            System.clearProperty(TEMPORARY);
        } else {
            System.setProperty(TEMPORARY, temporaryBefore);
        }
        folder.close();
        delete(folder.root());
    }

    static MillraceException failed(Path folder, IOException cause) {
        return MillraceException.resource(
                "BENCH_FILE_FAILED",
                "The benchmark can't work in " + folder,
                cause.toString(),
                "Look after the folder's permissions and its disk.",
                cause);
    }
}
