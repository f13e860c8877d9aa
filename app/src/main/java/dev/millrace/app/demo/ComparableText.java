package dev.millrace.app.demo;

import java.math.BigDecimal;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One text for one value, whichever of the two databases holds it, by its type in PostgreSQL: numbers without trailing zeros, instants
 * in UTC, bytes in hexadecimal, arrays and JSON structurally, padded text without its padding, all else as the drivers print it.
 */
final class ComparableText {
    private static final Pattern TRAILING_ZEROS = Pattern.compile("(:\\d\\d)\\.(\\d*?)0+(?!\\d)");
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private ComparableText() {}

    /** @return null for NULL */
    static String of(ResultSet row, int column, String type) throws SQLException {
        Object value = row.getObject(column);
        if (value == null) {
            return null;
        }
        if (type.startsWith("_")) {
            return list(value instanceof Array array ? array.getArray() : json(row.getString(column)))
                    .toString();
        }
        return switch (type) {
            case "int2", "int4", "int8", "serial", "bigserial", "smallserial", "oid", "numeric" ->
                number(row.getString(column));
            case "float4" -> Float.toString(row.getFloat(column));
            case "float8" -> Double.toString(row.getDouble(column));
            case "bool" -> Boolean.toString(row.getBoolean(column));
            case "bytea" -> HexFormat.of().formatHex(row.getBytes(column));
            case "timestamptz" ->
                row.getObject(column, OffsetDateTime.class).toInstant().toString();
            case "timestamp", "time", "timetz" ->
                TRAILING_ZEROS
                        .matcher(row.getString(column))
                        .replaceAll(match ->
                                match.group(2).isEmpty() ? match.group(1) : match.group(1) + "." + match.group(2));
            case "json", "jsonb" -> canonical(json(row.getString(column))).toString();
            case "bpchar" -> row.getString(column).stripTrailing();
            default -> row.getString(column);
        };
    }

    private static String number(String text) {
        try {
            BigDecimal number = new BigDecimal(text);
            return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
        } catch (NumberFormatException e) {
            // NaN and the infinities
            return text;
        }
    }

    private static JsonNode json(String text) throws SQLException {
        try {
            return JSON.readTree(text);
        } catch (JacksonException e) {
            throw new SQLException("not JSON: " + text, e);
        }
    }

    /** An array of either side as a list of texts, nulls and lists. */
    private static List<Object> list(Object array) throws SQLException {
        List<Object> list = new ArrayList<>();
        if (array instanceof JsonNode node) {
            for (JsonNode element : node) {
                list.add(element.isArray() ? list(element) : element.isNull() ? null : element(element.asString()));
            }
        } else {
            for (Object element : (Object[]) array) {
                list.add(
                        element instanceof Object[]
                                ? list(element)
                                : element == null ? null : element(element.toString()));
            }
        }
        return list;
    }

    private static String element(String text) {
        String number = number(text);
        return number.length() + ":" + number;
    }

    private static Object canonical(JsonNode node) {
        if (node.isObject()) {
            Map<String, Object> sorted = new TreeMap<>();
            node.forEachEntry((name, value) -> sorted.put(JSON.writeValueAsString(name), canonical(value)));
            return sorted;
        }
        if (node.isArray()) {
            List<Object> list = new ArrayList<>();
            node.forEach(element -> list.add(canonical(element)));
            return list;
        }
        return node.isNumber() ? number(node.asString()) : node.toString();
    }
}
