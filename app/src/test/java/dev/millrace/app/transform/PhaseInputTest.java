package dev.millrace.app.transform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.load.ConfigLoader;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.consume.failed.EventPlace;
import dev.millrace.consume.failed.FailedEvent;
import dev.millrace.consume.failed.Failure;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import dev.millrace.storage.testing.MemoryState;
import dev.millrace.web.FailedPhaseInput;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A failed event as its phase gets it, of the source's event that is kept. */
class PhaseInputTest {
    private static final TableName FILM = new TableName("public", "film");
    private static final Schema SCHEMA = new Schema(
            FILM,
            1,
            List.of(
                    new Column("id", DataType.of(Type.INTEGER), false, 1, "", 0),
                    new Column("title", DataType.of(Type.STRING), true, 0, "", 0)));

    @TempDir
    Path folder;

    @BeforeEach
    void script() throws Exception {
        Files.writeString(
                folder.resolve("tidy.js"),
                "function transform(e) { if (e.values.loud === 'BAD') throw 'bad';"
                        + " if (e.values.loud === 'GONE') return null; e.values.size = 3; return e }");
    }

    private FailedPhaseInput input(Failure.Phase phase, String title, boolean clear) throws Exception {
        return input(new Failure(phase, "CODE", "why", ""), title, clear);
    }

    private FailedPhaseInput input(Failure failure, String title, boolean clear) throws Exception {
        Path file = Files.writeString(folder.resolve("shop.yaml"), """
                source: {type: none}
                destination: {type: none}
                transform:
                - steps:
                  - set: {loud: "title.toUpperCase()"}
                  - script: tidy.js
                """);
        PipelineDefinition definition = new ConfigLoader(Map.of("none", List.of()), Map.of("none", List.of()))
                .loadPipeline(file)
                .orThrow();
        FailedEvent event = new FailedEvent(
                EventPlace.parse("5-0"),
                FILM,
                Operation.INSERT,
                "0/7:0",
                failure,
                new FailedEvent.Course(FailedEvent.Status.PARKED, 1, 0, 0, 0),
                new FailedEvent.Order(0, new long[] {1}, false),
                100);
        return PhaseInput.of(event, row(title), () -> Trials.rehearsal(definition, new MemoryState()), clear);
    }

    private static StoredBatch row(String title) {
        BatchWriter writer = new BatchWriter();
        writer.beginTransaction(7, 1_700_000_000_123_456L, "0/7", 0);
        writer.beginRow(Operation.INSERT, writer.schema(SCHEMA));
        writer.putLong(1);
        writer.putString(title);
        writer.endRow();
        return writer.finish(1_700_000_001_000L, false, true, OffsetDelta.NONE).stored(5);
    }

    private static Map<String, Object> only(FailedPhaseInput input) {
        assertEquals(1, input.rows().size(), input::toString);
        assertEquals("public.film", input.rows().get(0).table());
        assertEquals("INSERT", input.rows().get(0).operation());
        return input.rows().get(0).values();
    }

    @Test
    void aRowThatTheDestinationRefusedIsShownAsItWasToBeLoaded() throws Exception {
        FailedPhaseInput input = input(Failure.Phase.LOAD, "heat", true);
        assertEquals("{id=1, title=heat, loud=HEAT, size=3}", only(input).toString());
        assertEquals("", input.note());
        assertEquals(
                "{id=***, title=***, loud=***, size=***}",
                only(input(Failure.Phase.MAP, "heat", false)).toString());
    }

    @Test
    void aRowThatAScriptRefusedIsShownAsTheStepsBeforeItMadeIt() throws Exception {
        FailedPhaseInput input = input(Failure.Phase.TRANSFORM, "bad", true);
        assertEquals("{id=1, title=bad, loud=BAD}", only(input).toString());
        assertTrue(
                input.note().startsWith("It does not pass 'transform 2' now: ")
                        && input.note().contains("bad"),
                input::note);
        assertEquals(
                "It does not pass 'transform 2' now.",
                input(Failure.Phase.TRANSFORM, "bad", false).note());
    }

    @Test
    void whatTheTransformationOfTodayMakesOfItIsTold() throws Exception {
        FailedPhaseInput mended = input(Failure.Phase.TRANSFORM, "heat", true);
        assertEquals("{id=1, title=heat, loud=HEAT, size=3}", only(mended).toString());
        assertTrue(mended.note().contains("passes the transformation now"), mended::note);
        FailedPhaseInput dropped = input(Failure.Phase.LOAD, "gone", true);
        assertEquals(List.of(), dropped.rows());
        assertTrue(dropped.note().contains("drops it now"), dropped::note);
        FailedPhaseInput refused = input(Failure.Phase.LOAD, "bad", true);
        assertEquals("{id=1, title=bad, loud=BAD}", only(refused).toString());
        assertTrue(refused.note().contains("does not pass 'transform 2' now"), refused::note);
    }

    @Test
    void whatNoPhaseHasSeenIsAsTheSourceHasIt() throws Exception {
        assertEquals(FailedPhaseInput.AS_READ, input(Failure.Phase.VALIDATE, "heat", true));
        assertEquals(
                FailedPhaseInput.AS_READ,
                input(new Failure(Failure.Phase.LOAD, Failure.BEHIND, "event 1-0 of its key", ""), "heat", true));
    }
}
