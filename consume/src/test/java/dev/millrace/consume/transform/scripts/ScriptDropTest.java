package dev.millrace.consume.transform.scripts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.consume.script.ScriptLimits;
import dev.millrace.consume.transform.Rehearsal;
import dev.millrace.consume.transform.Transformation;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What becomes at the destination of a row that a script drops, though it may have kept it before. */
class ScriptDropTest {
    private static final Schema ORDERS = new Schema(
            new TableName("public", "orders"),
            1,
            List.of(
                    new Column("id", DataType.of(Type.LONG), false, 1, "int8", 1),
                    new Column("status", DataType.of(Type.STRING), true, 0, "text", 2)));
    private static final String BY_VALUE = "function transform(e) { if (e.operation === 'DELETE') return e;"
            + " return e.values.status === 'test' ? null : e }";

    private final BatchWriter writer = new BatchWriter();
    private int rows;

    private void begin(Operation operation, long id, String status) {
        writer.beginTransaction(7, 1_714_564_800_000_000L, "0/1", rows++);
        writer.beginRow(operation, writer.schema(ORDERS));
        put(id, status);
    }

    private void put(long id, String status) {
        writer.putLong(id);
        if (status == null) {
            writer.putUnchanged();
        } else {
            writer.putString(status);
        }
    }

    private Rehearsal.Step run(String script) {
        Transformation transformation = new Transformation(
                List.of(new ScriptPhase("transform 1", "t.js", script, Optional.empty(), ScriptLimits.DEFAULT)));
        List<Rehearsal.Outcome> outcomes = new Rehearsal(transformation)
                .run(
                        writer.finish(1_714_564_801_000L, false, true, OffsetDelta.NONE)
                                .stored(42),
                        schema -> true,
                        100);
        return outcomes.get(0).steps().get(0);
    }

    private static List<String> told(Rehearsal.Step step) {
        assertEquals(Optional.empty(), step.refusal());
        return step.rows().stream()
                .map(row -> row.operation() + " " + row.table() + " " + row.values())
                .toList();
    }

    /** What comes of an update without the row before. */
    private List<String> updated(String script, long id, String status) {
        begin(Operation.UPDATE, id, status);
        writer.endRow();
        return told(run(script));
    }

    @Test
    void aRowDroppedForItsValuesIsDeletedWithoutTheRowBefore() {
        assertEquals(List.of("DELETE public.orders {id=1}"), updated(BY_VALUE, 1, "test"));
        assertEquals(List.of("UPDATE public.orders {id=1, status=live}"), updated(BY_VALUE, 1, "live"));
    }

    @Test
    void itIsDeletedWhereTheScriptPutsIt() {
        String elsewhere = "function transform(e) { e.values.id += 100; e.name = 'kept';"
                + " if (e.operation === 'DELETE') return e; return e.values.status === 'test' ? null : e }";
        assertEquals(List.of("DELETE public.kept {id=101}"), updated(elsewhere, 1, "test"));
    }

    @Test
    void aRowDroppedForItsKeyOrTheOperationWasNeverThere() {
        assertEquals(List.of(), updated("function transform(e) { return e.values.id > 5 ? null : e }", 7, "live"));
        assertEquals(
                List.of(),
                updated("function transform(e) { return e.operation === 'UPDATE' ? null : e }", 7, "live"),
                "updates are ignored, rows stay");
    }

    @Test
    void withTheRowBeforeItIsKnownWhetherItWasThere() {
        for (String before : List.of("live", "test")) {
            begin(Operation.UPDATE, 1, "test");
            writer.beginBefore();
            put(1, before);
            writer.endRow();
            assertEquals(
                    before.equals("live") ? List.of("DELETE public.orders {id=1}") : List.of(), told(run(BY_VALUE)));
        }
    }

    @Test
    void itFailsWhereNothingComesOfADelete() {
        for (String script : List.of(
                "function transform(e) { return e.values.status === 'test' ? null : e }",
                "function transform(e) { return e.operation === 'DELETE' || e.values.status === 'test' ? null : e }")) {
            begin(Operation.UPDATE, 1, "test");
            writer.endRow();
            Rehearsal.Refusal refusal = run(script).refusal().orElseThrow();
            assertEquals("SCRIPT_KEY_UNKNOWN", refusal.code(), script);
            assertTrue(refusal.remedy().contains("REPLICA IDENTITY FULL"), refusal.remedy());
        }
    }

    @Test
    void aNewRowThatIsDroppedIsNothing() {
        begin(Operation.INSERT, 1, "test");
        writer.endRow();
        assertEquals(List.of(), told(run(BY_VALUE)));
    }
}
