package dev.millrace.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import dev.millrace.app.Millrace;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import dev.millrace.web.ControlAddress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A script from a file over the command line: tried on pasted events and on the log, run, changed, and its versions listed. */
class TransformCommandTest {
    private static final String SCRIPT =
            "function transform(e) {\n  e.values.title = e.values.title.toUpperCase();\n  e.values.size = e.values.title.length;\n  return e;\n}\n";

    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... arguments) {
        out.reset();
        err.reset();
        Terminal terminal = new Terminal(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false,
                false);
        return CommandLineInterface.run(arguments, terminal);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private Path flattened(TestDatabase database) throws Exception {
        Path file =
                pipeline(database.host(), database.port(), database.database(), database.user(), database.password());
        String yaml = Files.readString(file).replace("warehouse.duckdb}", "warehouse.duckdb, json: flatten}");
        return Files.writeString(file, yaml);
    }

    private Path pipeline(String host, int port, String database, String user, String password) throws Exception {
        Files.writeString(folder.resolve("tidy.js"), SCRIPT);
        return Files.writeString(folder.resolve("film.yaml"), """
                source: {type: postgresql, host: %s, port: %d, database: %s, user: %s, password: "%s", sslMode: disable, connectTimeout: 2s}
                objects: [public.film]
                transform:
                - objects: [public.film]
                  steps:
                  - script: tidy.js
                destination: {type: duckdb, path: warehouse.duckdb}
                """.formatted(host, port, database, user, password));
    }

    @Test
    void pastedEventsShowTheDifferenceOfEachPhaseAndWhatIsRefused() throws Exception {
        String file =
                pipeline("localhost", 1, "nothing", "nobody", "secret-7f3a").toString();
        Path events = Files.writeString(
                folder.resolve("events.ndjson"),
                "{\"table\": \"public.film\", \"key\": [\"id\"], \"values\": {\"id\": 1, \"title\": \"Heat\"}, \"types\": {\"id\": \"integer\"}}\n"
                        + "{\"table\": \"public.film\", \"values\": {\"id\": 2, \"title\": null}}\n");
        assertEquals(ExitCode.FINDING, run("transform", "test", "-p", file, "--event", events.toString()));
        assertTrue(out().contains("~ title = \"Heat\" → \"HEAT\"") && out().contains("+ size = 4"), out());
        assertTrue(out().contains("REFUSED SCRIPT_ERROR") && out().contains("(line 2)"), out());
        assertEquals(ExitCode.FINDING, run("transform", "test", "-p", file, "--json", "--event", events.toString()));
        List<String> lines = out().lines().toList();
        assertEquals(2, lines.size());
        assertTrue(lines.get(0).contains("\"title\":\"HEAT\"") && lines.get(1).contains("\"refusal\""), out());
        Files.writeString(events, "{\"table\": \"public.film\"}\n");
        assertEquals(ExitCode.USER, run("transform", "test", "-p", file, "--event", events.toString()));
        Files.writeString(folder.resolve("tidy.js"), "function transform(e) { return evnt }");
        assertEquals(ExitCode.USER, run("transform", "test", "-p", file, "--event", events.toString()));
        assertTrue(err.toString(StandardCharsets.UTF_8).contains("tidy.js:1:32"), err.toString(StandardCharsets.UTF_8));
    }

    @Test
    void aRunThatEndsTellsOfTheEventsThatItCouldNotLoad() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            database.execute(
                    "CREATE TABLE film (id int PRIMARY KEY, title text); INSERT INTO film VALUES (1, 'Heat'), (2, NULL)");
            Path pipeline = pipeline(
                    database.host(), database.port(), database.database(), database.user(), database.password());
            String config = Files.writeString(folder.resolve("millrace.yaml"), "web: {port: 0}\n")
                    .toString();
            assertEquals(ExitCode.OK, run("run", "--once", "--config", config, pipeline.toString()), this::err);
            assertTrue(err().contains("1 rows loaded") && err().contains("1 failed event kept aside"), err());
            assertTrue(err().contains("'millrace failed list --pipeline " + pipeline + "'"), err());
        }
    }

    @Test
    void aRunThatEndsIsRefusedByTooManyFailuresAndOnceTheirCauseIsMendedTriesAllThatWasAskedFor() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            database.execute(
                    "CREATE TABLE film (id int PRIMARY KEY, title text);"
                            + " INSERT INTO film SELECT id, CASE WHEN id % 2 = 0 THEN 'Heat' END FROM generate_series(1, 5000) id");
            Path pipeline = pipeline(
                    database.host(), database.port(), database.database(), database.user(), database.password());
            Path configFile = Files.writeString(folder.resolve("millrace.yaml"), "web: {port: 0}\n");
            String config = configFile.toString();
            String file = pipeline.toString();
            assertEquals(ExitCode.EXTERNAL, run("run", "--once", "--config", config, file), this::err);
            assertTrue(err().contains("FAILED_EVENTS_RATE"), err());
            Files.writeString(
                    folder.resolve("tidy.js"), "function transform(e) { e.values.title ??= 'untitled'; return e; }");
            assertEquals(ExitCode.OK, run("failed", "replay", "--all", "--config", config, "-p", file), this::err);
            assertEquals(ExitCode.OK, run("run", "--once", "--config", config, file), this::err);
            assertTrue(err().contains("2,500 rows loaded") && !err().contains("kept aside"), err());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"logical", "table"})
    void stepsThatDoNotFitTheTablesAreRefusedBeforeAnythingGoesThroughThem(String mode) throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            database.execute("CREATE TABLE film (id int PRIMARY KEY, title text); INSERT INTO film VALUES (1, 'Heat')");
            Path pipeline = pipeline(
                    database.host(), database.port(), database.database(), database.user(), database.password());
            String config = Files.writeString(folder.resolve("millrace.yaml"), "web: {port: 0}\n")
                    .toString();
            String right = Files.readString(pipeline).replace("type: postgresql", "type: postgresql, mode: " + mode);
            Files.writeString(pipeline, right.replace("script: tidy.js", "upper: [titel]"));
            for (int start = 0; start < 2; start++) {
                assertEquals(ExitCode.USER, run("run", "--once", "--config", config, pipeline.toString()), this::err);
                assertTrue(err().contains("TRANSFORM_INVALID") && err().contains("Did you mean 'title'? "), err());
            }
            Files.writeString(pipeline, right);
            assertEquals(ExitCode.OK, run("run", "--once", "--config", config, pipeline.toString()), this::err);
            assertTrue(err().contains("1 rows loaded") && !err().contains("kept aside"), err());
        }
    }

    @Test
    void theLogsNewestEventsAreTriedAndVersionsListed() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            database.execute(
                    "CREATE TABLE film (id int PRIMARY KEY, title text); INSERT INTO film VALUES (1, 'Heat'), (2, 'Ran')");
            Path pipeline = pipeline(
                    database.host(), database.port(), database.database(), database.user(), database.password());
            String file = pipeline.toString();
            String config = Files.writeString(folder.resolve("millrace.yaml"), "web: {port: 0}\n")
                    .toString();
            assertEquals(ExitCode.OK, run("run", "--once", "--config", config, file), this::out);
            Files.writeString(folder.resolve("tidy.js"), SCRIPT.replace("toUpperCase", "toLowerCase"));
            assertEquals(ExitCode.OK, run("transform", "test", "--config", config, "-p", file), this::out);
            assertTrue(out().contains("~ title = \"Ran\" → \"ran\""), out());
            // a process that was killed has left its address behind, and nobody answers there
            new ControlAddress(URI.create("http://127.0.0.1:1"), ControlAddress.newToken())
                    .writeTo(folder.resolve("data"));
            assertEquals(
                    ExitCode.OK,
                    run("transform", "test", "--config", config, "-p", file, "-n", "1", "-o", "public.film"),
                    this::err);
            assertEquals(
                    1, out().lines().filter(line -> line.startsWith("event ")).count(), out());
            assertEquals(ExitCode.OK, run("transform", "versions", "--config", config, "-p", file), this::err);
            assertEquals(2, out().lines().count(), out());
            try (Millrace running = Millrace.start(
                    MillraceCommand.loader().loadInstallation(Path.of(config)).orThrow(),
                    List.of(MillraceCommand.loader().loadPipeline(pipeline).orThrow()),
                    Level.OFF)) {
                assertEquals(1, running.pipelines().size());
                assertEquals(ExitCode.OK, run("transform", "versions", "--text", "--config", config), this::out);
                assertTrue(out().contains("toLowerCase") && out().contains("version 2"), out());
                assertEquals(
                        ExitCode.OK, run("transform", "test", "--config", config, "-p", file, "--json"), this::out);
                assertTrue(out().contains("\"title\":\"heat\""), out());
            }
        }
    }

    @Test
    void failedEventsAreTriedAsTheyWereReadThroughEachPhaseTheConversionOfJsonAmongThem() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            database.execute(
                    "CREATE TABLE film (id int PRIMARY KEY, title text, doc jsonb);"
                            + " INSERT INTO film VALUES (1, 'Heat', '{\"year\": 1995}'), (2, NULL, '{\"year\": 1985, \"cast\": [\"Nakadai\"]}')");
            String file = flattened(database).toString();
            Path script = folder.resolve("tidy.js");
            String broken = Files.readString(script);
            String config = Files.writeString(folder.resolve("millrace.yaml"), "web: {port: 0}\n")
                    .toString();
            assertEquals(ExitCode.OK, run("run", "--once", "--config", config, file), this::out);
            String[] all = {"transform", "test", "--config", config, "-p", file, "--failed", "all"};
            assertEquals(ExitCode.FINDING, run(all), this::out);
            assertTrue(out().startsWith("failed ") && out().contains("REFUSED SCRIPT_ERROR"), out());
            String mended = "function transform(e) { e.values.title ??= 'none'; return e }";
            Files.writeString(script, mended);
            assertEquals(ExitCode.OK, run(all), this::out);
            assertTrue(out().contains("~ title = NULL → \"none\""), out());
            assertTrue(out().contains("json: READ public.film\n    + doc_year = 1985\n    - doc\n"), out());
            assertTrue(out().contains("json: READ public.film_doc_cast\n    parent_id = 2\n"), out());
            String id = out().substring("failed ".length(), out().indexOf(','));
            assertEquals(
                    ExitCode.OK, run("transform", "test", "--config", config, "-p", file, "--failed", id), this::out);
            assertEquals(ExitCode.USER, run("transform", "test", "--config", config, "-p", file, "--failed", "99-99"));
            assertEquals(ExitCode.OK, run("transform", "test", "--config", config, "-p", file, "--reason", "OTHER"));
            assertEquals("", out());
            Files.writeString(script, broken); // else the event is replayed when it starts
            try (Millrace running = Millrace.start(
                    MillraceCommand.loader().loadInstallation(Path.of(config)).orThrow(),
                    List.of(MillraceCommand.loader().loadPipeline(Path.of(file)).orThrow()),
                    Level.OFF)) {
                assertEquals(1, running.pipelines().size());
                Files.writeString(script, mended);
                assertEquals(
                        ExitCode.OK,
                        run("transform", "test", "--config", config, "-p", file, "--json", "--failed", id),
                        this::out);
                assertTrue(
                        out().contains("\"failedId\":\"" + id + "\"") && out().contains("\"phase\":\"json\""), out());
                assertTrue(out().contains("\"added\":[\"doc_year\"],\"changed\":[],\"removed\":[\"doc\"]"), out());
                Path pasted = Files.writeString(
                        folder.resolve("events.ndjson"),
                        "{\"table\": \"public.film\", \"key\": [\"id\"], \"values\": {\"id\": 3, \"doc\": {\"year\": 2}}}\n");
                assertEquals(
                        ExitCode.OK,
                        run("transform", "test", "--config", config, "-p", file, "--event", pasted.toString()),
                        this::out);
                assertTrue(out().contains("+ doc_year = 2"), out());
            }
        }
    }
}
