package dev.millrace.config.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.pipeline.DestinationDefinition;
import dev.millrace.config.pipeline.LoadingSchedule;
import dev.millrace.config.pipeline.PipelineDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DestinationFileTest {
    private static final String SOURCE = "source: {type: postgresql, host: localhost}\n";

    @TempDir
    Path folder;

    private Path destinations;
    private ConfigLoader loader;

    @BeforeEach
    void setUp() throws IOException {
        destinations = Files.createDirectories(folder.resolve("destinations"));
        loader = new ConfigLoader(Kinds.SOURCES, Kinds.DESTINATIONS, name -> null).withDestinations(destinations);
    }

    @Test
    void aDestinationWithoutAWordAboutItIsLoadedInRealTime() throws IOException {
        DestinationDefinition destination = load("shop", "destination: {type: duckdb, path: x.duckdb}")
                .orThrow()
                .destination();
        assertEquals(Optional.empty(), destination.loading().schedule());
        assertEquals(Optional.empty(), destination.name());
    }

    @Test
    void schedulesAreReadByIntervalTimesAndCron() throws IOException {
        assertEquals(new LoadingSchedule.Every(Duration.ofMinutes(15)), schedule("{every: 15m}"));
        assertEquals(
                new LoadingSchedule.Daily(
                        List.of(LocalTime.of(6, 0), LocalTime.of(18, 30)), ZoneId.of("Europe/Berlin")),
                schedule("{daily: [\"18:30\", \"06:00\"], zone: Europe/Berlin}"));
        assertEquals(
                LoadingSchedule.AtCron.of("0 6 * * 1-5", ZoneId.of("UTC")),
                schedule("{cron: \"0 6 * * MON-FRI\", zone: UTC}"));
    }

    @Test
    void whatCanNotBeAScheduleIsRefusedAtItsPlace() throws IOException {
        refused("{every: 10ms}", "shop.yaml:2:62");
        refused("{every: 15m, cron: \"0 6 * * *\", zone: UTC}", "both 'every' and 'cron'");
        refused("{daily: [\"06:00\"]}", "'zone' is missing");
        refused("{every: 15m, zone: UTC}", "'zone' means nothing");
        refused("{daily: [\"6\"], zone: UTC}", "not a time of the day");
        refused("{daily: [\"06:00\"], zone: Europe/Berlyn}", "no time zone");
        refused("{cron: \"61 * * * *\", zone: UTC}", "61 not in range");
        refused("{cron: \"0 0 30 2 *\", zone: UTC}", "there is no such day");
        refused("{evry: 15m}", "Did you mean 'every'?");
    }

    @Test
    void aNamedDestinationIsSharedWithItsSchedule() throws IOException {
        Files.writeString(
                destinations.resolve("warehouse.yaml"), "type: duckdb\npath: w.duckdb\nloading: {every: 2h}\n");
        DestinationDefinition shared =
                load("shop", "destination: warehouse").orThrow().destination();
        assertEquals(Optional.of("warehouse"), shared.name());
        assertEquals(
                destinations.resolve("w.duckdb").toAbsolutePath(),
                shared.settings().path("path"));
        assertEquals(
                Optional.of(new LoadingSchedule.Every(Duration.ofHours(2))),
                shared.loading().schedule());
        assertEquals(
                shared.loading(),
                load("crm", "destination: {use: warehouse, schema: crm}")
                        .orThrow()
                        .destination()
                        .loading());
        assertEquals(
                "crm",
                load("crm", "destination: {use: warehouse, schema: crm}")
                        .orThrow()
                        .destination()
                        .settings()
                        .text("schema"));
    }

    @Test
    void aDestinationThatIsNotThereGetsASuggestionAndOneWithProblemsTellsThem() throws IOException {
        Files.writeString(destinations.resolve("warehouse.yaml"), "type: duckdb\npat: w.duckdb\n");
        assertTrue(problems("destination: warehose").contains("Did you mean 'warehouse'?"));
        assertTrue(problems("destination: ../x").contains("there is no destination '../x'"));
        assertTrue(problems("destination: warehouse").contains("warehouse.yaml:2:1: 'pat' is not a known key"));
        assertTrue(problems("destination: {use: warehouse, path: x}").contains("warehouse.yaml:2:1"));
    }

    @Test
    void tablesThatAreCommittedApartDoNotGoWithAtMostOnce() throws IOException {
        String fast = "destination: {type: duckdb, path: x, consistency: fast}";
        assertTrue(problems(fast + "\nguarantee: at-most-once").contains("shop.yaml:3:12: 'guarantee: at-most-once'"));
        assertEquals("", problems(fast + "\nguarantee: at-least-once"));
    }

    @Test
    void aFileThatIsNoGoodKeepsNoOtherFromUse() throws IOException {
        Files.writeString(folder.resolve("a.yaml"), SOURCE + "destination: nowhere\n");
        Files.writeString(folder.resolve("b.yaml"), SOURCE + "destination: {type: duckdb, path: b.duckdb}\n");
        Files.writeString(
                folder.resolve("c.yaml"), "name: b\n" + SOURCE + "destination: {type: duckdb, path: c.duckdb}\n");
        PipelineFiles files = loader.loadEach(folder);
        assertEquals(
                List.of("b"),
                files.pipelines().stream().map(PipelineDefinition::name).toList());
        assertEquals(
                List.of("a", "c"),
                files.rejected().stream().map(PipelineFiles.Rejected::name).toList());
        assertEquals(
                List.of("UNKNOWN_DESTINATION", "DUPLICATE_NAME"),
                files.problems().list().stream().map(Problem::code).toList());
        assertEquals(Optional.empty(), loader.loadPipelines(folder).value());
    }

    private LoadingSchedule schedule(String loading) throws IOException {
        return load("shop", "destination: {type: duckdb, path: x.duckdb, loading: " + loading + "}")
                .orThrow()
                .destination()
                .loading()
                .schedule()
                .orElseThrow();
    }

    private void refused(String loading, String told) throws IOException {
        String text = problems("destination: {type: duckdb, path: x.duckdb, loading: " + loading + "}");
        assertTrue(text.contains(told), text);
    }

    private String problems(String destination) throws IOException {
        return load("shop", destination).problems().text();
    }

    private Loaded<PipelineDefinition> load(String name, String destination) throws IOException {
        return loader.loadPipeline(Files.writeString(folder.resolve(name + ".yaml"), SOURCE + destination + "\n"));
    }
}
