package dev.millrace.app.mapping;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import dev.millrace.ingest.engine.LeftOut;
import dev.millrace.storage.crypto.KeyFile;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.state.RocksStateStore;
import dev.millrace.storage.state.StateStore;
import dev.millrace.web.MappingDetail;
import dev.millrace.web.MappingWish;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
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

    @Test
    void anObjectThatIsLeftOutIsShownWithItsReasonAndNothingIsChosenForIt() throws Exception {
        List<LeftOut> leftOut = List.of(new LeftOut(new TableName("public", "late"), "it has no key"));
        onDesk(new NamingRules(200, true, "main"), leftOut, desk -> {
            for (String name : List.of("public.late", "late")) {
                MappingDetail shown = desk.show("shop", name);
                assertEquals(desk.list("shop").get(2), shown.mapping());
                assertEquals("waiting", shown.mapping().status());
                assertEquals("it has no key", shown.mapping().why());
                assertEquals(List.of(), shown.columns());
                MillraceException refused =
                        assertThrows(MillraceException.class, () -> desk.set("shop", name, new MappingWish.Skip()));
                assertEquals("OBJECT_LEFT_OUT", refused.code());
                assertTrue(refused.why().contains("it has no key"), refused::why);
            }
            MillraceException unknown = assertThrows(MillraceException.class, () -> desk.show("shop", "public.lat"));
            assertTrue(unknown.remedy().contains("Did you mean 'public.late'?"), unknown::remedy);
            assertEquals("public.film", desk.show("shop", "film").mapping().object());
            return null;
        });
    }

    /** Where the object goes then, or why it doesn't. */
    private String moved(boolean caseSensitive, String to) throws Exception {
        return onDesk(new NamingRules(200, caseSensitive, "main"), List.of(), desk -> {
            try {
                desk.set("shop", FILM.toString(), new MappingWish.To(to));
            } catch (MillraceException refused) {
                return refused.code();
            }
            return desk.show("shop", FILM.toString()).mapping().table();
        });
    }

    /** Something that is asked of a desk with two objects, film and actor. */
    private <T> T onDesk(NamingRules naming, List<LeftOut> leftOut, Function<MappingDesk, T> asking) throws Exception {
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
            return asking.apply(new MappingDesk(name -> choices, name -> leftOut));
        }
    }
}
