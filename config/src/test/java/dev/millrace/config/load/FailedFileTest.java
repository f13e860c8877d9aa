package dev.millrace.config.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.pipeline.FailedPolicy;
import dev.millrace.config.pipeline.FailedPolicy.Action;
import dev.millrace.config.pipeline.PipelineDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailedFileTest {
    private static final String REST =
            "source: {type: postgresql, host: localhost}\ndestination: {type: duckdb, path: shop.duckdb}\n";

    @TempDir
    Path folder;

    private final ConfigLoader loader =
            new ConfigLoader(Kinds.SOURCES, Kinds.DESTINATIONS, Map.<String, String>of()::get);

    @Test
    void withoutAWordEventsAreParkedForAWeekAndMoreThanOneInAHundredStopsThePipeline() throws IOException {
        assertEquals(new FailedPolicy(Action.PARK, Duration.ofDays(7), 1L << 30, 1, Duration.ofMinutes(5)), policy(""));
        assertEquals(FailedPolicy.DEFAULT, policy("failed:\n"));
        assertEquals(FailedPolicy.DEFAULT, policy("failed: {}\n"));
    }

    @Test
    void everyKeyIsRead() throws IOException {
        assertEquals(
                new FailedPolicy(Action.STOP, Duration.ofHours(36), 64L << 20, 0.25, Duration.ofSeconds(90)),
                policy("failed: {policy: stop, keep: 36h, maxSize: 64MB, stopAtRate: 0.25%, rateOver: 90s}\n"));
        assertEquals(Action.DISCARD, policy("failed: {policy: discard}\n").action());
    }

    @Test
    void aShareIsAPercentageOrNever() throws IOException {
        assertEquals(0, policy("failed: {stopAtRate: never}\n").stopAtPercent());
        assertEquals(100, policy("failed: {stopAtRate: 100%}\n").stopAtPercent());
        assertEquals(99.5, policy("failed: {stopAtRate: '99.5 %'}\n").stopAtPercent());
        assertEquals(0.0001, policy("failed: {stopAtRate: 0.0001%}\n").stopAtPercent());
        for (String wrong : List.of("1", "101%", "100.5%", "-1%", "1.%", "half", "0.00001%", "''")) {
            assertProblem("BAD_VALUE", "stopAtRate: " + wrong, 3, 22, "for example 1%");
        }
        assertProblem("BAD_VALUE", "stopAtRate: 0%", 3, 22, "policy: stop");
        assertProblem("BAD_VALUE", "stopAtRate: 0.00%", 3, 22, "or never");
    }

    @Test
    void whatIsOutOfItsBoundsIsToldWithItsPlace() throws IOException {
        assertProblem("BAD_VALUE", "policy: ignore", 3, 18, "park");
        assertProblem("BAD_VALUE", "keep: 59s", 3, 16, "");
        assertProblem("BAD_VALUE", "keep: 3651d", 3, 16, "");
        assertProblem("BAD_VALUE", "maxSize: 1023KB", 3, 19, "");
        assertProblem("BAD_VALUE", "rateOver: 999ms", 3, 20, "");
        assertProblem("BAD_VALUE", "rateOver: 25h", 3, 20, "");
        assertProblem("UNKNOWN_KEY", "stopAtRat: 1%", 3, 10, "Did you mean 'stopAtRate'?");
        assertEquals(Duration.ofMinutes(1), policy("failed: {keep: 60s}\n").keep());
        assertEquals(1L << 20, policy("failed: {maxSize: 1MB}\n").maxBytes());
        assertEquals(Duration.ofHours(24), policy("failed: {rateOver: 1d}\n").rateOver());
    }

    @Test
    void allProblemsOfTheSectionAreToldAtOnce() throws IOException {
        Problems problems =
                load("failed: {policy: ignore, keep: soon, maxSize: big}\n").problems();
        assertEquals(3, problems.list().size(), problems::text);
        assertEquals(
                List.of("WRONG_TYPE"),
                load("failed: park\n").problems().list().stream()
                        .map(Problem::code)
                        .toList());
    }

    @Test
    void theEffectiveDefinitionReadsAsItWasMeant() throws IOException {
        for (String written : List.of(
                "{}",
                "{policy: stop, keep: 36h, maxSize: 64MB, stopAtRate: 0.25%, rateOver: 90s}",
                "{policy: discard, stopAtRate: never}",
                "{stopAtRate: 100%}",
                "{stopAtRate: 0.0001%}")) {
            PipelineDefinition pipeline = load("failed: " + written + "\n").orThrow();
            String text = pipeline.effective();
            String section = text.substring(text.indexOf("failed:"));
            assertEquals(pipeline.failed(), policy(section), section);
        }
    }

    private void assertProblem(String code, String key, int line, int column, String suggestion) throws IOException {
        Problems problems = load("failed: {" + key + "}\n").problems();
        assertEquals(1, problems.list().size(), () -> key + ": " + problems.text());
        Problem problem = problems.list().get(0);
        assertEquals(
                List.of(code, line, column),
                List.of(problem.code(), problem.line(), problem.column()),
                () -> key + ": " + problem.text());
        assertTrue(problem.text().contains(suggestion), problem::text);
    }

    private FailedPolicy policy(String section) throws IOException {
        return load(section).orThrow().failed();
    }

    private Loaded<PipelineDefinition> load(String section) throws IOException {
        return loader.loadPipeline(Files.writeString(folder.resolve("p.yaml"), REST + section));
    }
}
