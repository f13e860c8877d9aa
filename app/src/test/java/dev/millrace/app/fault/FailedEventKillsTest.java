package dev.millrace.app.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a process between the two stores of a failed event: parked but its window not committed, and replayed with and without the commit. The
 * table has no key, so that an event which came twice would be seen.
 */
class FailedEventKillsTest {
    private static final int HALTED = 137;
    private static final long SECONDS = 240;
    private static final String ROWS = "SELECT v, line FROM public.log ORDER BY v, line";

    @TempDir
    Path folder;

    @Test
    void aKillInParkingOrReplayingNeitherLosesNorDoublesAnEvent() throws Exception {
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase()) {
            Path pipeline = write(source, target);
            source.execute("CREATE TABLE log (v int, line text);"
                    + " INSERT INTO log SELECT i % 10, 'line ' || i % 7 FROM generate_series(1, 200) i");
            assertEquals(0, run(pipeline, "", true));
            target.execute("ALTER TABLE public.log ADD CONSTRAINT positive CHECK (v >= 0) NOT VALID");
            source.execute("INSERT INTO log SELECT i % 20 - 10, 'more ' || i % 7 FROM generate_series(1, 400) i");
            assertEquals(HALTED, run(pipeline, "AFTER_PARKING:1", true));
            assertEquals(0, run(pipeline, "", true));
            assertEquals(
                    source.rows("SELECT v, line FROM public.log WHERE v >= 0 ORDER BY v, line"), target.rows(ROWS));
            target.execute("ALTER TABLE public.log DROP CONSTRAINT positive");
            assertEquals(HALTED, run(pipeline, "BEFORE_REPLAY_COMMIT:1", false));
            assertEquals(HALTED, run(pipeline, "AFTER_REPLAY_COMMIT:1", false));
            assertEquals(HALTED, run(pipeline, "AFTER_REPLAY_COMMIT:2", false));
            awaitAll(pipeline, source, target);
            assertEquals(source.rows(ROWS), target.rows(ROWS));
        }
    }

    private void awaitAll(Path pipeline, TestDatabase source, TestDatabase target) throws Exception {
        String count = "SELECT count(*) FROM public.log";
        try (MillraceProcess process = start(pipeline, "", false)) {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
            while (!target.rows(count).equals(source.rows(count))) {
                assertEquals(-1, process.awaitMillis(100), process::text);
                assertTrue(System.nanoTime() < end, process::text);
            }
            assertEquals(143, process.stop(SECONDS), process::text);
        }
    }

    private int run(Path pipeline, String fault, boolean once) throws Exception {
        try (MillraceProcess process = start(pipeline, fault, once)) {
            int code = process.await(SECONDS);
            assertTrue(code == 0 || code == HALTED, process::text);
            return code;
        }
    }

    private MillraceProcess start(Path pipeline, String fault, boolean once) throws Exception {
        String data = folder.resolve("data").toString();
        List<String> arguments = once
                ? List.of("run", "--once", "--data", data, pipeline.toString())
                : List.of("run", "--data", data, pipeline.toString());
        return MillraceProcess.start(folder, fault, arguments.toArray(String[]::new));
    }

    private Path write(TestDatabase source, TestDatabase target) throws Exception {
        Files.writeString(folder.resolve("millrace.yaml"), "web: {enabled: false}\n");
        return Files.writeString(folder.resolve("log.yaml"), """
        source: {type: postgresql, %s}
        destination: {type: postgresql, %s}
        failed: {stopAtRate: never}
        """.formatted(address(source), address(target)));
    }

    private static String address(TestDatabase database) {
        return "host: %s, port: %d, database: %s, user: %s, password: \"%s\", sslMode: disable"
                .formatted(database.host(), database.port(), database.database(), database.user(), database.password());
    }
}
