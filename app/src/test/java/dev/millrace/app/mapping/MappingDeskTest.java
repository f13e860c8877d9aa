package dev.millrace.app.mapping;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.app.pipeline.ObjectChoices;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.ConnectorDefinition;
import dev.millrace.config.pipeline.DestinationDefinition;
import dev.millrace.config.pipeline.FailedPolicy;
import dev.millrace.config.pipeline.LoadRules;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.config.setting.Settings;
import dev.millrace.consume.destination.NamingRules;
import dev.millrace.consume.failed.FailedQueue;
import dev.millrace.consume.mapping.TableMappings;
import dev.millrace.storage.crypto.KeyFile;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.state.RocksStateStore;
import dev.millrace.storage.state.StateStore;
import dev.millrace.web.MappingWish;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappingDeskTest {
    private static final TableName FILM = new TableName("public", "film");

    @TempDir
    Path folder;

    /** Else the rows of both would be in one table of a DuckDB file, which takes names that differ in case only for the same. */
    @Test
    void noTwoObjectsGoToOneTableWhateverCaseTheDestinationTakesForTheSame() throws Exception {
        assertEquals("TARGET_TAKEN", moved(false, "public.ACTOR"));
        assertEquals("TARGET_TAKEN", moved(false, "PUBLIC.actor"));
        assertEquals("public.film", moved(false, "public.FILM"), "it is there already");
        assertEquals("public.ACTOR", moved(true, "public.ACTOR"));
        assertEquals("TARGET_TAKEN", moved(true, "public.actor"));
    }

    /** Where the object goes then, or why it doesn't. */
    private String moved(boolean caseSensitive, String to) throws Exception {
        NamingRules naming = new NamingRules(200, caseSensitive, "main");
        Path home = Files.createTempDirectory(folder, "state");
        try (StateStore state = RocksStateStore.open(home.resolve("state"))) {
            TableMappings mappings = new TableMappings("shop", state, naming, Optional.empty());
            for (TableName table : List.of(FILM, new TableName("public", "actor"))) {
                mappings.of(table, table, Optional.empty());
            }
            PipelineDefinition definition = new PipelineDefinition(
                    "shop",
                    new ConnectorDefinition("none", new Settings(Map.of())),
                    List.of("*.*"),
                    new DestinationDefinition("none", new Settings(Map.of())),
                    LoadRules.DEFAULTS,
                    Optional.empty(),
                    Optional.empty());
            FailedQueue failed =
                    new FailedQueue("shop", state, KeyFile.open(home), FailedPolicy.DEFAULT, Clock.systemUTC());
            ObjectChoices choices = new ObjectChoices(definition, state, failed, () -> naming, object -> {}, () -> {});
            MappingDesk desk = new MappingDesk(name -> choices, name -> List.of());
            try {
                desk.set("shop", FILM.toString(), new MappingWish.To(to));
            } catch (MillraceException refused) {
                return refused.code();
            }
            return desk.show("shop", FILM.toString()).mapping().table();
        }
    }
}
