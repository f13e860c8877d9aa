package dev.millrace.app.transform;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.transform.ColumnType;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Events that somebody wrote down, a JSON object a line: {@code {"table": "public.film", "operation": "UPDATE", "key": ["id"], "values":
 * {"id": 1, "title": "…"}, "types": {"id": "integer"}}}. Only {@code table} and {@code values} must be there; a column without a type has its
 * value's: whole number LONG, other number DECIMAL, text, truth, JSON.
 */
public final class PastedEvents {
    private static final JsonMapper EXACT = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private PastedEvents() {}

    /** @throws MillraceException USER EVENT_INVALID with the line */
    public static List<StoredBatch> read(String ndjson, long nowMillis) {
        List<StoredBatch> batches = new ArrayList<>();
        String[] lines = ndjson.split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            if (!lines[i].isBlank()) {
                batches.add(event(lines[i], i + 1, nowMillis));
            }
        }
        return batches;
    }

    private static StoredBatch event(String line, int number, long nowMillis) {
        JsonNode event;
        try {
            event = EXACT.readTree(line);
        } catch (JacksonException broken) {
            throw invalid(number, "it is not JSON: " + broken.getOriginalMessage());
        }
        if (!event.path("table").isString()
                || !event.path("values").isObject()
                || event.path("values").isEmpty()) {
            throw invalid(number, "'table' or 'values' is missing");
        }
        Schema schema = schema(event, number);
        BatchWriter writer = new BatchWriter();
        writer.beginTransaction(0, nowMillis * 1_000, "pasted", number);
        writer.beginRow(operation(event, number), writer.schema(schema));
        for (Column column : schema.columns()) {
            try {
                put(writer, column.type(), event.path("values").path(column.name()));
            } catch (RuntimeException unfit) {
                throw invalid(number, "column '" + column.name() + "' holds no " + column.type());
            }
        }
        writer.endRow();
        return writer.finish(nowMillis, false, true, OffsetDelta.NONE).stored(number);
    }

    private static Operation operation(JsonNode event, int number) {
        String name = event.path("operation").asString("INSERT");
        for (Operation operation : Operation.values()) {
            if (operation.hasCells() && operation.name().equalsIgnoreCase(name)) {
                return operation;
            }
        }
        throw invalid(number, "'operation' is '" + name + "', not READ, INSERT, UPDATE or DELETE");
    }

    private static Schema schema(JsonNode event, int number) {
        String table = event.path("table").asString();
        int dot = table.lastIndexOf('.');
        List<String> key = new ArrayList<>();
        event.path("key").forEach(name -> key.add(name.asString("")));
        List<Column> columns = new ArrayList<>();
        for (Map.Entry<String, JsonNode> value : event.path("values").properties()) {
            JsonNode said = event.path("types").path(value.getKey());
            DataType type = said.isMissingNode() ? typeOf(value.getValue()) : typeOf(said.asString(""), number);
            columns.add(new Column(value.getKey(), type, true, key.indexOf(value.getKey()) + 1, "", 0));
        }
        try {
            return new Schema(
                    new TableName(dot < 0 ? "" : table.substring(0, dot), table.substring(dot + 1)), 1, columns);
        } catch (IllegalArgumentException unfit) {
            throw invalid(number, "'key' names columns that are not in 'values'");
        }
    }

    private static DataType typeOf(JsonNode value) {
        if (value.isBoolean()) {
            return DataType.of(Type.BOOLEAN);
        }
        if (value.isNumber()) {
            return DataType.of(value.isIntegralNumber() && value.canConvertToLong() ? Type.LONG : Type.DECIMAL);
        }
        return DataType.of(value.isObject() ? Type.MAP : value.isArray() ? Type.LIST : Type.STRING);
    }

    private static DataType typeOf(String word, int number) {
        Optional<ColumnType> type = ColumnType.of(word);
        if (type.isEmpty()) {
            throw invalid(number, "'" + word + "' is no type; known are " + ColumnType.known());
        }
        ColumnType known = type.get();
        Type plain = known.name() == ColumnType.Name.JSON
                ? Type.MAP
                : Type.valueOf(known.name().name());
        return new DataType(plain, known.length(), known.precision(), known.scale());
    }

    private static void put(BatchWriter writer, Type type, JsonNode value) {
        if (value.isNull() || value.isMissingNode()) {
            writer.putNull();
            return;
        }
        switch (type) {
            case BOOLEAN -> writer.putBoolean(value.booleanValue());
            case BYTE, SHORT, INTEGER, LONG -> writer.putLong(value.longValue());
            case FLOAT, DOUBLE -> writer.putDouble(value.doubleValue());
            case DECIMAL ->
                writer.putDecimal(value.isNumber() ? value.decimalValue() : new BigDecimal(value.asString()));
            case MAP, LIST -> writer.putString(value.toString());
            case STRING -> writer.putString(value.isString() ? value.asString() : value.toString());
            case DATE ->
                writer.putLong(java.time.LocalDate.parse(value.asString()).toEpochDay());
            case TIME ->
                writer.putLong(java.time.LocalTime.parse(value.asString()).toNanoOfDay());
            case DATETIME -> {
                var time = java.time.LocalDateTime.parse(value.asString().replace(' ', 'T'));
                writer.putDateTime(
                        time.toEpochSecond(java.time.ZoneOffset.UTC),
                        time.get(java.time.temporal.ChronoField.NANO_OF_SECOND));
            }
            case ZONED_DATETIME -> {
                var time = java.time.OffsetDateTime.parse(value.asString().replace(' ', 'T'));
                writer.putZonedDateTime(
                        time.toEpochSecond(),
                        time.get(java.time.temporal.ChronoField.NANO_OF_SECOND),
                        time.getOffset().getTotalSeconds());
            }
            default -> throw new IllegalArgumentException("no way to write a " + type);
        }
    }

    private static MillraceException invalid(int line, String why) {
        return MillraceException.user(
                "EVENT_INVALID",
                "Line " + line + " is no event",
                why,
                "Write for example {\"table\": \"public.film\", \"values\": {\"id\": 1}, \"key\": [\"id\"]}.");
    }
}
