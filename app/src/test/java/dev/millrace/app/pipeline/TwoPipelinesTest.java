package dev.millrace.app.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import dev.millrace.app.Connectors;
import dev.millrace.app.Millrace;
import dev.millrace.config.installation.MillraceConfig;
import dev.millrace.config.installation.WebConfig;
import dev.millrace.config.load.ConfigLoader;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.consume.failed.FailedFilter;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two sources that both have a table of one name, led to one database. */
final class TwoPipelinesTest {
    private static final long MILLIS = 240_000;
    private static final String ROWS = "SELECT id, title FROM %s.film ORDER BY id";

    @TempDir
    Path folder;

    private PipelineDefinition pipeline(String name, TestDatabase source, TestDatabase target, String more)
            throws IOException {
        Path file = Files.writeString(
                folder.resolve(name + ".yaml"), """
                source: {type: postgresql, mode: logical, %s}
                destination: {type: postgresql, %s}
                %s
                """.formatted(address(source), address(target), more));
        return new ConfigLoader(Connectors.sourceKinds(), Connectors.destinationKinds())
                .loadPipeline(file)
                .orThrow();
    }

    private static String address(TestDatabase database) {
        return "host: %s, port: %d, database: %s, user: %s, password: \"%s\", sslMode: disable"
                .formatted(database.host(), database.port(), database.database(), database.user(), database.password());
    }

    private Millrace start(PipelineDefinition... pipelines) {
        MillraceConfig config = MillraceConfig.defaults(folder).withWeb(new WebConfig(false, "127.0.0.1", 0));
        return Millrace.start(config, List.of(pipelines), Level.WARN);
    }

    private static void catchUp(PipelineRuntime pipeline) throws InterruptedException {
        byte[] position = pipeline.position();
        long end = System.nanoTime() + MILLIS * 1_000_000;
        while (!pipeline.awaitCaughtUp(position, 200)) {
            pipeline.failure().ifPresent(failure -> {
                throw failure;
            });
            assertTrue(System.nanoTime() < end, () -> "not caught up: " + pipeline.snapshot());
        }
    }

    @Test
    void neitherLoadsIntoTheOthersTable() throws Exception {
        try (TestDatabase one = TestPostgres.shared().createDatabase();
                TestDatabase other = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase()) {
            one.execute("CREATE TABLE film (id int PRIMARY KEY, title text); INSERT INTO film VALUES (1, 'Heat')");
            other.execute("CREATE TABLE film (id int PRIMARY KEY, title text); INSERT INTO film VALUES (1, 'Ran')");
            PipelineDefinition first = pipeline("a" + suffix(one), one, target, "");
            PipelineDefinition second = pipeline("b" + suffix(other), other, target, "");
            try (Millrace millrace = start(first)) {
                catchUp(millrace.pipelines().get(0));
            }
            try (Millrace millrace = start(first, second)) {
                catchUp(millrace.pipelines().get(0));
                catchUp(millrace.pipelines().get(1));
                assertEquals(List.of("1|Heat"), target.rows(ROWS.formatted("public")));
                assertTrue(codes(millrace.pipelines().get(1)).contains("TABLE_TAKEN"));
                assertEquals(Set.of(), codes(millrace.pipelines().get(0)));
            }
            PipelineDefinition moved =
                    pipeline(second.name(), other, target, "mapping: {objects: {\"*\": {table: \"crm.{table}\"}}}");
            try (Millrace millrace = start(first, moved)) {
                assertTrue(
                        millrace.pipelines().get(1).failedEvents().awaitAtMost(0, MILLIS),
                        () -> codes(millrace.pipelines().get(1)).toString());
                catchUp(millrace.pipelines().get(1));
            }
            assertEquals(List.of("1|Heat"), target.rows(ROWS.formatted("public")));
            assertEquals(List.of("1|Ran"), target.rows(ROWS.formatted("crm")));
        }
    }

    /** So that slots of tests that run side by side have names of their own. */
    private static String suffix(TestDatabase database) {
        return "-" + database.database().replaceAll("[^a-z0-9]", "");
    }

    private static Set<String> codes(PipelineRuntime pipeline) {
        return pipeline.failedEvents().list(FailedFilter.ALL, null, 100).stream()
                .map(event -> event.failure().code())
                .collect(Collectors.toSet());
    }
}
