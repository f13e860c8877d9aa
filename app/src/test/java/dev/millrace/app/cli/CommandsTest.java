package dev.millrace.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import dev.millrace.app.Millrace;
import dev.millrace.config.installation.MillraceConfig;
import dev.millrace.config.load.PipelineFiles;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandsTest {
    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void everyProblemOfADefinitionIsToldWithItsPlaceAndASuggestion() throws Exception {
        Path file = write(
                "wrong.yaml",
                "source: {type: postgresql, hots: db, port: many}\ndestination: {type: duckdbb}\nonDelet: soft\n");
        assertEquals(ExitCode.FINDING, run("check", file.toString()));
        String text = out();
        assertTrue(text.contains("wrong.yaml:1:28:"), text);
        assertTrue(text.contains("Did you mean 'host'"), text);
        assertTrue(text.contains("'port' is 'many'"), text);
        assertTrue(text.contains("Did you mean 'duckdb'"), text);
        assertTrue(text.contains("Did you mean 'onDelete'"), text);
    }

    @Test
    void aWrongDefinitionIsAUserErrorForRun() throws Exception {
        Path file = write("wrong.yaml", "source: {}\n");
        assertEquals(
                ExitCode.USER,
                run("run", file.toString(), "--data", folder.resolve("data").toString()));
        assertTrue(err().contains("CONFIGURATION_INVALID"), err());
    }

    @Test
    void aMissingCommandOrOptionIsAUserError() {
        assertEquals(ExitCode.USER, run());
        assertEquals(ExitCode.USER, run("run"));
        assertEquals(ExitCode.USER, run("version", "--nonsense"));
        err.reset();
        assertEquals(ExitCode.USER, run("mapping", "set", "public.film"));
        assertTrue(err().startsWith("error ARGUMENTS_INVALID: Missing required argument"), err());
    }

    @Test
    void theVersionIsDataAndCanBeJson() {
        assertEquals(ExitCode.OK, run("version"));
        assertTrue(out().startsWith("millrace "), out());
        out.reset();
        assertEquals(ExitCode.OK, run("version", "--json"));
        assertTrue(out().startsWith("{\"millrace\":"), out());
        assertEquals("", err());
    }

    @Test
    void anUnreachableServerIsAnExternalErrorAndAFindingOfTheCheck() throws Exception {
        Path file = write("gone.yaml", pipeline("localhost", 1, "nothing", "nobody", "secret-7f3a"));
        assertEquals(ExitCode.EXTERNAL, run("discover", file.toString()));
        assertEquals(ExitCode.FINDING, run("check", "--connect", file.toString()));
        assertTrue(out().contains("connect"), out());
        assertTrue(!out().contains("secret-7f3a") && !err().contains("secret-7f3a"), "a secret was shown");
    }

    @Test
    void aSourceIsCheckedDiscoveredAndPreviewed() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            database.execute(
                    "CREATE TABLE film (id int PRIMARY KEY, title text); INSERT INTO film VALUES (1, 'Heat'), (2, NULL)");
            Path file = write(
                    "film.yaml",
                    pipeline(
                            database.host(),
                            database.port(),
                            database.database(),
                            database.user(),
                            database.password()));
            assertEquals(ExitCode.OK, run("check", "--connect", file.toString()), () -> out() + err());
            assertTrue(out().contains("wal_level"), out());
            out.reset();
            assertEquals(ExitCode.OK, run("discover", file.toString(), "--json"));
            assertTrue(out().contains("\"name\":\"film\"") && out().contains("\"keyPosition\":1"), out());
            out.reset();
            assertEquals(ExitCode.OK, run("preview", file.toString(), "public.film"));
            assertTrue(out().contains("Heat") && out().contains("NULL"), out());
            assertEquals(ExitCode.USER, run("preview", file.toString(), "public.flim"));
            assertTrue(err().contains("public.film"), err());
        }
    }

    @Test
    void aRunOnceLoadsAndEndsAlsoWhereTheHealthPortIsTaken() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase();
                ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            database.execute("CREATE TABLE film (id int PRIMARY KEY, title text); INSERT INTO film VALUES (1, 'Heat')");
            write("millrace.yaml", "web: {port: " + taken.getLocalPort() + "}\n");
            String definition = pipeline(
                    database.host(), database.port(), database.database(), database.user(), database.password());
            Path file = write("film.yaml", definition);
            String config = folder.resolve("millrace.yaml").toString();
            String data = folder.resolve("data").toString();
            assertEquals(
                    ExitCode.OK,
                    run("run", "--once", "--config", config, "--data", data, file.toString()),
                    () -> out() + err());
            assertTrue(err().contains("caught up"), err());
            assertTrue(Files.exists(folder.resolve("warehouse.duckdb")));
        }
    }

    @Test
    void statusOfAFolderThatNothingRunsOnSaysSo() {
        assertEquals(
                ExitCode.EXTERNAL,
                run("status", "--data", folder.resolve("data").toString()));
        assertTrue(err().contains("NOT_RUNNING"), err());
    }

    @Test
    void loadsAndRunsAreAskedOfARunningInstallation() throws Exception {
        write("millrace.yaml", "web: {port: 0}\ndestinations: dest\n");
        Path named = Files.createDirectories(folder.resolve("dest")).resolve("warehouse.yaml");
        Files.writeString(named, "type: duckdb\npath: w.duckdb\nloading: {every: 1h}\n");
        Path pipelines = Files.createDirectories(folder.resolve("pipelines"));
        String good = pipeline("localhost", 1, "nothing", "nobody", "secret-7f3a")
                .replaceFirst("destination: .*", "destination: warehouse");
        Files.writeString(pipelines.resolve("good.yaml"), good);
        Files.writeString(pipelines.resolve("bad.yaml"), good.replace("host:", "hots:"));
        String config = folder.resolve("millrace.yaml").toString();
        assertEquals(ExitCode.EXTERNAL, run("load", "now", "--config", config));
        assertEquals(ExitCode.EXTERNAL, run("runs", "--config", config));
        assertEquals(ExitCode.USER, run("load"));
        assertEquals(ExitCode.FINDING, run("check", "--config", config));
        PipelineFiles files = MillraceCommand.loader()
                .withDestinations(folder.resolve("dest"))
                .loadEach(pipelines);
        MillraceConfig installation = MillraceCommand.loader()
                .loadInstallation(folder.resolve("millrace.yaml"))
                .orThrow();
        try (Millrace millrace = Millrace.start(installation, files, Level.OFF)) {
            assertEquals(2, millrace.snapshots().size());
            out.reset();
            assertEquals(ExitCode.OK, run("status", "--config", config), this::err);
            assertTrue(out().contains("{every: 1h}") && out().contains("bad"), out());
            assertEquals(ExitCode.OK, run("load", "now", "--config", config), this::err);
            assertTrue(err().contains("good: loads now"), err());
            assertEquals(ExitCode.USER, run("load", "now", "--pipeline", "bad", "--config", config));
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
            do {
                out.reset();
                assertEquals(ExitCode.OK, run("runs", "--config", config), this::err);
            } while (!out().contains("good/") && System.nanoTime() < until);
            assertTrue(out().contains("good/"), out());
        }
    }

    private Path write(String name, String text) throws Exception {
        return Files.writeString(folder.resolve(name), text);
    }

    private static String pipeline(String host, int port, String database, String user, String password) {
        return """
        source: {type: postgresql, host: %s, port: %d, database: %s, user: %s, password: "%s", sslMode: disable, connectTimeout: 2s}
        objects: [public.film]
        destination: {type: duckdb, path: warehouse.duckdb}
        """.formatted(host, port, database, user, password);
    }

    private int run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        Terminal terminal = new Terminal(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false,
                false);
        return CommandLineInterface.run(all.toArray(String[]::new), terminal);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
