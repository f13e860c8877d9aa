package dev.millrace.consume.json;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Documents that flattening keeps whole: without null and without empty objects or arrays. A name decides of which kind its plain values are, and may hold an object, an array and a plain value in turns.
 */
final class RandomDocuments {
    private static final List<String> NAMES = List.of("number", "boolean", "odd name", "ü", "");

    private RandomDocuments() {}

    static String document(SplittableRandom random) {
        return object(random, 0);
    }

    private static String object(SplittableRandom random, int depth) {
        Map<String, String> fields = new TreeMap<>();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            String name = NAMES.get(random.nextInt(NAMES.size()));
            fields.put(name, value(random, name, depth + 1));
        }
        List<String> parts = new ArrayList<>();
        fields.forEach((name, value) -> parts.add("\"" + name + "\" : " + value));
        return "{" + String.join(",\n", parts) + "}";
    }

    private static String value(SplittableRandom random, String name, int depth) {
        int kind = random.nextInt(depth > 6 ? 5 : 8);
        if (kind == 5 || kind == 6) {
            return object(random, depth);
        } else if (kind == 7) {
            List<String> elements = new ArrayList<>();
            for (int i = 1 + random.nextInt(4); i > 0; i--) {
                elements.add(value(random, name, depth + 1));
            }
            return "[" + String.join(", ", elements) + "]";
        }
        return plain(random, name);
    }

    private static String plain(SplittableRandom random, String name) {
        if (name.startsWith("n")) {
            return switch (random.nextInt(6)) {
                case 0 -> Long.toString(random.nextLong());
                case 1 ->
                    BigDecimal.valueOf(random.nextInt(1_000_000), random.nextInt(9))
                            .toPlainString();
                case 2 -> new BigInteger(1 + random.nextInt(90), new Random(random.nextLong())).toString();
                case 3 -> random.nextInt(100) + "e" + (random.nextInt(40) - 20);
                default -> Integer.toString(random.nextInt(-50, 50));
            };
        } else if (name.startsWith("b")) {
            return random.nextBoolean() ? "true" : "false";
        }
        return switch (random.nextInt(4)) {
            case 0 -> "\"\"";
            case 1 -> "\"a \\\"quoted\\\" line\\n\\u00fc \\ud83d\\ude00\"";
            case 2 -> "\"12\"";
            default -> "\"text " + random.nextInt(1_000) + "\"";
        };
    }

    /** For comparing: maps, lists, text, and numbers as BigDecimal without trailing zeros. */
    static Object plain(String json) {
        byte[] utf8 = json.getBytes(StandardCharsets.UTF_8);
        return plain(JsonValue.Reader.read("test", utf8, 0, utf8.length));
    }

    static Object plain(JsonValue value) {
        if (value instanceof JsonValue.Fields object) {
            Map<String, Object> fields = new TreeMap<>();
            object.fields().forEach((name, field) -> fields.put(name, plain(field)));
            return fields;
        } else if (value instanceof JsonValue.Array array) {
            return array.elements().stream().map(RandomDocuments::plain).toList();
        } else if (value instanceof JsonValue.Numeral number) {
            return number(new BigDecimal(number.text()));
        } else if (value instanceof JsonValue.Text text) {
            return text.text();
        }
        return value == JsonValue.Literal.NULL ? "the null" : value == JsonValue.Literal.TRUE;
    }

    static BigDecimal number(BigDecimal value) {
        return value.signum() == 0 ? BigDecimal.ZERO : value.stripTrailingZeros();
    }
}
