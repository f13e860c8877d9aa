package dev.millrace.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.MillraceException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A demo's folder is removed whole: it may never be somebody else's. */
class DemoFolderTest {
    @TempDir
    Path folder;

    @Test
    void aFolderWithAnythingElseInItIsRefusedUntouched() throws Exception {
        Path letter = Files.writeString(folder.resolve("letter.txt"), "dear");
        assertEquals("DEMO_FOLDER_TAKEN", refused(folder).code());
        assertTrue(refused(folder).why().contains("'letter.txt'"), () -> refused(folder)
                .why());
        Files.createDirectories(folder.resolve("postgres"));
        assertEquals("DEMO_FOLDER_TAKEN", refused(folder).code(), "nor beside a demo");
        assertTrue(Files.exists(letter) && !Files.exists(folder.resolve("lock")));
    }

    @Test
    void anInstallationsFoldersAreNoDemo() throws Exception {
        Files.createDirectories(folder.resolve("data"));
        Files.createDirectories(folder.resolve("pipelines"));
        assertEquals("DEMO_FOLDER_TAKEN", refused(folder).code());
        Files.createFile(folder.resolve("data/lock"));
        Files.createDirectories(folder.resolve("data/state"));
        assertEquals("DEMO_FOLDER_TAKEN", refused(folder.resolve("data")).code());
    }

    @Test
    void aDemosOwnFolderIsTakenAgainAndRemoved() throws Exception {
        Path own = folder.resolve("demo");
        Demo.open(own).close();
        for (String made : new String[] {"postgres", "pipelines", "data"}) {
            Files.createDirectories(own.resolve(made));
        }
        Files.createFile(own.resolve("warehouse.duckdb"));
        Files.createFile(own.resolve("warehouse.duckdb.wal"));
        Demo.open(own).remove();
        assertFalse(Files.exists(own));
    }

    private static MillraceException refused(Path folder) {
        return assertThrows(MillraceException.class, () -> Demo.open(folder).close());
    }
}
