package dev.millrace.consume.json;

import dev.millrace.consume.transform.EventSink;
import dev.millrace.consume.transform.EventView;
import dev.millrace.consume.transform.RowProgram;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The strategies that make one cell of one: text, or JSON in which arrays are text. */
final class TextProgram implements RowProgram {
    private final Schema output;
    private final boolean[] rewritten;
    private final JsonStrategy strategy;

    TextProgram(Schema input, JsonStrategy strategy) {
        this.strategy = strategy;
        this.rewritten = new boolean[input.columns().size()];
        List<Column> columns = new ArrayList<>();
        for (Column column : input.columns()) {
            boolean json = JsonPhase.isConverted(column);
            rewritten[columns.size()] = json && strategy != JsonStrategy.TEXT;
            boolean text = json
                    && (strategy == JsonStrategy.TEXT
                            || strategy == JsonStrategy.ARRAYS_AS_TEXT && column.type() != Type.MAP);
            columns.add(text ? withType(column, DataType.of(Type.STRING)) : column);
        }
        this.output = new Schema(input.table(), input.version(), columns);
    }

    private static Column withType(Column column, DataType type) {
        return new Column(
                column.name(), type, column.nullable(), column.keyPosition(), column.sourceType(), column.sourceId());
    }

    @Override
    public List<Schema> outputs() {
        return List.of(output);
    }

    @Override
    public void apply(EventView event, EventSink sink) {
        BatchWriter row = sink.begin(event.operation(), output);
        put(event.values(), row);
        if (event.before() != null) {
            row.beginBefore();
            put(event.before(), row);
        }
        row.endRow();
    }

    private void put(Cells cells, BatchWriter row) {
        for (int column = 0; column < rewritten.length; column++) {
            if (!rewritten[column] || cells.encodedLength(column) == 0) {
                row.putCopy(cells, column);
                continue;
            }
            String name = cells.schema().columns().get(column).name();
            JsonValue value =
                    JsonValue.Reader.read(name, cells.buffer(), cells.bytesOffset(column), cells.bytesLength(column));
            boolean plainText = output.columns().get(column).type() == Type.STRING;
            byte[] json = plainText ? value.utf8() : rewrite(value, false).utf8();
            row.putBytes(json, 0, json.length);
        }
    }

    private JsonValue rewrite(JsonValue value, boolean inArray) {
        if (value instanceof JsonValue.Fields object) {
            Map<String, JsonValue> fields = new LinkedHashMap<>();
            object.fields().forEach((name, field) -> fields.put(name, rewrite(field, inArray)));
            return new JsonValue.Fields(fields);
        } else if (value instanceof JsonValue.Array array) {
            if (inArray || strategy == JsonStrategy.ARRAYS_AS_TEXT) {
                return new JsonValue.Text(array.json());
            }
            return new JsonValue.Array(array.elements().stream()
                    .map(element -> rewrite(element, true))
                    .toList());
        }
        return value;
    }
}
