package dev.millrace.app.bench;

import dev.millrace.storage.testing.TestDatabase;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What a run's figures depend on beside its settings: when, where, of what. */
final class Circumstances {
    private Circumstances() {}

    static Map<String, String> now(Bench bench) throws SQLException, IOException, InterruptedException {
        Map<String, String> map = new LinkedHashMap<>();
        map.put("when", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        map.put(
                "machine",
                Runtime.getRuntime().availableProcessors() + " x " + of("/proc/cpuinfo", "model name") + ", memory "
                        + of("/proc/meminfo", "MemTotal") + ", " + System.getProperty("os.name") + " "
                        + System.getProperty("os.version") + " " + System.getProperty("os.arch"));
        map.put(
                "load before",
                Report.number(ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()));
        map.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        try (TestDatabase database = bench.source()) {
            map.put("postgresql", database.rows("SHOW server_version").get(0));
        }
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:")) {
            map.put("duckdb", connection.getMetaData().getDatabaseProductVersion());
        }
        map.put("pgjdbc", org.postgresql.util.DriverInfo.DRIVER_VERSION);
        map.put("copy by", Clients.psql() ? "psql" : "the JDBC driver");
        map.put("commit", commit());
        return map;
    }

    private static String of(String file, String field) throws IOException {
        return Files.readAllLines(Path.of(file)).stream()
                .filter(line -> line.startsWith(field))
                .map(line -> line.substring(line.indexOf(':') + 1).trim())
                .findFirst()
                .orElse("unknown");
    }

    /** With "changed" where files differ from it; "unknown" outside a repository. */
    private static String commit() throws InterruptedException {
        String head = git("rev-parse", "--short=12", "HEAD");
        return head.isEmpty()
                ? "unknown"
                : head + (git("status", "--porcelain", "-uno").isEmpty() ? "" : ", changed");
    }

    private static String git(String... arguments) throws InterruptedException {
        String[] command = new String[arguments.length + 1];
        command[0] = "git";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        try {
            Process git = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String output = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
            return git.waitFor(10, TimeUnit.SECONDS) && git.exitValue() == 0 ? output : "";
        } catch (IOException noGit) {
            return "";
        }
    }
}
