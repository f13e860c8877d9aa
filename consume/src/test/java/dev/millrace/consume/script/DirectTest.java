package dev.millrace.consume.script;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Type;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What is computed without JavaScript is what JavaScript computes. */
class DirectTest {
    private static final int EXPRESSIONS = Integer.getInteger("expressions", 1_500);
    private static final int ROWS = 6;
    private static final long NOON = 1_714_564_800_123_456L;

    private static final List<Column> COLUMNS = List.of(
            column("tiny", DataType.of(Type.BYTE)),
            column("count", DataType.of(Type.INTEGER)),
            column("big", DataType.of(Type.LONG)),
            column("single", DataType.of(Type.FLOAT)),
            column("real", DataType.of(Type.DOUBLE)),
            column("paid", DataType.of(Type.BOOLEAN)),
            column("name", DataType.of(Type.STRING)),
            column("code", DataType.of(Type.CHAR)),
            column("price", DataType.decimal(12, 2)));
    private static final List<String> NUMBERS = List.of("tiny", "count", "big", "single", "real");
    private static final List<String> TEXTS = List.of("name", "code");
    private static final Object[][] VALUES = {
        {0L, 1L, -128L, 127L},
        {0L, 1L, -1L, 7L, 100L, -2147483648L, 2147483647L},
        {0L, 5L, 9007199254740991L, -9007199254740991L, 9007199254740992L, Long.MIN_VALUE, Long.MAX_VALUE},
        {0f, -0f, 1.5f, 0.1f, Float.NaN, Float.POSITIVE_INFINITY, 3e38f},
        {0.0, -0.0, 2.0, 0.1, 1e21, 1e-7, 123456789.125, Double.NaN, Double.NEGATIVE_INFINITY, 4.9e-324},
        {true, false},
        {"", " ", "0", "a", "Ada Lovelace", "true", "5", "ä€", "\ud83d\ude00", "\uffee", "null"},
        {"", "a", "b", "Zürich", "10"},
        {new BigDecimal("1.50")}
    };
    private static final List<DataType> WANTED = List.of(
            DataType.of(Type.BOOLEAN),
            DataType.of(Type.BYTE),
            DataType.of(Type.INTEGER),
            DataType.of(Type.LONG),
            DataType.of(Type.FLOAT),
            DataType.of(Type.DOUBLE),
            DataType.decimal(10, 2),
            DataType.of(Type.STRING),
            DataType.text(Type.STRING, 3),
            DataType.of(Type.DATE));

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);
    private final Sandbox sandbox = new Sandbox(ScriptLimits.DEFAULT, Optional.empty());
    private final Row row = new Row();
    private final Taken taken = new Taken();

    private static Column column(String name, DataType type) {
        return new Column(name, type, true, 0, "", 0);
    }

    @Test
    void expressionsOfOperatorsComeToWhatJavaScriptSays() {
        int compiled = 0;
        int compared = 0;
        for (int i = 0; i < EXPRESSIONS; i++) {
            String text = any(4);
            Expression expression = Expression.compile(sandbox, text, COLUMNS);
            Optional<Direct> direct = expression.direct();
            compiled += direct.isPresent() ? 1 : 0;
            for (int r = 0; r < ROWS && direct.isPresent(); r++) {
                row.fill();
                compared += compare(expression, direct.get(), text);
            }
        }
        assertTrue(compiled > EXPRESSIONS / 2, compiled + " were compiled, seed " + seed);
        assertTrue(compared > compiled, compared + " were compared, seed " + seed);
    }

    private int compare(Expression expression, Direct direct, String text) {
        if (!direct.takes(row)) {
            return 0;
        }
        String what = text + " with " + Arrays.toString(row.values) + ", seed " + seed;
        assertDoesNotThrow(() -> expression.test(row, NOON), what);
        Direct.Truth truth = direct.test(row);
        if (truth != Direct.Truth.OPEN) {
            assertEquals(expression.test(row, NOON), truth == Direct.Truth.TRUE, what);
        }
        int compared = 0;
        for (DataType wanted : WANTED) {
            taken.value = null;
            if (direct.evaluate(row, wanted, taken)) {
                String which = wanted + " of " + what;
                Object said = assertDoesNotThrow(() -> expression.evaluateAs(wanted, row, NOON), which);
                assertEquals(said, taken.value, which);
                compared++;
            }
        }
        return compared;
    }

    @Test
    void whatLeavesQuestionsIsJavaScriptsToAnswer() {
        for (String text : List.of(
                "null",
                "name.length",
                "Math.abs(count)",
                "price + 1",
                "name * 2",
                "row.count",
                "count && name",
                "name == 1",
                "paid + paid",
                "count | 1",
                "x => x",
                "undefined",
                "-name",
                "paid < 1",
                "/a/.test(name)")) {
            assertTrue(Expression.compile(sandbox, text, COLUMNS).direct().isEmpty(), text);
        }
        Direct sum = Expression.compile(sandbox, "big + name", COLUMNS).direct().orElseThrow();
        row.values[2] = 1L;
        row.values[6] = "a";
        assertTrue(sum.takes(row));
        row.values[2] = 1L << 53;
        assertTrue(!sum.takes(row), "it would be a BigInt");
        row.values[2] = Long.MIN_VALUE;
        assertTrue(!sum.takes(row), "it would be a BigInt");
        row.values[2] = null;
        assertTrue(!sum.takes(row), "it is NULL");
        row.values[2] = 1L;
        row.values[6] = "x".repeat(Direct.MAX_TEXT + 1);
        assertTrue(!sum.takes(row), "limits are JavaScript's");
    }

    @Test
    void aTextThatBecomesLongOnTheWayIsJavaScripts() {
        Expression expression = Expression.compile(sandbox, "name + name + name", COLUMNS);
        row.values[6] = "x".repeat(Direct.MAX_TEXT / 2);
        Direct direct = expression.direct().orElseThrow();
        assertTrue(direct.takes(row));
        assertTrue(!direct.evaluate(row, DataType.of(Type.STRING), taken));
    }

    private String any(int depth) {
        return switch (random.nextInt(3)) {
            case 0 -> number(depth);
            case 1 -> text(depth);
            default -> truth(depth);
        };
    }

    private <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    private String number(int depth) {
        if (depth == 0 || random.nextInt(4) == 0) {
            return random.nextBoolean()
                    ? one(NUMBERS)
                    : one(List.of("0", "1", "2.5", "1e21", "0.1", "255", "9007199254740991"));
        }
        return switch (random.nextInt(8)) {
            case 0 -> "(-" + number(depth - 1) + ")";
            case 1 -> "(+" + number(depth - 1) + ")";
            case 2 -> choice(depth, number(depth - 1), number(depth - 1));
            default ->
                "(" + number(depth - 1) + " " + one(List.of("+", "-", "*", "/", "%")) + " " + number(depth - 1) + ")";
        };
    }

    private String choice(int depth, String one, String other) {
        return "(" + any(depth - 1) + " ? " + one + " : " + other + ")";
    }

    private String text(int depth) {
        if (depth == 0 || random.nextInt(4) == 0) {
            return random.nextBoolean() ? one(TEXTS) : one(List.of("''", "' '", "'a'", "\"ö\\n\"", "'0'"));
        }
        return switch (random.nextInt(4)) {
            case 0 -> "(" + text(depth - 1) + " + " + any(depth - 1) + ")";
            case 1 -> "(" + any(depth - 1) + " + " + text(depth - 1) + ")";
            case 2 -> choice(depth, text(depth - 1), text(depth - 1));
            default -> "(" + text(depth - 1) + " + " + text(depth - 1) + ")";
        };
    }

    private String truth(int depth) {
        if (depth == 0 || random.nextInt(5) == 0) {
            return one(List.of("paid", "true", "false"));
        }
        String compared = one(List.of("<", "<=", ">", ">=", "==", "!=", "===", "!=="));
        return switch (random.nextInt(6)) {
            case 0 -> "(!" + any(depth - 1) + ")";
            case 1 -> "(" + truth(depth - 1) + one(List.of(" && ", " || ")) + truth(depth - 1) + ")";
            case 2 -> "(" + text(depth - 1) + " " + compared + " " + text(depth - 1) + ")";
            case 3 -> choice(depth, truth(depth - 1), truth(depth - 1));
            case 4 -> "(" + truth(depth - 1) + one(List.of(" == ", " != ", " === ", " !== ")) + truth(depth - 1) + ")";
            default -> "(" + number(depth - 1) + " " + compared + " " + number(depth - 1) + ")";
        };
    }

    /** A row in both forms. */
    private final class Row implements RowView, DirectRow {
        private final Object[] values = new Object[COLUMNS.size()];

        private void fill() {
            for (int i = 0; i < values.length; i++) {
                values[i] = random.nextInt(40) == 0 ? null : VALUES[i][random.nextInt(VALUES[i].length)];
            }
        }

        @Override
        public Object valueAt(int column) {
            return values[column];
        }

        @Override
        public boolean isUnchanged(int column) {
            return false;
        }

        @Override
        public boolean isPlain(int column) {
            return values[column] != null;
        }

        @Override
        public boolean truthAt(int column) {
            return (Boolean) values[column];
        }

        @Override
        public long wholeAt(int column) {
            return (Long) values[column];
        }

        @Override
        public double realAt(int column) {
            return ((Number) values[column]).doubleValue();
        }

        private byte[] utf8(int column) {
            return ((String) values[column]).getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public int textLength(int column) {
            return utf8(column).length;
        }

        @Override
        public void textAt(int column, byte[] to, int at) {
            System.arraycopy(utf8(column), 0, to, at, utf8(column).length);
        }
    }

    /** A result as an object, in the form that {@link CellValues} draws. */
    private static final class Taken implements DirectResult {
        private Object value;

        @Override
        public void truth(boolean truth) {
            value = truth;
        }

        @Override
        public void whole(long number) {
            value = number;
        }

        @Override
        public void real(double number) {
            value = number;
        }

        @Override
        public void text(byte[] utf8) {
            value = new String(utf8, StandardCharsets.UTF_8);
        }
    }
}
