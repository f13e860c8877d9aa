package dev.millrace.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.app.fault.MillraceProcess;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchEndedEarlyTest {
    private static final String SCRATCH = "SELECT relname FROM pg_class WHERE relname LIKE 'millrace\\_bench\\_%'";
    private static final long SECONDS = 300;

    @TempDir
    Path folder;

    private TestDatabase source;
    private TestDatabase target;

    @BeforeEach
    void databases() throws SQLException {
        source = TestPostgres.shared().createDatabase();
        target = TestPostgres.shared().createDatabase();
        source.execute("CREATE TABLE film (id int PRIMARY KEY, title text);"
                + " INSERT INTO film SELECT n, md5(n::text) FROM generate_series(1, 50000) n");
    }

    @AfterEach
    void dropped() throws SQLException {
        source.close();
        target.close();
    }

    @Test
    void oneThatIsToldToEndRemovesWhatItHasMade() throws Exception {
        Path file = pipeline("source.yaml", address(target));
        List<String> before = files();
        try (MillraceProcess process = start(file, "--seconds", "6")) {
            awaitScratch(process);
            assertEquals(143, process.stop(SECONDS), process::text); // SIGTERM, as Ctrl-C
            assertTrue(process.output().contains("nothing was left behind"), process::text);
        }
        assertEquals(List.of(), target.rows(SCRATCH));
        assertEquals(before, files());
    }

    @Test
    void whatAKilledOneHasLeftIsRemovedAndNamedByTheNext() throws Exception {
        Path file = pipeline("source.yaml", address(target));
        List<String> before = files();
        try (MillraceProcess process = start(file, "--seconds", "6")) {
            awaitScratch(process);
            process.kill();
        }
        assertTrue(!target.rows(SCRATCH).isEmpty(), "it had removed everything before it was killed");
        try (MillraceProcess next = start(file, "--rounds", "1", "--seconds", "1", "--rows", "1000")) {
            assertEquals(0, next.await(SECONDS), next::text);
            assertTrue(
                    next.output().contains("removed what an earlier benchmark had left: public.millrace_bench_"),
                    next::text);
        }
        assertEquals(List.of(), target.rows(SCRATCH));
        assertEquals(before, files());
    }

    private void awaitScratch(MillraceProcess process) throws SQLException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (target.rows(SCRATCH).isEmpty()) {
            assertEquals(-1, process.awaitMillis(20), process::text);
            assertTrue(System.nanoTime() < end, process::text);
        }
    }

    private MillraceProcess start(Path file, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "bench", file.toString(), "--data", folder.resolve("home/data").toString()));
        arguments.addAll(List.of(more));
        return MillraceProcess.start(folder, "", arguments.toArray(String[]::new));
    }

    /** What is in the folder that the data folder would be in. */
    private List<String> files() throws IOException {
        Files.createDirectories(folder.resolve("home"));
        try (Stream<Path> files = Files.walk(folder.resolve("home"))) {
            return files.map(Path::toString).sorted().toList();
        }
    }

    private Path pipeline(String name, String destination) throws IOException {
        return Files.writeString(folder.resolve(name), """
        source: {%s}
        objects: [public.film]
        destination: {%s}
        """.formatted(address(source), destination));
    }

    private static String address(TestDatabase database) {
        return "type: postgresql, host: %s, port: %d, database: %s, user: %s, password: \"%s\", sslMode: disable"
                .formatted(database.host(), database.port(), database.database(), database.user(), database.password());
    }
}
