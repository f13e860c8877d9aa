package dev.millrace.consume.json;

import dev.millrace.consume.transform.EventFailure;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;

/**
 * A JSON value by RFC 8259. Numbers are kept as they are written, never through a binary fraction. Of a name that stands twice in an object the
 * last one counts, as in PostgreSQL's jsonb. A lone surrogate or a NUL, which no UTF-8 text of a database holds, becomes U+FFFD. NaN and
 * the infinities are no JSON.
 */
sealed interface JsonValue {
    /** JSON's null; in columns it is NULL, as a name that is missing. */
    enum Literal implements JsonValue {
        NULL("null"),
        TRUE("true"),
        FALSE("false");

        private final String text;

        Literal(String text) {
            this.text = text;
        }
    }

    /** As it is written. */
    record Numeral(String text) implements JsonValue {}

    record Text(String text) implements JsonValue {}

    record Array(List<JsonValue> elements) implements JsonValue {}

    record Fields(Map<String, JsonValue> fields) implements JsonValue {}

    /**
     * The parser's limits; documents reach them long before a stack or a heap does. Names stay canonicalized: without that, Jackson 3.2.4 reads a
     * part of an array beyond its end.
     */
    final class Reader {
        static final int MOST_DEPTH = 500;
        static final int MOST_BYTES = 64 << 20;
        static final int MOST_NUMBER_CHARACTERS = 150_000;

        private static final JsonFactory FACTORY = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MOST_DEPTH)
                        .maxNumberLength(MOST_NUMBER_CHARACTERS)
                        .maxStringLength(MOST_BYTES)
                        .maxNameLength(MOST_BYTES)
                        .build())
                .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
                .build();

        private Reader() {}

        /**
         * @param column for messages
         * @throws EventFailure JSON_MALFORMED, JSON_TOO_LARGE
         */
        static JsonValue read(String column, byte[] utf8, int offset, int length) {
            if (length > MOST_BYTES) {
                throw tooLarge(column, "it has " + length + " bytes, the limit is " + MOST_BYTES);
            }
            try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), utf8, offset, length)) {
                JsonValue value = value(column, parser, parser.nextToken());
                if (parser.nextToken() != null) {
                    throw malformed(column, "something follows the value");
                }
                return value;
            } catch (StreamConstraintsException limit) {
                throw tooLarge(
                        column,
                        "its depth is limited to " + MOST_DEPTH + ", its numbers to " + MOST_NUMBER_CHARACTERS
                                + " characters");
            } catch (JacksonException malformed) {
                throw malformed(column, "at byte " + malformed.getLocation().getByteOffset());
            }
        }

        private static JsonValue value(String column, JsonParser parser, JsonToken token) {
            if (token == null) {
                throw malformed(column, "it is empty");
            }
            return switch (token) {
                case START_OBJECT -> {
                    Map<String, JsonValue> fields = new LinkedHashMap<>();
                    while (parser.nextToken() != JsonToken.END_OBJECT) {
                        String name = clean(parser.currentName());
                        fields.put(name, value(column, parser, parser.nextToken()));
                    }
                    yield new Fields(fields);
                }
                case START_ARRAY -> {
                    List<JsonValue> elements = new ArrayList<>();
                    for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
                        elements.add(value(column, parser, next));
                    }
                    yield new Array(elements);
                }
                case VALUE_STRING -> new Text(clean(parser.getString()));
                case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Numeral(parser.getString());
                case VALUE_TRUE -> Literal.TRUE;
                case VALUE_FALSE -> Literal.FALSE;
                case VALUE_NULL -> Literal.NULL;
                default -> throw malformed(column, "it holds a " + token);
            };
        }

        private static String clean(String text) {
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                if (c == 0 || Character.isSurrogate(c)) {
                    return cleaned(text);
                }
            }
            return text;
        }

        private static String cleaned(String text) {
            StringBuilder clean = new StringBuilder(text.length());
            text.codePoints()
                    .map(c -> c == 0 || c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xfffd : c)
                    .forEach(clean::appendCodePoint);
            return clean.toString();
        }

        private static EventFailure malformed(String column, String why) {
            return new EventFailure(
                    "JSON_MALFORMED", column, "the value is not JSON: " + why, "Correct it at the source.");
        }

        private static EventFailure tooLarge(String column, String why) {
            return new EventFailure(
                    "JSON_TOO_LARGE",
                    column,
                    "the document is too large or too deep: " + why,
                    "Set 'json: columns' for this destination, which takes documents as they are.");
        }
    }

    /** As JSON text, without blanks. */
    default String json() {
        StringBuilder out = new StringBuilder();
        write(this, out);
        return out.toString();
    }

    /** As {@link #json()}, in UTF-8. */
    default byte[] utf8() {
        return json().getBytes(StandardCharsets.UTF_8);
    }

    private static void write(JsonValue value, StringBuilder out) {
        if (value instanceof Fields object) {
            char before = '{';
            for (Map.Entry<String, JsonValue> field : object.fields.entrySet()) {
                out.append(before);
                string(field.getKey(), out);
                out.append(':');
                write(field.getValue(), out);
                before = ',';
            }
            out.append(before == '{' ? "{}" : "}");
        } else if (value instanceof Array array) {
            char before = '[';
            for (JsonValue element : array.elements) {
                out.append(before);
                write(element, out);
                before = ',';
            }
            out.append(before == '[' ? "[]" : "]");
        } else if (value instanceof Text text) {
            string(text.text, out);
        } else if (value instanceof Numeral number) {
            out.append(number.text);
        } else {
            out.append(((Literal) value).text);
        }
    }

    private static void string(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> out.append('\\').append(c);
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < ' ') {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
