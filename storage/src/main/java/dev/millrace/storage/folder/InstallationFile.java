package dev.millrace.storage.folder;

import dev.millrace.config.error.MillraceException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The file that makes a folder ours, two lines of UTF-8:
 *
 * <pre>
 * millrace-data 1
 * id 3f2c8e1a-5b7d-4c1e-9a60-2f1d8b7c6e54
 * </pre>
 *
 * The number is the version of everything in the folder as a whole; a change that older versions can't read counts it up.
 */
final class InstallationFile {
    static final String UNFINISHED = "installation.new";

    private static final String NAME = "installation";
    private static final int VERSION = 1;
    private static final int MAX_BYTES = 1_000;
    private static final Pattern FORM = Pattern.compile("millrace-data (\\d{1,6})\\s+id ([0-9a-f-]{36})\\s*");
    private static final Pattern ANY_VERSION = Pattern.compile("millrace-data (\\d{1,6})\\s.*", Pattern.DOTALL);

    private InstallationFile() {}

    /** The installation's id; empty when there is no such file. */
    static Optional<String> read(Path root) throws IOException {
        String text;
        try (InputStream in = Files.newInputStream(root.resolve(NAME))) {
            text = new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
        } catch (NoSuchFileException missing) {
            return Optional.empty();
        }
        Matcher anyVersion = ANY_VERSION.matcher(text);
        if (anyVersion.matches() && Integer.parseInt(anyVersion.group(1)) > VERSION) {
            throw MillraceException.user(
                    "DATA_FOLDER_VERSION",
                    "The data folder " + root + " can't be used",
                    "it has version " + anyVersion.group(1) + ", and this Millrace knows versions up to " + VERSION,
                    "Run the newer Millrace that wrote it, or set 'data' in millrace.yaml to another folder.");
        }
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw unreadable(root, "its 'installation' file is not one of ours or damaged");
        }
        return Optional.of(form.group(2));
    }

    /** Makes the file durably and returns the new id. */
    static String create(Path root) throws IOException {
        String id = UUID.randomUUID().toString();
        Path unfinished = root.resolve(UNFINISHED);
        try (FileChannel file = FileChannel.open(
                unfinished,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(
                    ("millrace-data " + VERSION + "\nid " + id + "\n").getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
            file.force(true);
        }
        Files.move(unfinished, root.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel folder = FileChannel.open(root, StandardOpenOption.READ)) {
            folder.force(true);
        }
        return id;
    }

    static MillraceException unreadable(Path root, String why) {
        return MillraceException.user(
                "DATA_FOLDER_VERSION",
                "The data folder " + root + " can't be used",
                why,
                "Put the file back from a backup, or set 'data' in millrace.yaml to another folder and load anew.");
    }
}
