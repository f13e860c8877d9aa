package dev.millrace.app.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.config.pipeline.ConnectorDefinition;
import dev.millrace.config.pipeline.DestinationDefinition;
import dev.millrace.config.pipeline.LoadRules;
import dev.millrace.config.pipeline.Loading;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.config.setting.Settings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class NeighboursTest {
    private static PipelineDefinition pipeline(String name, DestinationDefinition destination) {
        return new PipelineDefinition(
                name,
                new ConnectorDefinition("any", new Settings(Map.of())),
                List.of("*"),
                destination,
                LoadRules.merge(OnDelete.SOFT),
                Optional.empty(),
                Optional.empty());
    }

    private static DestinationDefinition server(String host, long port, String database, String user) {
        return new DestinationDefinition(
                "postgresql",
                new Settings(Map.of("host", host, "port", port, "database", database, "user", user, "schema", user)));
    }

    private static DestinationDefinition file(String path) {
        return new DestinationDefinition("duckdb", new Settings(Map.of("path", Path.of(path))));
    }

    @Test
    void thoseThatLeadToTheSameDatabaseAreNeighbours() {
        PipelineDefinition first = pipeline("first", server("db", 5432, "shop", "a"));
        PipelineDefinition second = pipeline("second", server("db", 5432, "shop", "b"));
        Neighbours all = new Neighbours(List.of(
                first,
                second,
                pipeline("port", server("db", 5433, "shop", "a")),
                pipeline("database", server("db", 5432, "store", "a")),
                pipeline("host", server("other", 5432, "shop", "a"))));
        assertEquals(Set.of("second"), all.of(first));
        assertEquals(Set.of("first"), all.of(second));
    }

    @Test
    void thoseThatLeadIntoTheSameFileAreNeighbours() {
        PipelineDefinition first = pipeline("first", file("/data/shop.duckdb"));
        Neighbours all = new Neighbours(List.of(
                first, pipeline("second", file("/data/shop.duckdb")), pipeline("third", file("/data/store.duckdb"))));
        assertEquals(Set.of("second"), all.of(first));
    }

    @Test
    void thoseThatShareADestinationByNameAreNeighbours() {
        DestinationDefinition shared = new DestinationDefinition(
                "duckdb", file("/data/shop.duckdb").settings(), Optional.of("shop"), Loading.REAL_TIME);
        PipelineDefinition first = pipeline("first", shared);
        assertEquals(Set.of("second"), new Neighbours(List.of(first, pipeline("second", shared))).of(first));
    }
}
