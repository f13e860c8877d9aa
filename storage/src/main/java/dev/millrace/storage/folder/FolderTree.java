package dev.millrace.storage.folder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** Folders with all that is in them. */
public final class FolderTree {
    private FolderTree() {}

    /**
     * Deletes a file, or a folder and all below it; links are deleted, not followed. Nothing where it is not there, and nothing of what others
     * have deleted meanwhile.
     *
     * @throws IOException for the first entry that can't be deleted; those behind it stay
     */
    public static void delete(Path top) throws IOException {
        if (!Files.exists(top, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> entries = Files.walk(top)) {
            for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(entry);
            }
        }
    }
}
