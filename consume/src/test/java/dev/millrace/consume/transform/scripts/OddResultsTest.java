package dev.millrace.consume.transform.scripts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.consume.script.ScriptLimits;
import dev.millrace.consume.transform.EventFailure;
import dev.millrace.consume.transform.Transformation;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What scripts do to an event's values, and give back, in unusual ways. */
class OddResultsTest {
    private static final String SECRET = "ada@example.org";
    private static final Schema PEOPLE = new Schema(
            new TableName("public", "people"),
            1,
            List.of(
                    new Column("id", DataType.of(Type.LONG), true, 0, "int8", 1),
                    new Column("email", DataType.of(Type.STRING), true, 0, "text", 2)));

    private final BatchWriter writer = new BatchWriter();
    private final List<EventFailure> failures = new ArrayList<>();

    /** What comes of two rows of a table without a key, as "column=value …". */
    private List<String> rows(String body) {
        failures.clear();
        writer.beginTransaction(7, 1_714_564_800_000_000L, "0/1", 0);
        for (long id = 1; id <= 2; id++) {
            writer.beginRow(Operation.INSERT, writer.schema(PEOPLE));
            writer.putLong(id);
            writer.putString(SECRET);
            writer.endRow();
        }
        Transformation transformation = new Transformation(List.of(new ScriptPhase(
                "transform 1",
                "t.js",
                "function transform(e) {\n" + body + "\n}",
                Optional.empty(),
                ScriptLimits.DEFAULT)));
        BatchReader reader = transformation
                .open((source, event, phase, failure) -> failures.add(failure))
                .open(writer.finish(1_714_564_801_000L, false, true, OffsetDelta.NONE)
                        .stored(42));
        List<String> rows = new ArrayList<>();
        while (reader.next()) {
            List<String> cells = new ArrayList<>();
            for (int i = 0; i < reader.schema().columns().size(); i++) {
                Column column = reader.schema().columns().get(i);
                Object value = reader.values().isNull(i)
                        ? null
                        : column.type() == Type.LONG
                                ? (Object) reader.values().longAt(i)
                                : reader.values().stringAt(i);
                cells.add(column.name() + "=" + value);
            }
            rows.add(String.join(" ", cells));
        }
        return rows;
    }

    @Test
    void aValueThatIsDefinedIsAValueThatIsSet() {
        assertEquals(
                List.of("id=1 email=x", "id=2 email=x"),
                rows(
                        "Object.defineProperty(e.values, 'email', {value: 'x', writable: true, enumerable: true, configurable: true});"
                                + " return e"));
        assertEquals(
                List.of("id=1 email=x more=y", "id=2 email=x more=y"),
                rows("Object.defineProperties(e.values, {email: {value: 'x'}, more: {value: 'y'}}); return e"));
        assertEquals(List.of(), rows("Object.defineProperty(e.values, 'email', {get() { return 'x' }}); return e"));
        assertEquals("SCRIPT_ERROR", failures.get(0).code());
    }

    @Test
    void whatIsAskedOfValuesIsAnsweredAsOfAnyObject() {
        assertEquals(
                List.of("id=1 email=true,true,false," + SECRET + ",id+email"),
                rows("var d = Object.getOwnPropertyDescriptor(e.values, 'email');"
                                + " e.values.email = [e.values.hasOwnProperty('email'), Object.hasOwn(e.values, 'id'),"
                                + " 'none' in e.values, d && d.value, Object.keys(e.values).join('+')].join(); return e")
                        .subList(0, 1));
        for (String copy : List.of(
                "{...e.values}",
                "Object.assign({}, e.values)",
                "Object.fromEntries(Object.entries(e.values))",
                "JSON.parse(JSON.stringify(e.values))",
                "(() => { var c = {}; for (var k in e.values) c[k] = e.values[k]; return c })()")) {
            assertEquals(
                    List.of("id=1 email=" + SECRET + " n=2,2,id", "id=2 email=" + SECRET + " n=2,2,id"),
                    rows("var v = " + copy + "; v.n = [Object.values(e.values).length, Object.keys(v).length,"
                            + " Object.keys(Object.getOwnPropertyDescriptors(v))[0]].join(); return {...e, values: v}"),
                    copy);
        }
        assertEquals(
                List.of("id=1 email=x", "id=2 email=x"),
                rows("Object.freeze(e); e.values.email = 'x'; return {...e, values: {...e.values}}"));
    }

    @Test
    void whatOnlyLooksLikeValuesIsNone() {
        for (String back : List.of(
                "new Map([['id', 1]])",
                "[[1, 2]]",
                "new Set([1])",
                "{values: () => 1}",
                "{values: [1, 2]}",
                "{values: new Map([['id', 1]])}",
                "{values: new Date()}",
                "{values: 'text'}")) {
            assertEquals(List.of(), rows("return " + back), back);
            assertEquals("SCRIPT_RESULT", failures.get(0).code(), back);
        }
    }

    @Test
    void literalsAreNewForEachEvent() {
        assertEquals(
                List.of("id=1 email=0", "id=2 email=0"),
                rows("var r = /a/g, before = r.lastIndex; r.test('aa'); e.values.email = before; return e"));
        List<String> tagged = rows("var t = (s => s)`a`; try { t.n = (t.n || 0) + 1 } catch (sealed) { }"
                + " e.values.email = String(t.n); return e");
        assertEquals(
                tagged.get(0).replace("id=1", ""), tagged.get(1).replace("id=2", ""), "one event's mark on another's");
    }

    @Test
    void aReasonThatIsListedHoldsNoValueOfTheRow() {
        for (String body : List.of(
                "throw new Error('bad ' + e.values.email)",
                "throw e.values.email",
                "throw {toString() { return e.values.email }}",
                "null[e.values.email]",
                "undefined[e.values.email]()",
                "e.values[e.values.email]()",
                "Time.format(e.values.email, 'yyyy')",
                "Time.parse(e.values.email, 'yyyy')",
                "Time.plus('2024-01-01', 1, e.values.email)",
                "Time.inZone('2024-01-01', e.values.email)",
                "new RegExp('(' + e.values.email)",
                "BigInt(e.values.email)",
                "e.operation = e.values.email; return e",
                "e.key = [e.values.email]; return e")) {
            assertEquals(List.of(), rows(body), body);
            EventFailure failure = failures.get(0);
            assertFalse(failure.whyWithoutValues().contains("ada"), () -> body + ": " + failure.whyWithoutValues());
            assertFalse(failure.remedy().contains("ada"), body);
            assertTrue(failure.whyWithoutValues().length() > 10, failure.whyWithoutValues());
        }
    }
}
