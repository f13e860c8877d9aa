package dev.millrace.consume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.Finding;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.consume.testing.StepBench;
import dev.millrace.consume.testing.TableFeed;
import dev.millrace.consume.transform.Phases;
import dev.millrace.consume.transform.Transformation;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Transformed tables from the log to the destination, through changes of their shape, truncation and historical loads. */
class TransformTest {
    private static final Column ID = StepBench.key("id", Type.INTEGER);
    private static final Column N = StepBench.column("n", Type.INTEGER);
    private static final Column TEXT = StepBench.column("t", Type.STRING);

    @TempDir
    Path folder;

    @Test
    void aNewColumnGoesThroughTheSameSteps() throws Exception {
        Pipe pipe = pipe("- upper: [t]\n- rename: {t: word}\n- table: words");
        TableFeed feed = new TableFeed(pipe, "item").schema(1, ID, TEXT).row(Operation.INSERT, 1, "a");
        pipe.drain(OnDelete.HARD);
        feed.schema(2, ID, N, TEXT).row(Operation.INSERT, 2, 5, "b");
        pipe.drain(OnDelete.HARD);
        assertEquals(List.of("1|A|null", "2|B|5"), pipe.query("SELECT id, word, n FROM public.words ORDER BY id"));
    }

    @Test
    void aColumnThatAStepNeedsIsMissedBeforeTheFirstRowWithoutIt() throws Exception {
        Pipe pipe = pipe("- upper: [t]");
        TableFeed feed = new TableFeed(pipe, "item").schema(1, ID, TEXT).row(Operation.INSERT, 1, "a");
        pipe.drain(OnDelete.HARD);
        feed.schema(2, ID).row(Operation.INSERT, 2);
        MillraceException stopped = assertThrows(MillraceException.class, () -> pipe.drain(OnDelete.HARD));
        assertEquals("TRANSFORM_INVALID", stopped.code());
        assertTrue(stopped.getMessage().contains("there is no column 't' here"), stopped.getMessage());
        assertEquals(List.of("1|A"), pipe.query("SELECT id, t FROM public.item"));
    }

    @Test
    void stepsAndScriptsTakeTurns() throws Exception {
        Files.writeString(
                folder.resolve("twice.js"),
                "function transform(event) { event.values.word += event.values.word; return event; }");
        Pipe pipe = pipe("- rename: {t: word}\n- table: words\n- script: twice.js\n- upper: [word]");
        new TableFeed(pipe, "item").schema(1, ID, TEXT).row(Operation.INSERT, 1, "ab");
        pipe.drain(OnDelete.HARD);
        assertEquals(List.of("1|ABAB"), pipe.query("SELECT id, word FROM public.words"));
    }

    @Test
    void everyRouteIsTruncatedAndLoadedAgainWithItsTable() throws Exception {
        Pipe pipe = pipe("- route: {when: n > 5, to: large}");
        TableFeed feed = new TableFeed(pipe, "item")
                .schema(1, ID, N)
                .row(Operation.INSERT, 1, 1)
                .row(Operation.INSERT, 2, 10);
        pipe.drain(OnDelete.HARD);
        assertEquals(List.of("1|1"), pipe.query("SELECT id, n FROM public.item"));
        assertEquals(List.of("2|10"), pipe.query("SELECT id, n FROM public.large"));
        feed.control(Operation.LOAD_STARTED).row(Operation.READ, 3, 3).row(Operation.READ, 4, 40);
        pipe.drain(OnDelete.HARD);
        assertEquals(List.of("2|10"), pipe.query("SELECT id, n FROM public.large"), "the new load is not whole");
        feed.control(Operation.LOAD_COMPLETED);
        pipe.drain(OnDelete.HARD);
        assertEquals(List.of("3|3"), pipe.query("SELECT id, n FROM public.item"));
        assertEquals(List.of("4|40"), pipe.query("SELECT id, n FROM public.large"));
        feed.control(Operation.TRUNCATE).row(Operation.INSERT, 5, 50);
        pipe.drain(OnDelete.HARD);
        assertEquals(List.of(), pipe.query("SELECT id, n FROM public.item"));
        assertEquals(List.of("5|50"), pipe.query("SELECT id, n FROM public.large"));
    }

    @Test
    void anotherDefinitionGoesOnFromWhereTheFirstOneEnded() throws Exception {
        Pipe pipe = pipe("- exclude: [t]");
        TableFeed feed = new TableFeed(pipe, "item").schema(1, ID, N, TEXT).row(Operation.INSERT, 1, 1, "a");
        pipe.drain(OnDelete.HARD);
        pipe.transform = pipe("- exclude: [n]\n- upper: [t]").transform;
        pipe.drain(OnDelete.HARD);
        feed.row(Operation.INSERT, 2, 2, "b");
        pipe.drain(OnDelete.HARD);
        assertEquals(List.of("1|1|null", "2|null|B"), pipe.query("SELECT id, n, t FROM public.item ORDER BY id"));
    }

    @Test
    void aCheckTellsWhatBecomesOfEachTable() throws Exception {
        String steps =
                "transform:\n  - objects: [item, other]\n    steps:\n      - table: \"x_{table}\"\n      - upper: [t]\n"
                        + "  - objects: [x_item]\n    steps: [{set: {id: {value: id + t, type: string}}}]";
        Transformation transformation = Phases.of(StepBench.load(folder, steps));
        List<Schema> tables = List.of(schema("item", ID, TEXT), schema("other", ID), schema("third", ID));
        List<Finding> findings = transformation.check(tables, table -> false);
        assertEquals(
                List.of("FAILED TRANSFORM_NEEDS_WHOLE_ROWS", "FAILED TRANSFORM_INVALID"),
                findings.stream().map(each -> each.status() + " " + each.code()).toList());
        assertEquals("transform public.item", findings.get(0).probe());
        assertTrue(
                findings.get(1).detail().contains("there is no column 't' here"),
                findings.get(1).detail());
        assertEquals(
                Finding.Status.OK,
                transformation.check(tables, table -> true).get(0).status());
        MillraceException refused =
                assertThrows(MillraceException.class, () -> transformation.require(tables, table -> false, false));
        assertEquals("TRANSFORM_NEEDS_WHOLE_ROWS", refused.code());
        assertTrue(refused.remedy().contains("ALTER TABLE public.item REPLICA IDENTITY FULL"), refused.remedy());
        transformation.require(tables, table -> true, false);
        assertThrows(MillraceException.class, () -> transformation.require(tables, table -> true, true));
    }

    private static Schema schema(String table, Column... columns) {
        return new Schema(new TableName("public", table), 1, List.of(columns));
    }

    private Pipe pipe(String steps) throws Exception {
        Pipe pipe = new Pipe(folder);
        pipe.transform = StepBench.load(folder, "transform:\n  - steps:\n" + steps.indent(6))
                .transform();
        return pipe;
    }
}
