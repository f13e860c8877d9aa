package dev.millrace.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class BenchCommandTest {
    private static final String EVERYTHING_THERE =
            "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                    + " WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'"
                    + " UNION ALL SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_t%'"
                    + " UNION ALL SELECT 'publication ' || pubname FROM pg_publication"
                    + " UNION ALL SELECT 'slot ' || slot_name FROM pg_replication_slots WHERE database = current_database() ORDER BY 1";

    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private TestDatabase source;
    private TestDatabase target;

    @BeforeEach
    void databases() throws SQLException {
        source = TestPostgres.shared().createDatabase();
        target = TestPostgres.shared().createDatabase();
        source.execute("""
                CREATE TABLE film (id int PRIMARY KEY, title text, price numeric(8,2), added timestamptz, tags text[], extra jsonb);
                INSERT INTO film SELECT n, CASE WHEN n % 9 > 0 THEN E'f,"\\n' || n END, n / 100.0, now(), ARRAY['a', 'b'],
                  jsonb_build_object('n', n) FROM generate_series(1, 20000) n;
                CREATE TABLE small (note text);
                INSERT INTO small VALUES ('x'), (NULL);
                CREATE TABLE nothing (id int PRIMARY KEY);
                ANALYZE film; ANALYZE small;
                """);
    }

    @AfterEach
    void dropped() throws SQLException {
        source.close();
        target.close();
    }

    @Test
    void everyStepToDuckDbIsMeasuredAndNothingIsLeftBehind() throws Exception {
        Path file = pipeline("type: duckdb, path: warehouse.duckdb");
        List<String> atSource = source.rows(EVERYTHING_THERE);
        List<String> files = files();
        JsonNode report = bench(file, 6, "--rows", "5000");
        assertEquals("public.film", report.path("object").asString(""));
        assertEquals(5_000, report.path("rows").asLong(0));
        for (String measure : List.of("source", "sourceToLog", "logToDestination", "wholeWay")) {
            JsonNode figure = figure(report, measure);
            assertTrue(figure.path("rowsPerSecond").asDouble(0) > 0, measure);
            assertTrue(figure.path("ratio").asDouble(0) > 0, measure + " without a baseline: " + report);
            figure.path("runs")
                    .forEach(run -> assertEquals(5_000, run.path("rows").asLong(0), measure));
            figure.path("baselineRuns")
                    .forEach(run -> assertEquals(5_000, run.path("rows").asLong(0), measure));
        }
        assertTrue(figure(report, "disk").path("megabytesPerSecond").asDouble(0) > 0);
        assertEquals("[]", report.path("leftOut").toString());
        assertFalse(report.path("verdict").asString("").isEmpty());
        assertEquals(atSource, source.rows(EVERYTHING_THERE));
        assertEquals(files, files());
    }

    @Test
    void aPostgresDestinationIsLoadedInScratchTablesBesideTheRealOneAndComparedWithEarlierFigures() throws Exception {
        target.execute("CREATE TABLE film (mine int); INSERT INTO film VALUES (7)");
        Path file = pipeline(address(target));
        List<String> atTarget = target.rows(EVERYTHING_THERE);
        JsonNode report = bench(file, "--rows", "3000");
        assertTrue(figure(report, "wholeWay").path("ratio").asDouble(0) > 0, report::toString);
        assertEquals(atTarget, target.rows(EVERYTHING_THERE));
        assertEquals(List.of("7"), target.rows("SELECT mine FROM film"));
        Path earlier = Files.writeString(folder.resolve("earlier.json"), report.toString());
        out.reset();
        assertEquals(
                ExitCode.OK,
                run(
                        "bench",
                        file.toString(),
                        "--rows",
                        "3000",
                        "--seconds",
                        "1",
                        "--rounds",
                        "1",
                        "--compare",
                        earlier.toString(),
                        "--data",
                        data()));
        assertTrue(out().contains("before") && out().contains("source → log → destination"), out());
    }

    @Test
    void changesAreFollowedOnAScratchTableWhereThatIsAllowed() throws Exception {
        Path file = pipeline("type: duckdb, path: warehouse.duckdb");
        List<String> atSource = source.rows(EVERYTHING_THERE);
        List<String> files = files();
        JsonNode report = bench(file, 3, "--rows", "1000", "--changes");
        assertEquals("[]", report.path("leftOut").toString());
        for (String measure : List.of("changesToLog", "changesToDestination")) {
            assertTrue(figure(report, measure).path("ratio").asDouble(0) > 0, () -> measure + " in " + report);
        }
        assertEquals("latency", report.path("delays").path(1).path("delay").asString(""), report::toString);
        assertTrue(report.path("delays").path(1).path("p50Millis").asDouble(0) > 0, report::toString);
        assertEquals(atSource, source.rows(EVERYTHING_THERE));
        assertEquals(files, files());
    }

    @Test
    void aSchemaThatHadToBeMadeGoesAgain() throws Exception {
        Path file = pipeline("schema: staging, " + address(target));
        List<String> atTarget = target.rows(EVERYTHING_THERE);
        JsonNode report = bench(file, "--rows", "1000", "--object", "public.small");
        assertEquals("[]", report.path("leftOut").toString());
        assertEquals(
                2, figure(report, "wholeWay").path("runs").path(0).path("rows").asLong(0));
        assertEquals(atTarget, target.rows(EVERYTHING_THERE));
    }

    @Test
    void withoutThePrivilegeToMakeTablesTheDestinationIsLeftOutAndTheRestMeasured() throws Exception {
        String reader = "reader_" + target.database();
        target.execute("CREATE ROLE " + reader + " LOGIN PASSWORD 'weak'; REVOKE CREATE ON SCHEMA public FROM PUBLIC");
        try {
            Path file = pipeline(address(target)
                    .replace("user: " + target.user(), "user: " + reader)
                    .replace("\"" + target.password() + "\"", "weak"));
            JsonNode report = bench(file, "--rows", "1000");
            assertTrue(figure(report, "sourceToLog").path("rowsPerSecond").asDouble(0) > 0);
            assertEquals(
                    "logToDestination",
                    report.path("leftOut").path(0).path("what").asString(""),
                    report::toString);
            assertTrue(
                    report.path("leftOut").path(0).path("why").asString("").contains("permission"), report::toString);
        } finally {
            target.execute("DROP OWNED BY " + reader + "; DROP ROLE " + reader);
        }
    }

    @Test
    void anObjectThatIsNotThereOrEmptyIsAUserError() throws Exception {
        Path file = pipeline("type: duckdb, path: warehouse.duckdb");
        assertEquals(ExitCode.USER, run("bench", file.toString(), "--object", "public.flim", "--data", data()));
        assertTrue(err().contains("public.film"), err());
        assertEquals(ExitCode.USER, run("bench", file.toString(), "--object", "public.nothing", "--data", data()));
        assertTrue(err().contains("BENCH_NO_ROWS"), err());
        assertEquals(ExitCode.USER, run("bench", file.toString(), "--rows", "0", "--data", data()));
    }

    /** The disk's measures alone take four times as long, whatever there is to be read. */
    private JsonNode bench(Path file, String... more) {
        return bench(file, 1, more);
    }

    private JsonNode bench(Path file, int seconds, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "bench",
                file.toString(),
                "--json",
                "--seconds",
                Integer.toString(seconds),
                "--rounds",
                "2",
                "--data",
                data()));
        arguments.addAll(List.of(more));
        assertEquals(ExitCode.OK, run(arguments.toArray(String[]::new)), () -> out() + err());
        return JsonMapper.builder().build().readTree(out());
    }

    private static JsonNode figure(JsonNode report, String measure) {
        for (JsonNode figure : report.path("figures")) {
            if (figure.path("measure").asString("").equals(measure)) {
                return figure;
            }
        }
        throw new AssertionError("no figure of " + measure + " in " + report);
    }

    private String data() {
        return folder.resolve("data").toString();
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.map(Path::toString).sorted().toList();
        }
    }

    private Path pipeline(String destination) throws IOException {
        return Files.writeString(folder.resolve("film.yaml"), """
        source: {%s, connectTimeout: 5s}
        objects: ["public.*"]
        destination: {%s}
        """.formatted(address(source), destination));
    }

    private static String address(TestDatabase database) {
        return "type: postgresql, host: %s, port: %d, database: %s, user: %s, password: \"%s\", sslMode: disable"
                .formatted(database.host(), database.port(), database.database(), database.user(), database.password());
    }

    private int run(String... arguments) {
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
}
