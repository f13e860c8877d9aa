package dev.millrace.consume.transform.scripts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.setting.Secret;
import dev.millrace.config.transform.ScriptBounds;
import dev.millrace.consume.script.ScriptLimits;
import dev.millrace.consume.transform.FailedEvents;
import dev.millrace.consume.transform.Rehearsal;
import dev.millrace.consume.transform.Transformation;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ScriptPhaseTest {
    private static final Schema ORDERS = new Schema(
            new TableName("public", "orders"),
            3,
            List.of(
                    column("id", Type.LONG, 1),
                    column("first", Type.STRING, 0),
                    column("last", Type.STRING, 0),
                    new Column("price", DataType.decimal(10, 2), true, 0, "", 0),
                    column("doc", Type.MAP, 0)));

    private final BatchWriter writer = new BatchWriter();
    private int rows;

    private static Column column(String name, Type type, int key) {
        return new Column(name, DataType.of(type), key == 0, key, "", 0);
    }

    private static Transformation script(String text) {
        return script(text, ScriptLimits.DEFAULT);
    }

    private static Transformation script(String text, ScriptLimits limits) {
        return new Transformation(
                List.of(new ScriptPhase("transform 1", "t.js", text, Optional.of(new Secret("pepper")), limits)));
    }

    private void row(Operation operation, long id, String first, String last, String price, String doc) {
        begin();
        writer.beginRow(operation, writer.schema(ORDERS));
        put(id, first, last, price, doc);
        writer.endRow();
    }

    private void begin() {
        writer.beginTransaction(7, 1_714_564_800_000_000L, "0/1", rows);
        rows++;
    }

    private void put(long id, String first, String last, String price, String doc) {
        writer.putLong(id);
        text(first);
        text(last);
        if (price == null) {
            writer.putNull();
        } else if (price.equals("?")) {
            writer.putUnchanged();
        } else {
            writer.putDecimal(new java.math.BigDecimal(price));
        }
        text(doc);
    }

    private void text(String text) {
        if (text == null) {
            writer.putNull();
        } else if (text.equals("?")) {
            writer.putUnchanged();
        } else {
            writer.putString(text);
        }
    }

    private StoredBatch batch() {
        return writer.finish(1_714_564_801_000L, false, true, OffsetDelta.NONE).stored(42);
    }

    private List<Rehearsal.Outcome> run(String text) {
        return new Rehearsal(script(text)).run(batch(), schema -> true, 100);
    }

    private static List<Rehearsal.Row> rowsOf(Rehearsal.Outcome outcome) {
        assertEquals(1, outcome.steps().size(), outcome::toString);
        assertEquals(Optional.empty(), outcome.steps().get(0).refusal());
        return outcome.steps().get(0).rows();
    }

    private static Rehearsal.Refusal refusalOf(Rehearsal.Outcome outcome) {
        return outcome.steps().get(0).refusal().orElseThrow();
    }

    private Object shape(String text) {
        StoredBatch batch = batch();
        BatchReader reader = script(text).open(FailedEvents.STOP).open(batch);
        List<String> shapes = new ArrayList<>();
        while (reader.next()) {
            List<String> columns = new ArrayList<>();
            reader.schema().columns().forEach(column -> columns.add(column.name() + " " + column.type()));
            String shape = String.join(", ", columns);
            if (shapes.isEmpty() || !shapes.get(shapes.size() - 1).equals(shape)) {
                shapes.add(shape);
            }
        }
        return shapes;
    }

    @Test
    void aScriptChangesAddsAndRemovesColumns() {
        row(Operation.INSERT, 1, "Ada", "Lovelace", "9.90", "{\"a\": [1]}");
        Rehearsal.Row row = rowsOf(
                        run("function transform(event) { var v = event.values; v.full = v.first + ' ' + v.last;"
                                        + " v.price = v.price * 2; delete v.last; if (v.doc.a) v.doc.a.push(2); return event }")
                                .get(0))
                .get(0);
        assertEquals(
                "{id=1, first=Ada, price=19.80, doc={\"a\":[1,2]}, full=Ada Lovelace}",
                row.values().toString());
        assertEquals("INSERT public.orders", row.operation() + " " + row.table());
    }

    @Test
    void whatWasNotTouchedIsTheSameBytes() {
        row(Operation.INSERT, 1, "Ada", "Lovelace", "9.9", "{\"b\" : 1.0,  \"a\":[ ]}");
        Rehearsal.Row row = rowsOf(
                        run("function transform(e) { if (e.values.doc.b == 1 && e.values.price > 9) e.values.x = true; return e }")
                                .get(0))
                .get(0);
        assertEquals("{\"b\" : 1.0,  \"a\":[ ]}", row.values().get("doc"));
        assertEquals("9.9", row.values().get("price"));
    }

    @Test
    void anEventIsDroppedRoutedOrBecomesSeveral() {
        row(Operation.INSERT, 1, "drop", "", "1", "{}");
        row(Operation.INSERT, 2, "route", "", "1", "{}");
        row(Operation.INSERT, 3, "split", "", "1", "[\"x\",\"y\"]");
        List<Rehearsal.Outcome> outcomes = run("""
                function transform(event) {
                    var v = event.values;
                    if (v.first === 'drop') return null;
                    if (v.first === 'route') { event.name = 'archive'; return event; }
                    return v.doc.map((tag, i) => ({name: 'tags', key: ['order_id', 'n'], values: {order_id: v.id, n: i, tag}}));
                }""");
        assertEquals(List.of(), rowsOf(outcomes.get(0)));
        assertEquals("public.archive", rowsOf(outcomes.get(1)).get(0).table());
        List<Rehearsal.Row> tags = rowsOf(outcomes.get(2));
        assertEquals(
                List.of("{order_id=3, n=0, tag=x}", "{order_id=3, n=1, tag=y}"),
                tags.stream().map(row -> row.values().toString()).toList());
    }

    @Test
    void typesOnlyGoUp() {
        row(Operation.INSERT, 1, "a", "", "1", "{\"n\": 1}");
        row(Operation.INSERT, 2, "a", "", "1", "{\"n\": 1.5}");
        row(Operation.INSERT, 3, "a", "", "1", "{\"n\": 2}");
        row(Operation.INSERT, 4, "a", "", "1", "{\"n\": \"text\"}");
        row(Operation.INSERT, 5, "a", "", "1", "{\"n\": 7}");
        assertEquals(
                List.of("id LONG, n LONG", "id LONG, n DOUBLE", "id LONG, n STRING"),
                shape("function transform(e) { e.values = {id: e.values.id, n: e.values.doc.n}; return e }"));
    }

    @Test
    void aSourceColumnKeepsItsTypeWhileTheValueFits() {
        row(Operation.INSERT, 1, "a", "", "1.00", "{}");
        row(Operation.INSERT, 2, "a", "", "1.25", "{}");
        assertEquals(
                List.of("id LONG, price DECIMAL", "id LONG, price DECIMAL"),
                shapeWithParameters(
                        "function transform(e) { e.values = {id: e.values.id, price: e.values.price / 2}; return e }"));
    }

    private List<String> shapeWithParameters(String text) {
        StoredBatch batch = batch();
        BatchReader reader = script(text).open(FailedEvents.STOP).open(batch);
        List<String> shapes = new ArrayList<>();
        List<Integer> scales = new ArrayList<>();
        while (reader.next()) {
            shapes.add("id LONG, price " + reader.schema().columns().get(1).type());
            scales.add(reader.schema().columns().get(1).dataType().scale());
        }
        assertEquals(List.of(2, 0), scales, "0.5 fits two digits, 0.625 doesn't");
        return shapes;
    }

    @Test
    void anUpdateOfTheKeyMovesTheRow() {
        begin();
        writer.beginRow(Operation.UPDATE, writer.schema(ORDERS));
        put(2, "a", "b", "1", "{}");
        writer.beginBefore();
        put(1, "?", "?", "?", "?");
        writer.endRow();
        Rehearsal.Row kept = rowsOf(run("function transform(e) { e.values.full = e.values.first; return e }")
                        .get(0))
                .get(0);
        assertEquals(Map.of("id", 1L), kept.before());
        begin();
        writer.beginRow(Operation.UPDATE, writer.schema(ORDERS));
        put(2, "a", "b", "1", "{}");
        writer.beginBefore();
        put(1, "?", "?", "?", "?");
        writer.endRow();
        Rehearsal.Row moved = rowsOf(run("function transform(e) { e.values.id += 100; return e }")
                        .get(0))
                .get(0);
        assertEquals(102L, moved.values().get("id"));
        assertEquals(101L, moved.before().get("id"));
    }

    @Test
    void aKeyOfOtherColumnsNeedsTheRowBeforeAnUpdate() {
        String derived = "function transform(e) { e.values.id = e.values.first === 'vip' ? 1000 : 2000; return e }";
        String chosen = "function transform(e) { e.key = ['first']; return e }";
        String ofKey = "function transform(e) { e.values.id += 100; return e }";
        String same = "function transform(e) { return {values: {id: e.values.id, first: e.values.first.trim()}} }";
        for (String text : List.of(derived, chosen, ofKey, same)) {
            row(Operation.UPDATE, 1, "vip", "x", "1", "{}");
            Rehearsal.Outcome outcome = run(text).get(0);
            if (text.equals(ofKey) || text.equals(same)) {
                assertEquals(
                        text.equals(ofKey) ? 101L : 1L,
                        rowsOf(outcome).get(0).values().get("id"));
            } else {
                assertEquals("SCRIPT_KEY_UNKNOWN", refusalOf(outcome).code(), text);
                assertTrue(refusalOf(outcome).remedy().contains("REPLICA IDENTITY FULL"), text);
            }
        }
        row(Operation.INSERT, 1, "vip", "x", "1", "{}");
        assertEquals(1000L, rowsOf(run(derived).get(0)).get(0).values().get("id"));
        begin();
        writer.beginRow(Operation.UPDATE, writer.schema(ORDERS));
        put(1, "plain", "x", "1", "{}");
        writer.beginBefore();
        put(1, "vip", "x", "1", "{}");
        writer.endRow();
        Rehearsal.Row moved = rowsOf(run(derived).get(0)).get(0);
        assertEquals(2000L, moved.values().get("id"));
        assertEquals(1000L, moved.before().get("id"));
    }

    @Test
    void aDeleteHasOnlyItsKey() {
        row(Operation.DELETE, 1, "?", "?", "?", "?");
        row(Operation.DELETE, 2, "?", "?", "?", "?");
        List<Rehearsal.Outcome> outcomes = run(
                "function transform(e) { e.values.id *= 10; if (e.values.id == 20) e.values.full = e.values.first; return e }");
        assertEquals(Map.of("id", 10L), rowsOf(outcomes.get(0)).get(0).values());
        Rehearsal.Refusal refusal = refusalOf(outcomes.get(1));
        assertEquals("SCRIPT_VALUE_UNKNOWN", refusal.code());
        assertEquals("first", refusal.column());
        assertTrue(refusal.remedy().contains("REPLICA IDENTITY FULL"), refusal.remedy());
    }

    @Test
    void aRefusalNamesTheLine() {
        row(Operation.INSERT, 1, null, "x", "1", "{}");
        Rehearsal.Refusal refusal =
                refusalOf(run("function transform(e) {\n  var v = e.values;\n  v.first.trim();\n  return e }")
                        .get(0));
        assertEquals("SCRIPT_ERROR", refusal.code());
        assertTrue(refusal.why().endsWith("(line 3)"), refusal.why());
    }

    @Test
    void whatIsNoEventIsRefused() {
        for (String back : List.of(
                "",
                "return 5",
                "return {}",
                "return [1]",
                "e.operation = 'X'; return e",
                "e.name = ''; return e",
                "e.key = ['nothing']; return e",
                "e.values.f = () => 1; return e",
                "e.values.id = null; return e",
                "return Array.from({length: 10001}, () => e)")) {
            row(Operation.INSERT, 1, "a", "x", "1", "{}");
            List<Rehearsal.Outcome> outcomes = run("function transform(e) { " + back + " }");
            assertTrue(
                    List.of("SCRIPT_RESULT", "SCRIPT_ERROR")
                            .contains(refusalOf(outcomes.get(0)).code()),
                    back);
        }
    }

    @Test
    void whatAnEventMayTakeIsTheDefinitionsToSay() {
        String three = "function transform(e) { return [e, e, e] }";
        String busy =
                "function transform(e) { var n = 0; for (var i = 0; i < 300000; i++) { n += i } e.values.n = n; return e }";
        String large = "function transform(e) { var t = 'x'.repeat(100000); e.values.n = t.length; return e }";
        String greedy =
                "function transform(e) { var all = []; for (var i = 0; i < 100000; i++) { all.push({i: i}) } return e }";
        ScriptLimits few = ScriptLimits.of(new ScriptBounds(Duration.ofSeconds(5), 200_000, 64 << 20, 2));
        ScriptLimits small = ScriptLimits.of(new ScriptBounds(Duration.ofSeconds(20), 50_000_000, 1 << 20, 2));
        ScriptLimits wide = ScriptLimits.of(new ScriptBounds(Duration.ofSeconds(20), 50_000_000, 128 << 20, 3));
        Map<String, String> refusals = Map.of(
                three, "SCRIPT_RESULT", busy, "SCRIPT_STEPS", large, "SCRIPT_TOO_LARGE", greedy, "SCRIPT_MEMORY");
        refusals.forEach((text, code) -> {
            row(Operation.INSERT, 1, "a", "x", "1", "{}");
            StoredBatch batch = batch();
            Rehearsal.Outcome refused = new Rehearsal(script(text, text.equals(busy) ? few : small))
                    .run(batch, schema -> true, 1)
                    .get(0);
            assertEquals(code, refusalOf(refused).code(), refused::toString);
            Rehearsal.Outcome passed = new Rehearsal(script(text, wide))
                    .run(batch, schema -> true, 1)
                    .get(0);
            assertEquals(Optional.empty(), passed.steps().get(0).refusal());
        });
    }

    @Test
    void nothingIsLeftForTheNextEvent() {
        row(Operation.INSERT, 1, "a", "x", "1", "{}");
        row(Operation.INSERT, 2, "a", "x", "1", "{}");
        List<Rehearsal.Outcome> outcomes = run(
                "var seen = 0; let list = []; function transform(e) { seen++; list.push(1); e.values.seen = seen + list.length; return e }");
        assertEquals(2L, rowsOf(outcomes.get(0)).get(0).values().get("seen"));
        assertEquals(2L, rowsOf(outcomes.get(1)).get(0).values().get("seen"));
    }

    @Test
    void aScriptThatIsNoneIsFoundBeforeAnyEvent() {
        for (String text : List.of(
                "function transfrom(e) {}",
                "function transform(e) {",
                "function transform(e) { return evnt }",
                "function transform(e) { return fetch('http://x') }")) {
            MillraceException invalid = assertThrows(MillraceException.class, () -> script(text));
            assertEquals("SCRIPT_INVALID", invalid.code());
            assertTrue(invalid.what().startsWith("t.js:1:"), invalid.what());
        }
    }

    @Test
    void everyTypeComesBackAsItWent() {
        for (TypeSamples.Sample sample : TypeSamples.all()) {
            Schema schema = new Schema(
                    new TableName("", "t"),
                    1,
                    List.of(column("id", Type.INTEGER, 1), new Column("c", sample.type(), true, 0, "", 0)));
            begin();
            writer.beginRow(Operation.INSERT, writer.schema(schema));
            writer.putLong(1);
            Consumer<BatchWriter> put = sample.put();
            put.accept(writer);
            writer.endRow();
            StoredBatch batch = batch();
            BatchReader before = new BatchReader();
            before.open(batch);
            assertTrue(before.next());
            BatchReader after = script("function transform(e) { var c = e.values.c; e.values.c = c; return e }")
                    .open(FailedEvents.STOP)
                    .open(batch);
            assertTrue(after.next());
            assertEquals(sample.type(), after.schema().columns().get(1).dataType(), sample::toString);
            assertEquals(cell(before), cell(after), sample::toString);
        }
    }

    private static String cell(BatchReader reader) {
        int at = reader.values().encodedOffset(1);
        byte[] buffer = reader.values().buffer();
        return Arrays.toString(
                Arrays.copyOfRange(buffer, at, at + reader.values().encodedLength(1)));
    }
}
