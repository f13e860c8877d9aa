package dev.millrace.storage.folder;

import dev.millrace.config.error.MillraceException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * An opened data folder, this process's alone until it is closed. Thread-safe.
 *
 * <pre>
 * lock          held by the process that uses the folder; who it is, as text
 * installation  the format's version and the installation's id, as text
 * log/          the event log
 * state/        the state store
 * keys          what values are encrypted with that must not be read off the disk, unless keys are given from outside
 * tmp/          emptied at every open
 * </pre>
 *
 * All folders are made 0700, so others can't read the customer's data.
 */
public final class DataFolder implements AutoCloseable {
    private static final Set<String> OURS =
            Set.of("lock", "installation", "log", "state", "tmp", "logs", "control", "control.new", "keys", "keys.new");

    private final Path root;
    private final String installationId;
    private final FolderLock lock;

    private DataFolder(Path root, String installationId, FolderLock lock) {
        this.root = root;
        this.installationId = installationId;
        this.lock = lock;
    }

    /**
     * Opens the folder, making it where it is not there.
     *
     * @param clock for the start time in the lock's text
     * @throws MillraceException RESOURCE DATA_FOLDER_IN_USE, DISK_FULL; USER DATA_FOLDER_NOT_WRITABLE (permissions, or another user's),
     *     DATA_FOLDER_VERSION, DATA_FOLDER_FOREIGN (it holds something else). Nothing was changed then but for an empty folder.
     */
    public static DataFolder open(Path folder, Clock clock) {
        return open(folder, clock, DataFolder::sync);
    }

    /** What makes a folder's entries durable. */
    @FunctionalInterface
    interface Sync {
        void folder(Path folder) throws IOException;
    }

    static DataFolder open(Path folder, Clock clock, Sync sync) {
        Path root = folder.toAbsolutePath().normalize();
        try {
            makeFolder(root, sync);
            requireOwn(root);
            FolderLock lock = FolderLock.acquire(root.toRealPath(), clock);
            try {
                return new DataFolder(root, prepare(root, sync), lock);
            } catch (IOException | RuntimeException failed) {
                lock.close();
                throw failed;
            }
        } catch (IOException failed) {
            throw unusable(root, failed);
        }
    }

    private static String prepare(Path root, Sync sync) throws IOException {
        String id = InstallationFile.read(root).orElse(null);
        if (id == null) {
            requireNothingElse(root);
            id = InstallationFile.create(root);
        }
        makeFolder(root.resolve("log"), sync);
        makeFolder(root.resolve("state"), sync);
        makeFolder(root.resolve("tmp"), sync);
        empty(root.resolve("tmp"));
        return id;
    }

    public Path root() {
        return root;
    }

    public Path log() {
        return root.resolve("log");
    }

    public Path state() {
        return root.resolve("state");
    }

    /** For files that need not outlive the process. */
    public Path temporary() {
        return root.resolve("tmp");
    }

    /** Made once with the folder; never changes. */
    public String installationId() {
        return installationId;
    }

    /** Lets another process in. Idempotent. */
    @Override
    public void close() {
        lock.close();
    }

    /** Durably: what is synced inside a folder is lost with it when a power cut takes the folder's own entry. */
    private static void makeFolder(Path folder, Sync sync) throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            throw new NotDirectoryException(folder.toString());
        }
        List<Path> changed = new ArrayList<>();
        Path parent = folder.getParent();
        for (Path there = parent; there != null; there = there.getParent()) {
            changed.add(there);
            if (Files.isDirectory(there)) {
                break;
            }
        }
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Files.createDirectory(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        for (Path each : changed) {
            sync.folder(each);
        }
    }

    private static void sync(Path folder) throws IOException {
        if (!Files.isReadable(folder)) {
            return; // one that may be written to and not be read can't be opened for that
        }
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void requireOwn(Path root) throws IOException {
        String owner = Files.getOwner(root).getName();
        String self = System.getProperty("user.name");
        if (!ownedBySelf(root)) {
            throw MillraceException.user(
                    "DATA_FOLDER_NOT_WRITABLE",
                    "The data folder " + root + " can't be used",
                    "it belongs to the user '" + owner + "', and this process runs as '" + self + "'",
                    "Run as '" + owner + "', give the folder to '" + self
                            + "', or set 'data' in millrace.yaml to another folder.");
        }
        if (!Files.isWritable(root) || !Files.isExecutable(root)) {
            throw MillraceException.user(
                    "DATA_FOLDER_NOT_WRITABLE",
                    "The data folder " + root + " can't be used",
                    "the user '" + self + "' may not write there",
                    "Give the permission (chmod u+rwx), or set 'data' in millrace.yaml to another folder.");
        }
    }

    /** By the effective user id that the kernel knows, since a name may be missing, as in a container. */
    private static boolean ownedBySelf(Path root) throws IOException {
        Path status = Path.of("/proc/self/status");
        if (Files.isReadable(status)) {
            for (String line : Files.readAllLines(status)) {
                if (line.startsWith("Uid:")) {
                    return line.split("\\s+")[2].equals(String.valueOf(Files.getAttribute(root, "unix:uid")));
                }
            }
        }
        return Files.getOwner(root).getName().equals(System.getProperty("user.name"));
    }

    /** A folder without its installation file is new, and must then hold nothing that we would mix our files with, or have lost. */
    private static void requireNothingElse(Path root) throws IOException {
        List<String> names;
        try (Stream<Path> entries = Files.list(root)) {
            names = entries.map(entry -> entry.getFileName().toString())
                    .sorted()
                    .toList();
        }
        for (String name : names) {
            if (!OURS.contains(name) && !name.equals(InstallationFile.UNFINISHED)) {
                throw MillraceException.user(
                        "DATA_FOLDER_FOREIGN",
                        "The folder " + root + " can't be used as the data folder",
                        "it holds '" + name + "', which is not Millrace's",
                        "Set 'data' in millrace.yaml to a new or empty folder.");
            }
        }
        if (names.contains("log") || names.contains("state")) {
            throw InstallationFile.unreadable(root, "its 'installation' file is missing, though it holds data");
        }
    }

    private static void empty(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path entry : entries.toList()) {
                FolderTree.delete(entry);
            }
        }
    }

    private static MillraceException unusable(Path root, IOException cause) {
        String why = String.valueOf(cause);
        if (why.contains("No space left")) {
            return MillraceException.resource(
                    "DISK_FULL",
                    "The data folder " + root + " can't be opened",
                    "no space is left on its disk",
                    "Free some, then start again.",
                    cause);
        }
        return MillraceException.user(
                "DATA_FOLDER_NOT_WRITABLE",
                "The data folder " + root + " can't be used",
                cause.getClass().getSimpleName() + ": " + cause.getMessage(),
                "Check the path and its permissions, or set 'data' in millrace.yaml to another folder.");
    }
}
