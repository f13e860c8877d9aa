package dev.millrace.consume.duckdb;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * DuckDB's native library, which its driver unpacks into the temporary folder at each start, 72 MB, and removes only when the JVM ends in good
 * order: every killed process would leave one. Once it is loaded Linux needs its name no more. Thread-safe.
 */
final class UnpackedLibrary {
    private static final Logger LOG = LoggerFactory.getLogger(UnpackedLibrary.class);
    private static final Path MAPPED = Path.of("/proc/self/maps");

    /** As the driver names its copies; a library that is installed has no number. */
    private static final Pattern COPY = Pattern.compile("/.*/libduckdb_java\\d+\\.so$");

    private static boolean removed;

    private UnpackedLibrary() {}

    /** Removes the file that this process has loaded, the first time; does nothing where it can't be told which that is. */
    static synchronized void remove() {
        if (removed || !Files.exists(MAPPED)) {
            return;
        }
        removed = true;
        try (Stream<String> lines = Files.lines(MAPPED)) {
            for (String file : lines.map(COPY::matcher)
                    .filter(Matcher::find)
                    .map(Matcher::group)
                    .distinct()
                    .toList()) {
                Files.deleteIfExists(Path.of(file));
            }
        } catch (IOException e) {
            LOG.warn("duckdb: the unpacked library stays until the process ends: {}", e.toString());
        }
    }
}
