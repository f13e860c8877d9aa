package dev.millrace.storage.batch;

import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

/** Rows of every type with a liking for unusual values, written and compared cell by cell. */
final class RandomRows {
    /** A cell's state or special value; all other values are Java values of the column's type. */
    enum Mark {
        NULL,
        UNCHANGED
    }

    record Timestamp(long second, int nano, int offset) {}

    private static final long[] LONGS = {
        0,
        1,
        -1,
        63,
        64,
        127,
        128,
        -128,
        -129,
        255,
        256,
        32767,
        -32768,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        1L << 40,
        -(1L << 40),
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };
    private static final double[] DOUBLES = {
        0.0,
        -0.0,
        1.5,
        -1.5,
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        Double.MIN_VALUE,
        Double.MAX_VALUE,
        Float.MIN_VALUE,
        Float.MAX_VALUE
    };
    private static final String[] TEXTS = {
        "",
        " ",
        "a",
        "Zürich",
        "漢字",
        "🙂🙃",
        "\u0000",
        "line\nline",
        "x".repeat(127),
        "x".repeat(128),
        "y".repeat(16_384),
        "{\"a\":[1,2]}"
    };

    private final SplittableRandom random;

    RandomRows(SplittableRandom random) {
        this.random = random;
    }

    static Schema everyType(int version) {
        List<Column> columns = new ArrayList<>();
        for (Type type : Type.values()) {
            columns.add(new Column("c_" + type, DataType.of(type), true, 0, "src " + type, -type.ordinal()));
        }
        columns.set(4, new Column("id", DataType.of(Type.LONG), false, 1, "bigint", 1));
        return new Schema(new TableName("public", "Every \"type\""), version, columns);
    }

    Schema schema(int number) {
        List<Column> columns = new ArrayList<>();
        int count = 1 + random.nextInt(30);
        for (int i = 0; i < count; i++) {
            Type type = Type.of(random.nextInt(Type.values().length));
            DataType dataType =
                    new DataType(type, random.nextInt(3) * 100, random.nextInt(40), random.nextInt(-10, 10));
            columns.add(
                    new Column("c" + i, dataType, random.nextBoolean(), i == 0 ? 1 : 0, "t", random.nextInt(-3, 300)));
        }
        return new Schema(new TableName(number % 2 == 0 ? "" : "s", "t" + number), 1 + random.nextInt(5), columns);
    }

    Object[] row(Schema schema) {
        Object[] row = new Object[schema.columns().size()];
        for (int i = 0; i < row.length; i++) {
            int draw = random.nextInt(10);
            row[i] = draw == 0
                    ? Mark.NULL
                    : draw == 1 ? Mark.UNCHANGED : value(schema.columns().get(i).type());
        }
        return row;
    }

    private long anyLong() {
        return random.nextBoolean() ? LONGS[random.nextInt(LONGS.length)] : random.nextLong() >> random.nextInt(64);
    }

    private Special infinity() {
        return random.nextBoolean() ? Special.POSITIVE_INFINITY : Special.NEGATIVE_INFINITY;
    }

    private Object value(Type type) {
        boolean special = random.nextInt(8) == 0;
        return switch (type) {
            case BOOLEAN -> random.nextBoolean();
            case BYTE -> (long) (byte) anyLong();
            case SHORT -> (long) (short) anyLong();
            case INTEGER -> (long) (int) anyLong();
            case LONG, TIME -> anyLong();
            case FLOAT -> (double) (float) anyDouble();
            case DOUBLE -> anyDouble();
            case DECIMAL -> special ? Special.values()[random.nextInt(3)] : decimal();
            case DATE ->
                special
                        ? infinity()
                        : (Object) Math.max(Integer.MIN_VALUE + 1L, Math.min(Integer.MAX_VALUE - 1L, anyLong()));
            case DATETIME -> special ? infinity() : timestamp(0);
            case ZONED_DATETIME -> special ? infinity() : timestamp(random.nextInt(-57_600, 57_600));
            case BYTE_ARRAY -> {
                byte[] bytes = new byte[random.nextInt(300)];
                random.nextBytes(bytes);
                yield bytes;
            }
            case CHAR, STRING, LIST, MAP, LIST_MAP, FILE_REF -> TEXTS[random.nextInt(TEXTS.length)];
        };
    }

    private double anyDouble() {
        return random.nextBoolean()
                ? DOUBLES[random.nextInt(DOUBLES.length)]
                : Double.longBitsToDouble(random.nextLong());
    }

    private BigDecimal decimal() {
        int scale = random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(-20, 40);
        if (random.nextBoolean()) {
            return BigDecimal.valueOf(anyLong(), scale);
        }
        byte[] digits = new byte[1 + random.nextInt(200)];
        random.nextBytes(digits);
        return new BigDecimal(new BigInteger(digits), scale);
    }

    private Timestamp timestamp(int offset) {
        long second = Math.max(Long.MIN_VALUE + 1, Math.min(Long.MAX_VALUE - 1, anyLong()));
        return new Timestamp(second, random.nextBoolean() ? 0 : random.nextInt(1_000_000_000), offset);
    }

    static void write(BatchWriter writer, Schema schema, Object[] row) {
        for (int i = 0; i < row.length; i++) {
            put(writer, schema.columns().get(i).type(), row[i]);
        }
    }

    private static void put(BatchWriter writer, Type type, Object value) {
        if (value instanceof Mark mark) {
            if (mark == Mark.NULL) {
                writer.putNull();
            } else {
                writer.putUnchanged();
            }
        } else if (value instanceof Special special) {
            writer.putSpecial(special);
        } else if (value instanceof Boolean bool) {
            writer.putBoolean(bool);
        } else if (value instanceof Long number) {
            writer.putLong(number);
        } else if (value instanceof Double number) {
            writer.putDouble(number);
        } else if (value instanceof BigDecimal number) {
            writer.putDecimal(number);
        } else if (value instanceof byte[] bytes) {
            writer.putBytes(bytes, 0, bytes.length);
        } else if (value instanceof String text) {
            writer.putString(text);
        } else if (value instanceof Timestamp time && type == Type.DATETIME) {
            writer.putDateTime(time.second, time.nano);
        } else if (value instanceof Timestamp time) {
            writer.putZonedDateTime(time.second, time.nano, time.offset);
        } else {
            throw new IllegalArgumentException(type + " " + value);
        }
    }

    /** The row as {@code cells} tells it, in the same terms as {@link #row}. */
    static Object[] read(Cells cells) {
        Object[] row = new Object[cells.schema().columns().size()];
        for (int i = 0; i < row.length; i++) {
            row[i] = get(cells, i);
        }
        return row;
    }

    private static Object get(Cells cells, int column) {
        if (cells.isNull(column)) {
            return Mark.NULL;
        }
        if (cells.isUnchanged(column)) {
            return Mark.UNCHANGED;
        }
        Special special = cells.specialAt(column);
        if (special != null) {
            return special;
        }
        return switch (cells.schema().columns().get(column).type()) {
            case BOOLEAN -> cells.booleanAt(column);
            case BYTE, SHORT, INTEGER, LONG, DATE, TIME -> cells.longAt(column);
            case FLOAT, DOUBLE -> cells.doubleAt(column);
            case DECIMAL ->
                cells.isSmallDecimal(column)
                        ? BigDecimal.valueOf(cells.unscaledAt(column), cells.scaleAt(column))
                        : cells.decimalAt(column);
            case DATETIME -> new Timestamp(cells.epochSecondAt(column), cells.nanoAt(column), 0);
            case ZONED_DATETIME ->
                new Timestamp(cells.epochSecondAt(column), cells.nanoAt(column), cells.offsetSecondsAt(column));
            case BYTE_ARRAY -> {
                int from = cells.bytesOffset(column);
                yield Arrays.copyOfRange(cells.buffer(), from, from + cells.bytesLength(column));
            }
            case CHAR, STRING, LIST, MAP, LIST_MAP, FILE_REF -> {
                String text = cells.stringAt(column);
                byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
                int from = cells.bytesOffset(column);
                if (!Arrays.equals(utf8, 0, utf8.length, cells.buffer(), from, from + cells.bytesLength(column))) {
                    throw new AssertionError("text and its bytes differ");
                }
                yield text;
            }
        };
    }

    /** Equal by value, byte arrays by content, doubles by canonical bits. */
    static boolean same(Object[] one, Object[] other) {
        if (one.length != other.length) {
            return false;
        }
        for (int i = 0; i < one.length; i++) {
            if (!Objects.deepEquals(one[i], other[i])) {
                return false;
            }
        }
        return true;
    }
}
