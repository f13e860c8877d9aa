package dev.millrace.storage.crypto;

import dev.millrace.config.error.MillraceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/**
 * The file in which an installation keeps its keys when none are given from outside; readable by its owner alone.
 *
 * <pre>
 * millrace-keys 1
 * m4yV…=            a key of 32 bytes in base64, a line each, the newest last
 * </pre>
 */
public final class KeyFile {
    /** Its name, and its name while it is written. */
    public static final String NAME = "keys";

    public static final String UNFINISHED = "keys.new";

    private static final String HEAD = "millrace-keys 1";
    private static final int MAX_BYTES = 1 << 20;

    private KeyFile() {}

    /**
     * The keys in {@code folder}, which get a first one, durably, where there is no file.
     *
     * @throws MillraceException RESOURCE KEY_FILE_UNUSABLE
     */
    public static KeyRing open(Path folder) {
        Path file = folder.resolve(NAME);
        try {
            if (!Files.exists(file)) {
                write(folder, List.of(fresh()));
            }
            return new KeyRing(read(file));
        } catch (IOException | IllegalArgumentException e) {
            throw unusable(file, e);
        }
    }

    /**
     * Adds a key, which seals from the next start on; the older ones go on opening what they have sealed.
     *
     * @throws MillraceException RESOURCE KEY_FILE_UNUSABLE; the file is as it was
     */
    public static void rotate(Path folder) {
        Path file = folder.resolve(NAME);
        try {
            List<byte[]> keys = new ArrayList<>();
            try {
                keys.addAll(read(file));
            } catch (NoSuchFileException none) {
                // then it is the first
            }
            keys.add(fresh());
            write(folder, keys);
        } catch (IOException | IllegalArgumentException e) {
            throw unusable(file, e);
        }
    }

    private static byte[] fresh() {
        byte[] key = new byte[KeyRing.KEY_BYTES];
        new SecureRandom().nextBytes(key);
        return key;
    }

    private static List<byte[]> read(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException("it is not a file of keys");
        }
        List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        if (lines.size() < 2 || !lines.get(0).equals(HEAD)) {
            throw new IOException("it does not begin with '" + HEAD + "' and a key");
        }
        List<byte[]> keys = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            keys.add(Base64.getDecoder().decode(line.strip()));
        }
        return keys;
    }

    private static void write(Path folder, List<byte[]> keys) throws IOException {
        StringBuilder text = new StringBuilder(HEAD).append('\n');
        keys.forEach(key -> text.append(Base64.getEncoder().encodeToString(key)).append('\n'));
        Path unfinished = folder.resolve(UNFINISHED);
        Files.deleteIfExists(unfinished);
        try (FileChannel out = FileChannel.open(
                unfinished,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(unfinished, folder.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    private static MillraceException unusable(Path file, Exception cause) {
        return MillraceException.resource(
                "KEY_FILE_UNUSABLE",
                "The key file " + file + " can't be used",
                cause.getClass().getSimpleName() + ": " + cause.getMessage(),
                "Check its owner and rights, or put it back from a backup: without it parked events can't be read.",
                cause);
    }
}
