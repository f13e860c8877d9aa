package dev.millrace.consume.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.LoadRules;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.transform.FailedEvents;
import dev.millrace.consume.transform.Transformation;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import dev.millrace.storage.testing.MemoryState;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonPhaseTest {
    private static final String NESTED = "{\"a\":[1,[2,3]],\"b\":{\"c\":[{\"d\":[4]}]}}";

    private final MemoryState state = new MemoryState();
    private int depth = 8;
    private int columns = 500;
    private OnDelete onDelete = OnDelete.HARD;
    private Operation operation = Operation.INSERT;

    @Test
    void whatStaysAsItIsNeedsNoPhase() {
        assertTrue(
                JsonPhase.of(new JsonSettings(JsonStrategy.COLUMNS, 8, 500), shapes(), LoadRules.merge(OnDelete.HARD))
                        .isEmpty());
    }

    @Test
    void arraysBecomeTextAsTheStrategySays() {
        assertEquals(List.of("t: id=1 doc=" + NESTED), convert(JsonStrategy.TEXT, NESTED));
        assertEquals(
                List.of("t: id=1 doc={\"a\":\"[1,[2,3]]\",\"b\":{\"c\":\"[{\\\"d\\\":[4]}]\"}}"),
                convert(JsonStrategy.ARRAYS_AS_TEXT, NESTED));
        assertEquals(
                List.of("t: id=1 doc={\"a\":[1,\"[2,3]\"],\"b\":{\"c\":[{\"d\":\"[4]\"}]}}"),
                convert(JsonStrategy.NESTED_ARRAYS_AS_TEXT, NESTED));
        assertEquals(List.of("t: id=1 doc=\"[1]\""), convert(JsonStrategy.ARRAYS_AS_TEXT, "[1]"));
    }

    @Test
    void objectsBecomeColumnsAndArraysChildTables() {
        assertEquals(
                List.of(
                        "t: id=1 doc_a=x doc_b_c=true doc_b_d=1.5",
                        "t_doc_e: parent_id=1 array_index=0 f=1 g=null value=null",
                        "t_doc_e: parent_id=1 array_index=1 f=null g=y value=null",
                        "t_doc_e: parent_id=1 array_index=2 f=null g=null value=z",
                        "t_doc_e: parent_id=1 array_index=3 f=null g=null value=null"),
                convert(
                        JsonStrategy.FLATTEN,
                        "{\"a\":\"x\",\"b\":{\"c\":true,\"d\":1.5},\"e\":[{\"f\":1},{\"g\":\"y\"},\"z\",null]}"));
    }

    @Test
    void arraysWithinArraysAreTablesOfTheirOwnAtEveryDepth() {
        assertEquals(
                List.of(
                        "t: id=1",
                        "t_doc: parent_id=1 array_index=0 a=x",
                        "t_doc: parent_id=1 array_index=1 a=null",
                        "t_doc_b_c: parent_id=1 array_index=0 array_index_2=0 d=1",
                        "t_doc_b_c: parent_id=1 array_index=0 array_index_2=1 d=2",
                        "t_doc_value: parent_id=1 array_index=1 array_index_2=0 value=3",
                        "t_doc_value: parent_id=1 array_index=1 array_index_2=1 value=null",
                        "t_doc_value_value: parent_id=1 array_index=1 array_index_2=1 array_index_3=0 value=4"),
                convert(JsonStrategy.FLATTEN, "[{\"a\":\"x\",\"b\":{\"c\":[{\"d\":1},{\"d\":2}]}},[3,[4]]]"));
        assertEquals(
                List.of(
                        "t: id=1",
                        "t_doc: parent_id=1 array_index=0 a=null",
                        "-t_doc: parent_id=1 array_index=1 a=unchanged",
                        "t_doc_b_c: parent_id=1 array_index=0 array_index_2=0 d=5",
                        "-t_doc_b_c: parent_id=1 array_index=0 array_index_2=1 d=unchanged",
                        "-t_doc_value: parent_id=1 array_index=1 array_index_2=0 value=unchanged",
                        "-t_doc_value: parent_id=1 array_index=1 array_index_2=1 value=unchanged",
                        "-t_doc_value_value: parent_id=1 array_index=1 array_index_2=1 array_index_3=0 value=unchanged"),
                convert(JsonStrategy.FLATTEN, "[{\"b\":{\"c\":[{\"d\":5}]}}]"));
        depth = 1;
        assertEquals(
                "t_other_doc: parent_id=1 array_index=0 value=[2]",
                convertOther("[[2]]").get(1));
    }

    @Test
    void whereDeletesAreIgnoredADocumentStillReplacesItsChildRows() {
        onDelete = OnDelete.IGNORE;
        convert(JsonStrategy.FLATTEN, "[1,2,3]");
        assertEquals(
                List.of(
                        "t: id=1",
                        "t_doc: parent_id=1 array_index=0 value=4",
                        "-t_doc: parent_id=1 array_index=1 value=unchanged",
                        "-t_doc: parent_id=1 array_index=2 value=unchanged"),
                convert(JsonStrategy.FLATTEN, "[4]"));
        operation = Operation.DELETE;
        assertEquals(List.of("-t: id=1"), convert(JsonStrategy.FLATTEN, "[4]"));
        onDelete = OnDelete.SOFT;
        assertEquals(4, convert(JsonStrategy.FLATTEN, "[4]").size());
    }

    @Test
    void aPathThatIsAnObjectHereAndPlainThereHasBoth() {
        convert(JsonStrategy.FLATTEN, "{\"a\":{\"b\":1}}");
        assertEquals(List.of("t: id=1 doc_a_b=null doc_a=5"), convert(JsonStrategy.FLATTEN, "{\"a\":5}"));
        assertEquals(List.of("t: id=1 doc_a_b=null doc_a=null doc=7"), convert(JsonStrategy.FLATTEN, "7"));
        assertEquals(
                List.of("t: id=1 doc_a_b=null doc_a=null doc=null", "t_doc_a: parent_id=1 array_index=0 value=8"),
                convert(JsonStrategy.FLATTEN, "{\"a\":[8]}"));
        assertEquals(
                List.of("t: id=1 doc_a_b=null doc_a=null doc=7", "-t_doc_a: parent_id=1 array_index=0 value=unchanged"),
                convert(JsonStrategy.FLATTEN, "7"));
    }

    @Test
    void typesGrowOnlyUpwardAndNumbersStayExact() {
        assertEquals(List.of("t: id=1 doc=1"), convert(JsonStrategy.FLATTEN, "1"));
        assertEquals(
                List.of("t: id=1 doc=0.1000000000000000055511151231257827"),
                convert(JsonStrategy.FLATTEN, "0.1000000000000000055511151231257827"));
        assertEquals(
                List.of("t: id=1 doc=123456789012345678901234567890"),
                convert(JsonStrategy.FLATTEN, "123456789012345678901234567890"));
        assertEquals(List.of("t: id=1 doc=1e999999999"), convert(JsonStrategy.FLATTEN, "1e999999999"));
        assertEquals(List.of("t: id=1 doc=true"), convert(JsonStrategy.FLATTEN, "true"));
    }

    @Test
    void oddJsonHasADefinedOutcome() {
        assertEquals(List.of("t: id=1 doc_a_y=2"), convert(JsonStrategy.FLATTEN, "{\"a\":{\"x\":1},\"a\":{\"y\":2}}"));
        assertEquals(
                List.of("t: id=1 doc_a_y=null doc=\ufffd\ufffd\ud83d\ude00"),
                convert(JsonStrategy.FLATTEN, "\"\\ud800\\u0000\\ud83d\\ude00\""));
        assertFails("JSON_MALFORMED", "{\"a\":NaN}");
        assertFails("JSON_MALFORMED", "{\"a\":1} 2");
        assertFails("JSON_MALFORMED", "");
        assertFails("JSON_MALFORMED", "[1,");
        assertFails("JSON_TOO_LARGE", "[".repeat(600) + "]".repeat(600));
        assertFails("JSON_TOO_LARGE", "1".repeat(200_000));
    }

    @Test
    void nothingIsReadBeyondADocumentsEnd() {
        byte[] around = ("12345678\"" + "s".repeat(20_000) + "\"true").getBytes(StandardCharsets.UTF_8);
        assertEquals(new JsonValue.Text("s".repeat(20_000)), JsonValue.Reader.read("doc", around, 8, 20_002));
    }

    @Test
    void limitsHold() {
        depth = 1;
        assertEquals(
                List.of("t: id=1 doc_a={\"b\":{\"c\":1}}"), convert(JsonStrategy.FLATTEN, "{\"a\":{\"b\":{\"c\":1}}}"));
        columns = 3;
        assertFails("JSON_TOO_MANY_COLUMNS", "{\"p\":1,\"q\":1,\"r\":1,\"s\":1}");
    }

    @Test
    void aTableWithoutAKeyKeepsItsArraysAsJson() {
        Schema schema = new Schema(
                new TableName("", "t"),
                1,
                List.of(
                        new Column("id", DataType.of(Type.LONG), true, 0, "", 1),
                        new Column("doc", DataType.of(Type.MAP), true, 0, "json", 2)));
        assertEquals(
                List.of("t: id=1 doc_a=[1,2] doc_b=x"),
                convert(schema, JsonStrategy.FLATTEN, "{\"a\":[1,2],\"b\":\"x\"}"));
    }

    @Test
    void childRowsGoWithTheirRowThoughTheirColumnIsGone() {
        convert(JsonStrategy.FLATTEN, "{\"a\":[1,2],\"b\":\"x\"}");
        Schema without = new Schema(
                new TableName("", "t"),
                2,
                List.of(
                        new Column("id", DataType.of(Type.LONG), false, 1, "", 1),
                        new Column("doc", DataType.of(Type.STRING), true, 0, "text", 3)));
        operation = Operation.UPDATE;
        assertEquals(List.of("t: id=1 doc=y doc_b=unchanged"), convert(without, JsonStrategy.FLATTEN, "y"));
        operation = Operation.DELETE;
        assertEquals(
                List.of(
                        "-t: id=1 doc=y doc_b=unchanged",
                        "-t_doc_a: parent_id=1 array_index=0 value=unchanged",
                        "-t_doc_a: parent_id=1 array_index=1 value=unchanged"),
                convert(without, JsonStrategy.FLATTEN, "y"));
        operation = Operation.INSERT;
        assertEquals(List.of("t: id=1 doc=z doc_b=null"), convert(without, JsonStrategy.FLATTEN, "z"));
    }

    private void assertFails(String code, String document) {
        assertEquals(
                code,
                assertThrows(MillraceException.class, () -> convert(JsonStrategy.FLATTEN, document))
                        .code());
    }

    private LearnedShapes shapes() {
        return new LearnedShapes(state, "p");
    }

    private List<String> convert(JsonStrategy strategy, String document) {
        return convert(keyed("t"), strategy, document);
    }

    private List<String> convertOther(String document) {
        return convert(keyed("t_other"), JsonStrategy.FLATTEN, document);
    }

    private static Schema keyed(String table) {
        return new Schema(
                new TableName("", table),
                1,
                List.of(
                        new Column("id", DataType.of(Type.LONG), false, 1, "", 1),
                        new Column("doc", DataType.of(Type.MAP), true, 0, "json", 2)));
    }

    private List<String> convert(Schema schema, JsonStrategy strategy, String document) {
        BatchWriter writer = new BatchWriter();
        writer.beginTransaction(1, 0, "0/1", 0);
        writer.beginRow(operation, writer.schema(schema));
        writer.putLong(1);
        writer.putString(document);
        writer.endRow();
        BatchReader reader = new Transformation(List.of(
                        JsonPhase.of(new JsonSettings(strategy, depth, columns), shapes(), LoadRules.merge(onDelete))
                                .orElseThrow()))
                .open(FailedEvents.STOP)
                .open(writer.finish(0, false, true, OffsetDelta.NONE).stored(1));
        List<String> rows = new ArrayList<>();
        while (reader.next()) {
            StringBuilder row = new StringBuilder(reader.schema().table() + ":");
            Cells cells = reader.values();
            for (int i = 0; i < cells.schema().columns().size(); i++) {
                Column column = cells.schema().columns().get(i);
                row.append(' ').append(column.name()).append('=').append(text(cells, i, column.type()));
            }
            rows.add((reader.operation() == Operation.DELETE ? "-" : "") + row);
        }
        return rows;
    }

    private static String text(Cells cells, int at, Type type) {
        if (cells.isNull(at) || cells.isUnchanged(at)) {
            return cells.isNull(at) ? "null" : "unchanged";
        }
        return switch (type) {
            case BOOLEAN -> Boolean.toString(cells.booleanAt(at));
            case LONG, INTEGER -> Long.toString(cells.longAt(at));
            case DECIMAL -> cells.decimalAt(at).toPlainString();
            default -> cells.stringAt(at);
        };
    }
}
