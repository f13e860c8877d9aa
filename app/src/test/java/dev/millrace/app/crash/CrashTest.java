package dev.millrace.app.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Nothing is lost and nothing is doubled through SIGKILL: a process is stopped dead at a durability step (or at a random time), started
 * again, and in the end the destination equals both the source and the ledger of what was committed.
 */
class CrashTest {
    private static final int ROWS = 2_000;
    private static final long SECONDS = 90;

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "AFTER_SNAPSHOT:2, duckdb",
        "MID_CHUNK:1, duckdb",
        "AFTER_APPEND:3, duckdb",
        "AFTER_SYNC:4, postgresql",
        "BEFORE_OFFSET:1, duckdb",
        "BEFORE_ACKNOWLEDGE:2, postgresql",
        "MID_LOAD:2, duckdb",
        "MID_LOAD:3, postgresql",
        "AFTER_DESTINATION_COMMIT:2, duckdb",
        "AFTER_DESTINATION_COMMIT:3, postgresql"
    })
    void aProcessKilledAtAStepGoesOnWithoutLossOrDoubling(String fault, String kind) throws Exception {
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase();
                Ledger ledger = new Ledger(source, fault.hashCode())) {
            ledger.create(ROWS);
            Path pipeline = pipeline(source, target, kind);
            ledger.start();
            try (MillraceProcess killed = start(fault, "run", pipeline)) {
                assertEquals(137, killed.await(SECONDS), () -> "not killed at " + fault + ": " + text(killed));
            }
            ledger.stop();
            finish(pipeline);
            compare(source, target, kind, ledger);
        }
    }

    @ParameterizedTest
    @CsvSource({"duckdb, 1", "postgresql, 2"})
    void aProcessKilledAtRandomTimesGoesOnWithoutLossOrDoubling(String kind, long seed) throws Exception {
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase();
                Ledger ledger = new Ledger(source, seed)) {
            ledger.create(5 * ROWS);
            Path pipeline = pipeline(source, target, kind);
            ledger.start();
            for (int kill = 0; kill < 4; kill++) {
                try (MillraceProcess process = start("", "run", pipeline)) {
                    assertEquals(
                            -1,
                            process.awaitMillis(1_200 + random.nextInt(2_000)),
                            () -> "ended by itself: " + text(process));
                    process.kill();
                }
            }
            ledger.stop();
            finish(pipeline);
            compare(source, target, kind, ledger);
        }
    }

    @Test
    void aSecondProcessOnTheSameFolderIsRefused() throws Exception {
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                Ledger ledger = new Ledger(source, 3)) {
            ledger.create(10);
            Path pipeline = pipeline(source, source, "duckdb");
            finish(pipeline);
            try (MillraceProcess first = start("", "run", pipeline)) {
                awaitLock(first);
                try (MillraceProcess second = start("", "run", pipeline)) {
                    assertEquals(3, second.await(SECONDS), () -> text(second));
                    assertTrue(second.output().contains("DATA_FOLDER_IN_USE"), second.output());
                }
            }
        }
    }

    /** The first process owns the folder once its log file tells of the start. */
    private void awaitLock(MillraceProcess process) throws Exception {
        Path log = folder.resolve("data/logs/millrace.log");
        long deadline = System.nanoTime() + SECONDS * 1_000_000_000L;
        long starts = starts(log);
        while (starts(log) == starts) {
            assertTrue(System.nanoTime() < deadline, () -> text(process));
            assertEquals(-1, process.awaitMillis(50), () -> text(process));
        }
    }

    private static long starts(Path log) throws Exception {
        return Files.readAllLines(log).stream()
                .filter(line -> line.contains("millrace: starting"))
                .count();
    }

    private void finish(Path pipeline) throws Exception {
        try (MillraceProcess last =
                MillraceProcess.start(folder, "", "run", "--once", "--data", "data", pipeline.toString())) {
            assertEquals(0, last.await(SECONDS), () -> text(last));
        }
    }

    private MillraceProcess start(String fault, String command, Path pipeline) throws Exception {
        return MillraceProcess.start(folder, fault, command, "--data", "data", pipeline.toString());
    }

    private Path pipeline(TestDatabase source, TestDatabase target, String kind) throws Exception {
        String destination = kind.equals("duckdb")
                ? "  path: warehouse.duckdb\n"
                : "  host: %s\n  port: %d\n  database: %s\n  user: %s\n  password: ${env:MILLRACE_TEST_PASSWORD:-%s}\n"
                        .formatted(target.host(), target.port(), target.database(), target.user(), target.password());
        String yaml = """
        name: crash-%s
        source:
          type: postgresql
          host: %s
          port: %d
          database: %s
          user: %s
          password: ${env:MILLRACE_TEST_PASSWORD:-%s}
        objects: [public.accounts, public.items, public.journal]
        onDelete: hard
        destination:
          type: %s
        %s""".formatted(
                        source.database().replaceAll("[^a-z0-9]", ""),
                        source.host(),
                        source.port(),
                        source.database(),
                        source.user(),
                        source.password(),
                        kind,
                        destination);
        Files.writeString(folder.resolve("millrace.yaml"), "web: {port: 0}\n");
        return Files.writeString(folder.resolve("pipeline.yaml"), yaml);
    }

    private void compare(TestDatabase source, TestDatabase target, String kind, Ledger ledger) throws Exception {
        String accounts = "SELECT id || '|' || balance || '|' || owner FROM %saccounts ORDER BY id";
        String items = "SELECT code || '|' || amount || '|' || md5(body) FROM %sitems ORDER BY code %s";
        String journal = "SELECT entry || '|' || note FROM %sjournal";
        try (Connection from = source.connect();
                Connection to = kind.equals("duckdb") ? duckdb() : target.connect()) {
            String collate = "COLLATE \"C\"";
            String here = kind.equals("duckdb") ? "" : collate;
            assertEquals(ledger.accounts(), rows(from, accounts.formatted("")), "ledger and source");
            assertEquals(ledger.accounts(), rows(to, accounts.formatted("public.")), "accounts");
            assertEquals(ledger.items(), rows(from, items.formatted("", collate)), "ledger and source");
            assertEquals(ledger.items(), rows(to, items.formatted("public.", here)), "items");
            assertEquals(
                    ledger.journal(),
                    rows(from, journal.formatted("")).stream().sorted().toList(),
                    "ledger and source");
            assertEquals(
                    ledger.journal(),
                    rows(to, journal.formatted("public.")).stream().sorted().toList(),
                    "journal");
        }
    }

    private Connection duckdb() throws SQLException {
        return DriverManager.getConnection("jdbc:duckdb:" + folder.resolve("warehouse.duckdb"));
    }

    private static List<String> rows(Connection connection, String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                rows.add(result.getString(1));
            }
        }
        return rows;
    }

    private static String text(MillraceProcess process) {
        try {
            return process.output();
        } catch (java.io.IOException e) {
            return e.toString();
        }
    }
}
