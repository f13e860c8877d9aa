package dev.millrace.storage.log;

import dev.millrace.storage.folder.FolderTree;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A topic's files that hold batches, oldest first: found, grown, deleted, set aside. Guarded by the topic's lock. */
final class TopicFiles {
    /** Where a reader goes on: in {@code file}, whose batches are {@code firstIndex} to {@code lastIndex} by now, from {@code position}. */
    record Place(LogFile file, Path path, Generation generation, long firstIndex, long lastIndex, long position) {}

    private static final Logger LOG = LoggerFactory.getLogger(TopicFiles.class);

    private final Path topicFolder;
    private final List<LogFile> files = new ArrayList<>();
    private volatile long sizeBytes;

    TopicFiles(Path topicFolder) {
        this.topicFolder = topicFolder;
    }

    void load(List<LogFile> found) {
        files.addAll(found);
        sizeBytes = total();
    }

    /** Makes durable what stands behind {@code durable}: what a killed process has written may be in memory only, and is about to be delivered. */
    void force(Disk disk, Path logFolder, long durable) throws IOException {
        for (LogFile file : files) {
            if (file.lastIndex() > durable) {
                try (RandomAccessFile opened = new RandomAccessFile(file.path().toFile(), "rw")) {
                    disk.force(opened);
                }
                disk.forceFolder(file.path().getParent());
                for (Path parent : TopicFolders.upTo(logFolder, topicFolder)) {
                    disk.forceFolder(parent);
                }
            }
        }
    }

    private long total() {
        return files.stream().mapToLong(LogFile::usedBytes).sum();
    }

    /** May be asked without the lock. */
    long sizeBytes() {
        return sizeBytes;
    }

    void begin(LogFile file) {
        files.add(file);
    }

    /** Adds a batch to the newest file. */
    void add(long index, long position, long end, long createdAtMillis) {
        LogFile newest = files.get(files.size() - 1);
        long before = newest.usedBytes();
        newest.add(index, position, end, createdAtMillis);
        long after = sizeBytes + newest.usedBytes() - before;
        sizeBytes = after;
    }

    /** The last batch that is there, 0 none. */
    long lastIndex() {
        for (int i = files.size() - 1; i >= 0; i--) {
            if (files.get(i).firstIndex() != 0) {
                return files.get(i).lastIndex();
            }
        }
        return 0;
    }

    /** Batches up to here are no longer there. */
    long goneThrough(long deletedThrough) {
        if (files.isEmpty() || files.get(0).firstIndex() == 0) {
            return deletedThrough;
        }
        LogFile first = files.get(0);
        boolean afterRestart = first.generation().restart()
                && first.firstIndex() == first.generation().firstIndex();
        return afterRestart ? Math.max(deletedThrough, first.generation().follows()) : first.firstIndex() - 1;
    }

    /** Where the first batch behind {@code index} is; null when there is none. */
    Place locate(long index) {
        for (LogFile file : files) {
            if (file.firstIndex() != 0 && file.lastIndex() > index) {
                long position = index + 1 <= file.firstIndex() ? 0 : file.positionBefore(index + 1);
                return new Place(file, file.path(), file.generation(), file.firstIndex(), file.lastIndex(), position);
            }
        }
        return null;
    }

    /** The oldest files that hold nothing behind {@code released} nor younger than {@code olderThanMillis}; never the newest file. */
    List<LogFile> deletable(long released, long olderThanMillis) {
        List<LogFile> found = new ArrayList<>();
        for (LogFile file : files.subList(0, Math.max(0, files.size() - 1))) {
            if (file.firstIndex() == 0 || file.lastIndex() > released || file.newestMillis() > olderThanMillis) {
                break;
            }
            found.add(file);
        }
        return found;
    }

    /** Bytes in the newest file, 0 without one. */
    long newestBytes() {
        return files.isEmpty() ? 0 : files.get(files.size() - 1).usedBytes();
    }

    /** Every file, where all of them may be deleted by the rules of {@link #deletable}, the newest too; else none. */
    List<LogFile> allDeletable(long released, long olderThanMillis) {
        boolean all =
                files.stream().allMatch(file -> file.lastIndex() <= released && file.newestMillis() <= olderThanMillis);
        return all ? List.copyOf(files) : List.of();
    }

    /** Deletes the oldest files, and generations before {@code writing} of which nothing is left. */
    void delete(List<LogFile> oldest, int writing) throws IOException {
        for (LogFile file : oldest) {
            files.remove(file);
            Files.deleteIfExists(file.path());
        }
        sizeBytes = total();
        int first = files.isEmpty() ? writing : files.get(0).generation().number();
        for (Path folder : Generation.folders(topicFolder)) {
            if (Generation.number(folder) < first) {
                FolderTree.delete(folder);
            }
        }
        LOG.info("log: {} released files deleted from {}, {} bytes left", oldest.size(), topicFolder, sizeBytes);
    }

    /** Keeps what is damaged behind {@code lastGood} beside the log and drops it from it. */
    Path setAside(long lastGood) throws IOException {
        Path aside = Files.createDirectories(topicFolder.resolve("damaged"));
        files.removeIf(file -> file.firstIndex() == 0 || file.firstIndex() > lastGood);
        files.forEach(file -> file.endAt(lastGood));
        Set<Path> good = new HashSet<>(files.stream().map(LogFile::path).toList());
        for (Path folder : Generation.folders(topicFolder)) {
            for (Path file : Generation.files(folder)) {
                if (!good.contains(file)) {
                    Files.move(file, freeName(aside, folder, file));
                }
            }
        }
        if (!files.isEmpty()) {
            Path last = files.get(files.size() - 1).path();
            keepCopy(last, freeName(aside, last.getParent(), last));
        }
        sizeBytes = total();
        return aside;
    }

    private static Path freeName(Path aside, Path generation, Path file) {
        String name = generation.getFileName() + "-" + file.getFileName();
        Path target = aside.resolve(name);
        for (int i = 2; Files.exists(target); i++) {
            target = aside.resolve(name + "." + i);
        }
        return target;
    }

    private static void keepCopy(Path file, Path target) throws IOException {
        try {
            Files.createLink(target, file);
        } catch (UnsupportedOperationException | IOException e) {
            LOG.debug("log: no hard link for {}, it is copied", file, e);
            Files.copy(file, target);
        }
    }
}
