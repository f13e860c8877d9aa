package dev.millrace.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
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
        Process process = start(file);
        try {
            awaitScratch(process);
            process.destroy(); // SIGTERM, as Ctrl-C
            assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS), "does not end");
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertEquals(143, process.exitValue(), this::output);
        assertTrue(output().contains("nothing was left behind"), this::output);
        assertEquals(List.of(), target.rows(SCRATCH));
        assertEquals(before, files());
    }

    @Test
    void whatAKilledOneHasLeftIsRemovedAndNamedByTheNext() throws Exception {
        Path file = pipeline("source.yaml", address(target));
        List<String> before = files();
        Process process = start(file);
        awaitScratch(process);
        process.destroyForcibly().waitFor();
        assertTrue(!target.rows(SCRATCH).isEmpty(), "it had removed everything before it was killed");
        Process next = start(file, "--rounds", "1", "--seconds", "2", "--rows", "1000");
        try {
            assertTrue(next.waitFor(SECONDS, TimeUnit.SECONDS), "does not end");
        } finally {
            next.destroyForcibly().waitFor();
        }
        assertEquals(0, next.exitValue(), this::output);
        assertTrue(
                output().contains("removed what an earlier benchmark had left: public.millrace_bench_"), this::output);
        assertEquals(List.of(), target.rows(SCRATCH));
        assertEquals(before, files());
    }

    private void awaitScratch(Process process) throws SQLException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (target.rows(SCRATCH).isEmpty()) {
            assertTrue(process.isAlive() && System.nanoTime() < end, this::output);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    private Process start(Path file, String... more) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (flag.startsWith("--add-") || flag.startsWith("-XX:+Ignore") || flag.startsWith("--sun-misc")) {
                command.add(flag);
            }
        }
        command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp"));
        command.addAll(List.of(System.getProperty("java.class.path"), "dev.millrace.app.Main"));
        command.addAll(List.of(
                "bench", file.toString(), "--data", folder.resolve("home/data").toString()));
        command.addAll(List.of(more));
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .redirectInput(new File("/dev/null"))
                .start();
    }

    private String output() {
        try {
            return Files.readString(folder.resolve("output"));
        } catch (IOException e) {
            return e.toString();
        }
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
