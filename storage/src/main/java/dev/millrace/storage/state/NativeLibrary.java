package dev.millrace.storage.state;

import dev.millrace.config.error.MillraceException;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.zip.CRC32;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;

/**
 * RocksDB's native library, unpacked once into a folder of ours and loaded from there at every later start: faster than the library's own
 * unpacking into the temp folder, and nothing is left behind there. The sub-folder's name is the library's CRC, so another version gets
 * another one. The file appears by an atomic rename; its bytes are compared with that CRC at every start, since a damaged library would crash
 * the process, and it is unpacked anew where they differ.
 */
final class NativeLibrary {
    private static final int READ_BYTES = 1 << 16;
    private static boolean loaded;

    private NativeLibrary() {}

    /** Loads the library once per process; later calls, with whatever folder, do nothing. */
    static synchronized void load(Path folder) {
        if (loaded) {
            return;
        }
        try {
            RocksDB.loadLibrary(List.of(unpacked(folder).toString()));
            loaded = true;
        } catch (IOException | UnsatisfiedLinkError failed) {
            throw MillraceException.resource(
                    "STATE_FAILED",
                    "The state store's native library can't be loaded from " + folder,
                    String.valueOf(failed.getMessage()),
                    "The folder must be writable and on a file system that is not mounted 'noexec'; Linux on x86-64 or arm64 is needed.",
                    failed);
        }
    }

    private static Path unpacked(Path folder) throws IOException {
        String name = Environment.getJniLibraryFileName("rocksdb");
        URL resource = RocksDB.class.getClassLoader().getResource(name);
        if (resource == null) {
            throw new IOException("this build holds no " + name);
        }
        URLConnection connection = resource.openConnection();
        boolean packed = connection instanceof JarURLConnection;
        long mark = connection instanceof JarURLConnection jar
                ? jar.getJarEntry().getCrc()
                : connection.getContentLengthLong();
        Path home = folder.resolve("rocksdb-" + Long.toHexString(mark)).toAbsolutePath();
        // The loader asks for this name, which is not the resource's.
        Path library = home.resolve(Environment.getJniLibraryFileName("rocksdbjni"));
        if (Files.notExists(library) || mark != (packed ? checksum(library) : Files.size(library))) {
            Files.createDirectories(home);
            Path unfinished = Files.createTempFile(home, "unpack", ".so");
            try (InputStream in = connection.getInputStream()) {
                Files.copy(in, unfinished, StandardCopyOption.REPLACE_EXISTING);
            }
            try (FileChannel file = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
                file.force(true);
            }
            Files.move(unfinished, library, StandardCopyOption.ATOMIC_MOVE);
        }
        return home;
    }

    private static long checksum(Path file) throws IOException {
        CRC32 crc = new CRC32();
        byte[] bytes = new byte[READ_BYTES];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
                crc.update(bytes, 0, read);
            }
        }
        return crc.getValue();
    }
}
