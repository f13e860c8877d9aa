package dev.millrace.consume.transform.scripts;

import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.Special;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Type;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Values of all nineteen types at their edges. */
final class TypeSamples {
    record Sample(DataType type, String name, Consumer<BatchWriter> put) {
        @Override
        public String toString() {
            return type.type() + " " + name;
        }
    }

    private final List<Sample> samples = new ArrayList<>();

    static List<Sample> all() {
        TypeSamples samples = new TypeSamples();
        samples.numbers();
        samples.texts();
        samples.times();
        return samples.samples;
    }

    private void add(DataType type, String name, Consumer<BatchWriter> put) {
        samples.add(new Sample(type, name, put));
    }

    private void add(Type type, String name, Consumer<BatchWriter> put) {
        add(DataType.of(type), name, put);
    }

    private void numbers() {
        add(Type.BOOLEAN, "true", row -> row.putBoolean(true));
        whole(Type.BYTE, Byte.MIN_VALUE, 0, Byte.MAX_VALUE);
        whole(Type.SHORT, Short.MIN_VALUE, Short.MAX_VALUE);
        whole(Type.INTEGER, Integer.MIN_VALUE, Integer.MAX_VALUE);
        whole(
                Type.LONG,
                Long.MIN_VALUE,
                -(1L << 53) - 1,
                -(1L << 53),
                (1L << 53) - 1,
                1L << 53,
                (1L << 53) + 1,
                Long.MAX_VALUE);
        for (double real : new double[] {
            0.0, -0.0, 0.1, Double.MIN_VALUE, Double.MAX_VALUE, Double.NaN, Double.POSITIVE_INFINITY, 1e17
        }) {
            add(Type.DOUBLE, "" + real, row -> row.putDouble(real));
        }
        for (float real : new float[] {0.1f, -0.0f, Float.MAX_VALUE, Float.NaN, Float.NEGATIVE_INFINITY}) {
            add(Type.FLOAT, "" + real, row -> row.putDouble(real));
        }
        for (Special special : Special.values()) {
            add(Type.DECIMAL, "" + special, row -> row.putSpecial(special));
        }
        for (String digits : List.of(
                "0", "1.5", "-123456789012345", "1234567890123456789.5", "0.00000000000000000001234567890123456")) {
            add(Type.DECIMAL, digits, row -> row.putDecimal(new BigDecimal(digits)));
        }
        add(DataType.decimal(20, 4), "12.3400", row -> row.putDecimal(new BigDecimal("12.3400")));
        add(
                DataType.decimal(20, 2),
                "123456789012345678.00",
                row -> row.putDecimal(new BigDecimal("123456789012345678.00")));
    }

    private void whole(Type type, long... values) {
        for (long value : values) {
            add(type, "" + value, row -> row.putLong(value));
        }
    }

    private void texts() {
        for (String text : List.of("", "a\u0000b", "ünï 😀", "null", "2024-01-01", "1")) {
            add(Type.STRING, text, row -> row.putString(text));
            add(Type.CHAR, text, row -> row.putString(text));
            add(Type.FILE_REF, text, row -> row.putString(text));
        }
        add(DataType.text(Type.STRING, 2), "😀😀", row -> row.putString("😀😀"));
        add(Type.BYTE_ARRAY, "bytes", row -> row.putBytes(new byte[] {0, -1, 127, -128}, 0, 4));
        add(Type.LIST, "[1,\"a\",null]", row -> row.putString("[1,\"a\",null]"));
        add(Type.LIST_MAP, "[{}]", row -> row.putString("[{\"a\":12345678901234567890}]"));
        add(Type.MAP, "object", row -> row.putString("{\"b\":1,\"a\":{\"c\":[true,1.25,-0]}}"));
        add(Type.STRING, "NULL", BatchWriter::putNull);
    }

    private void times() {
        for (long day : new long[] {0, -719_529, -1_000_000, 2_932_897, 19_844}) {
            add(Type.DATE, "day " + day, row -> row.putLong(day));
        }
        add(Type.DATE, "infinity", row -> row.putSpecial(Special.POSITIVE_INFINITY));
        for (long nanos :
                new long[] {0, 1, 86_400_000_000_000L, 3_020_399_000_000_000L, -1_500_000_000L, 45_296_123_456_789L}) {
            add(Type.TIME, "nanos " + nanos, row -> row.putLong(nanos));
        }
        for (long second : new long[] {0, -62_200_000_000L, 253_402_300_800L, 1_714_564_800L}) {
            add(Type.DATETIME, "second " + second, row -> row.putDateTime(second, 123_456_789));
            add(Type.ZONED_DATETIME, "second " + second, row -> row.putZonedDateTime(second, 1, 0));
            add(Type.ZONED_DATETIME, "offset at " + second, row -> row.putZonedDateTime(second, 0, 20_700));
        }
        add(DataType.time(Type.DATETIME, 6), "micros", row -> row.putDateTime(1, 123_456_000));
        add(Type.DATETIME, "-infinity", row -> row.putSpecial(Special.NEGATIVE_INFINITY));
        add(Type.ZONED_DATETIME, "infinity", row -> row.putSpecial(Special.POSITIVE_INFINITY));
    }
}
