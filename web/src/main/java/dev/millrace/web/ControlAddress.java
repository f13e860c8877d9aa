package dev.millrace.web;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.setting.Secret;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Where a running installation's control API is and the token that opens it. Written by the running process as a file of two lines
 * ({@code control}, readable by its owner alone) in the data folder and read by the command line, so that who may read the data folder
 * may steer the process, and nobody else.
 *
 * @param base e.g. {@code http://127.0.0.1:8420}
 */
public record ControlAddress(URI base, Secret token) {
    private static final String FILE = "control";

    public ControlAddress {
        Objects.requireNonNull(base);
        Objects.requireNonNull(token);
    }

    /** A new random token of 256 bits. */
    public static Secret newToken() {
        byte[] bytes = new byte[32];
        new SecureRandom().nextBytes(bytes);
        return new Secret(HexFormat.of().formatHex(bytes));
    }

    /** Writes the file in one step, replacing an older one; throws a RESOURCE error when the folder can't be written. */
    public void writeTo(Path dataFolder) {
        Path fresh = dataFolder.resolve(FILE + ".new");
        try {
            Files.deleteIfExists(fresh);
            Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(fresh, base + "\n" + token.reveal() + "\n", StandardCharsets.UTF_8);
            Files.move(fresh, dataFolder.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw MillraceException.resource(
                    "CONTROL_FILE_NOT_WRITTEN",
                    "Cannot write '" + dataFolder.resolve(FILE) + "'",
                    e.toString(),
                    "Check the data folder's owner, rights and free space.",
                    e);
        }
    }

    /** Removes the file, as a process does that stops; nothing happens when it is gone already. */
    public static void removeFrom(Path dataFolder) {
        try {
            Files.deleteIfExists(dataFolder.resolve(FILE));
        } catch (IOException e) {
            throw MillraceException.resource(
                    "CONTROL_FILE_NOT_REMOVED",
                    "Cannot remove '" + dataFolder.resolve(FILE) + "'",
                    e.toString(),
                    "Remove it by hand.",
                    e);
        }
    }

    /** Empty when there is no file: nothing runs on this data folder, or its web side is off. */
    public static Optional<ControlAddress> readFrom(Path dataFolder) {
        Path file = dataFolder.resolve(FILE);
        try {
            List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
            if (lines.size() < 2) {
                throw new IOException("it has " + lines.size() + " lines, expected 2");
            }
            return Optional.of(new ControlAddress(URI.create(lines.get(0)), new Secret(lines.get(1))));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            throw MillraceException.resource(
                    "CONTROL_FILE_NOT_READ",
                    "Cannot read '" + file + "'",
                    e.toString(),
                    "Run the command as the user that runs Millrace; if the file is damaged, restart Millrace.",
                    e);
        }
    }
}
