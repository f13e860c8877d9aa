package dev.millrace.storage.folder;

import dev.millrace.config.error.MillraceException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A process's claim on a folder: a POSIX record lock, which the kernel lets go of when the process ends however it ends. Its text says who
 * holds it; only the lock counts. Two hazards: such a lock does not keep out the same process, and closing <em>any</em> descriptor of the
 * file lets go of it. So the folders held by this process are kept in a set that is asked before the file is opened.
 */
final class FolderLock implements AutoCloseable {
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();
    private static final int MAX_TEXT_BYTES = 1_000;

    private final Path folder;
    private final FileChannel file;
    private boolean closed;

    private FolderLock(Path folder, FileChannel file) {
        this.folder = folder;
        this.file = file;
    }

    /** {@code folder} must be its real path. */
    static FolderLock acquire(Path folder, Clock clock) throws IOException {
        String self = "process " + ProcessHandle.current().pid() + " on " + host();
        if (!HELD.add(folder)) {
            throw inUse(folder, "this very process, " + self);
        }
        FileChannel file = null;
        try {
            FileAttribute<?> ownOnly =
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
            file = FileChannel.open(
                    folder.resolve("lock"),
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                    ownOnly);
            FileLock lock = file.tryLock();
            if (lock == null) {
                throw inUse(folder, holder(file));
            }
            String text = self + " since " + clock.instant().truncatedTo(ChronoUnit.SECONDS) + "\n";
            file.truncate(0);
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
            return new FolderLock(folder, file);
        } catch (IOException | RuntimeException failed) {
            if (file != null) {
                file.close();
            }
            HELD.remove(folder);
            throw failed;
        }
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try (file) {
            file.truncate(0);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } finally {
            HELD.remove(folder);
        }
    }

    private static String holder(FileChannel file) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(MAX_TEXT_BYTES);
        file.read(bytes, 0);
        String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8).strip();
        return text.isEmpty() ? "another process" : text;
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException unnamed) {
            return "this machine";
        }
    }

    private static MillraceException inUse(Path folder, String holder) {
        return MillraceException.resource(
                "DATA_FOLDER_IN_USE",
                "The data folder " + folder + " is in use",
                "by " + holder,
                "Stop that process, or set 'data' in millrace.yaml to another folder.",
                null);
    }
}
