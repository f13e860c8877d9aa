package dev.millrace.consume.duckdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.storage.testing.Children;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class UnpackedLibraryTest {
    @TempDir
    Path folder;

    @Test
    void theLibrarysFileIsGoneOnceItIsLoadedAndAllGoesOn() throws Exception {
        Pipe pipe = new Pipe(folder);
        try (Destination destination = pipe.destination()) {
            destination.claim();
            List<String> mapped = Files.readAllLines(Path.of("/proc/self/maps")).stream()
                    .filter(line -> line.contains("/libduckdb_java"))
                    .toList();
            assertFalse(mapped.isEmpty());
            assertTrue(mapped.stream().allMatch(line -> line.endsWith(" (deleted)")), mapped.toString());
        }
        assertEquals(List.of("9"), pipe.query("SELECT sum(length(md5(n::varchar))) // 32 FROM range(9) r(n)"));
    }

    @Test
    void aTemporaryFolderThatTakesNoLibraryIsToldWithTheWayOut() throws Exception {
        Path output = folder.resolve("output");
        Process child = Children.watched(new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-Djava.io.tmpdir=" + folder.resolve("missing"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        FileHolder.class.getName(),
                        folder.resolve("warehouse.duckdb").toString())
                .redirectErrorStream(true)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(output.toFile())
                .start());
        assertTrue(child.waitFor(240, TimeUnit.SECONDS), "it hangs");
        String text = Files.readString(output);
        assertEquals(1, child.exitValue(), text);
        assertTrue(text.contains("NoSuchFileException"), text);
        assertTrue(text.contains("MILLRACE_JAVA_OPTIONS=-Djava.io.tmpdir="), text);
    }
}
