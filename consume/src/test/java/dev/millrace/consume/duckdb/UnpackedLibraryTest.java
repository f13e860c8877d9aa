package dev.millrace.consume.duckdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.testing.Pipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
}
