package dev.millrace.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoPostgresTest {
    @TempDir
    Path folder;

    @Test
    void theSecondStartGoesOnWithTheDataAndPortOfTheFirst() throws Exception {
        int port;
        try (DemoPostgres first = new DemoPostgres(folder)) {
            first.start();
            port = first.port();
            assertEquals("logical", text(first, "SHOW wal_level"));
            assertEquals("on", text(first, "SHOW fsync"));
            execute(first, "CREATE TABLE kept AS SELECT 42 AS answer");
        }
        assertFalse(Files.exists(folder.resolve("data/postmaster.pid")));
        assertThrows(IllegalStateException.class, new DemoPostgres(folder)::port);
        try (DemoPostgres second = new DemoPostgres(folder)) {
            second.start();
            assertEquals(port, second.port());
            assertEquals("42", text(second, "SELECT answer FROM kept"));
        }
    }

    @Test
    void aServerLeftByAKilledProcessIsStoppedAndItsDataKept() throws Exception {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Abandoned.class.getName(),
                        folder.toString())
                .inheritIO()
                .start();
        assertTrue(child.waitFor(300, TimeUnit.SECONDS));
        assertEquals(9, child.exitValue());
        long left = Long.parseLong(
                Files.readAllLines(folder.resolve("data/postmaster.pid")).get(0));
        assertTrue(ProcessHandle.of(left).isPresent(), "the server outlives the process that started it");
        try (DemoPostgres next = new DemoPostgres(folder)) {
            next.start();
            assertFalse(ProcessHandle.of(left).isPresent());
            assertEquals("42", text(next, "SELECT answer FROM kept"));
        }
    }

    @Test
    void aSetUpThatWasCutShortBeginsAnew() throws Exception {
        Files.createDirectories(folder.resolve("data/base"));
        Files.writeString(folder.resolve("data/PG_VERSION"), "18\n");
        try (DemoPostgres postgres = new DemoPostgres(folder)) {
            postgres.start();
            assertTrue(text(postgres, "SHOW server_version").startsWith("18"));
        }
    }

    private static void execute(DemoPostgres postgres, String sql) throws SQLException {
        try (Connection connection = postgres.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String text(DemoPostgres postgres, String sql) throws SQLException {
        try (Connection connection = postgres.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    /** A process that ends as a killed one does, without closing anything. */
    static final class Abandoned {
        private Abandoned() {}

        public static void main(String[] arguments) throws SQLException {
            DemoPostgres postgres = new DemoPostgres(Path.of(arguments[0]));
            postgres.start();
            execute(postgres, "CREATE TABLE kept AS SELECT 42 AS answer");
            Runtime.getRuntime().halt(9);
        }
    }
}
