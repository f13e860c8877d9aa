package dev.millrace.consume.postgres;

import static dev.millrace.consume.destination.TestTable.field;
import static dev.millrace.consume.destination.TestTable.key;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.ExistingTable;
import dev.millrace.consume.destination.LoadTransaction;
import dev.millrace.consume.destination.TestLoad;
import dev.millrace.consume.destination.TestTable;
import dev.millrace.storage.batch.Special;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Values arrive as they were: what PostgreSQL prints of them is compared. */
class PostgresValuesTest {
    private static final long NANOS_PER_DAY = 86_400_000_000_000L;

    private PostgresFixture fixture;

    @BeforeEach
    void open() {
        fixture = new PostgresFixture();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private void window(Consumer<LoadTransaction> work) {
        try (Destination destination = fixture.open("values")) {
            destination.claim();
            try (LoadTransaction transaction = destination.begin()) {
                work.accept(transaction);
                transaction.commit(1);
            }
        }
    }

    /** Loads the values both straight and through the stage, and gives what the server prints of each. */
    private List<String> printed(DataType source, DataType target, List<?> values) {
        TestTable rows = TestTable.of("t", key("id", DataType.of(Type.INTEGER), 1), field("v", source));
        TestTable table = TestTable.of("t", key("id", DataType.of(Type.INTEGER), 1), field("v", target));
        window(transaction -> {
            transaction.create(table.target());
            TestLoad straight = TestLoad.into(rows.into(table.target())).asHistorical();
            TestLoad staged = TestLoad.into(rows.into(table.target()));
            for (int i = 0; i < values.size(); i++) {
                straight.upsert(i, values.get(i));
                staged.upsert(i + values.size(), values.get(i));
            }
            transaction.load(straight);
            transaction.load(staged);
        });
        List<String> all = fixture.rows(
                "SELECT v::text FROM sales.t, (SELECT set_config('timezone', 'UTC', false)) zone ORDER BY id");
        fixture.execute("DROP TABLE sales.t");
        assertEquals(all.subList(0, values.size()), all.subList(values.size(), all.size()), "staged as straight");
        return all.subList(0, values.size());
    }

    private List<String> printed(DataType type, Object... values) {
        return printed(type, type, List.of(values));
    }

    @Test
    void wholeNumbersReachTheirLimits() {
        assertEquals(List.of("-128", "127"), printed(DataType.of(Type.BYTE), -128L, 127L));
        assertEquals(List.of("-32768", "32767"), printed(DataType.of(Type.SHORT), -32768L, 32767L));
        assertEquals(
                List.of("-2147483648", "2147483647"), printed(DataType.of(Type.INTEGER), -2147483648L, 2147483647L));
        assertEquals(
                List.of("-9223372036854775808", "9223372036854775807", "0"),
                printed(DataType.of(Type.LONG), Long.MIN_VALUE, Long.MAX_VALUE, 0L));
        assertEquals(List.of("true", "false"), printed(DataType.of(Type.BOOLEAN), true, false));
    }

    @Test
    void floatingNumbersKeepTheirBits() {
        assertEquals(
                List.of("0.1", "-0", "NaN", "Infinity", "-Infinity", "5e-324", "1.7976931348623157e+308"),
                printed(
                        DataType.of(Type.DOUBLE),
                        0.1,
                        -0.0,
                        Double.NaN,
                        Double.POSITIVE_INFINITY,
                        Double.NEGATIVE_INFINITY,
                        Double.MIN_VALUE,
                        Double.MAX_VALUE));
        assertEquals(List.of("0.1", "3.4028235e+38"), printed(DataType.of(Type.FLOAT), (double) 0.1f, (double)
                Float.MAX_VALUE));
    }

    @Test
    void valuesBecomeOneFormOfTextHoweverTheServerPrintsThem() {
        fixture.execute("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET bytea_output = escape', current_database());"
                + " EXECUTE format('ALTER DATABASE %I SET extra_float_digits = -5', current_database()); END $$");
        TestTable before = TestTable.of(
                "t",
                key("id", DataType.of(Type.INTEGER), 1),
                field("v", DataType.of(Type.BYTE_ARRAY)),
                field("w", DataType.of(Type.DOUBLE)));
        TestTable after = TestTable.of(
                "t",
                key("id", DataType.of(Type.INTEGER), 1),
                field("v", DataType.of(Type.STRING)),
                field("w", DataType.of(Type.STRING)));
        byte[] bytes = {0, 'a'};
        window(transaction -> {
            transaction.create(before.target());
            transaction.load(TestLoad.into(before).upsert(1, bytes, 0.1 + 0.2));
            transaction.widenColumn(before.target(), after.column("v"));
            transaction.widenColumn(before.target(), after.column("w"));
            transaction.load(TestLoad.into(before.into(after.target())).upsert(2, bytes, 0.1 + 0.2));
        });
        assertEquals(
                List.of("\\x0061|0.30000000000000004", "\\x0061|0.30000000000000004"),
                fixture.rows("SELECT v, w FROM sales.t ORDER BY id"));
    }

    @Test
    void decimalsKeepDigitsAndScale() {
        assertEquals(
                List.of(
                        "1.50",
                        "0.00",
                        "-0.0001",
                        "100000000.00",
                        "NaN",
                        "Infinity",
                        "-Infinity",
                        "9223372036854775807",
                        "-9223372036854775808"),
                printed(
                        DataType.decimal(0, 0),
                        new BigDecimal("1.50"),
                        new BigDecimal("0.00"),
                        new BigDecimal("-0.0001"),
                        new BigDecimal("100000000.00"),
                        Special.NAN,
                        Special.POSITIVE_INFINITY,
                        Special.NEGATIVE_INFINITY,
                        BigDecimal.valueOf(Long.MAX_VALUE),
                        BigDecimal.valueOf(Long.MIN_VALUE)));
        assertEquals(
                List.of("1.50", "NaN", "1.50"),
                printed(DataType.decimal(10, 2), new BigDecimal("1.5"), Special.NAN, new BigDecimal("1.50000")));
        assertEquals(List.of("12000"), printed(DataType.decimal(0, 0), new BigDecimal("1.2E+4")));
    }

    @Test
    void anyDecimalArrivesAsItWas() {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        List<BigDecimal> values = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            BigInteger unscaled = random.nextBoolean()
                    ? BigInteger.valueOf(random.nextLong() >> random.nextInt(64))
                    : randomDigits(random, 1 + random.nextInt(120));
            if (random.nextInt(4) == 0) {
                unscaled = unscaled.multiply(BigInteger.TEN.pow(random.nextInt(20)));
            }
            values.add(new BigDecimal(unscaled, random.nextInt(random.nextInt(10) == 0 ? 400 : 45)));
        }
        values.add(new BigDecimal(BigInteger.TEN.pow(3_000).add(BigInteger.ONE), 1_500));
        List<String> printed = printed(DataType.decimal(0, 0), DataType.decimal(0, 0), values);
        for (int i = 0; i < values.size(); i++) {
            assertEquals(values.get(i).toPlainString(), printed.get(i), "seed " + seed + ", value " + i);
        }
    }

    private static BigInteger randomDigits(SplittableRandom random, int digits) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < digits; i++) {
            text.append(random.nextInt(3) == 0 ? 0 : random.nextInt(10));
        }
        BigInteger value = new BigInteger(text.toString());
        return random.nextBoolean() ? value : value.negate();
    }

    @Test
    void textAndBytesOfAnySizeArrive() {
        String large = "ä🎬x".repeat(150_000);
        assertEquals(List.of("", "it's\\\n\t\"", large), printed(DataType.of(Type.STRING), "", "it's\\\n\t\"", large));
        assertEquals(
                List.of("ab"), printed(DataType.text(Type.CHAR, 5), "ab   "), "its text form leaves the padding out");
        byte[] bytes = {0, 1, (byte) 0xff};
        assertEquals(List.of("\\x", "\\x0001ff"), printed(DataType.of(Type.BYTE_ARRAY), new byte[0], bytes));
        assertEquals(List.of("s3://bucket/file"), printed(DataType.of(Type.FILE_REF), "s3://bucket/file"));
    }

    @Test
    void jsonArrivesAsJsonb() {
        assertEquals(List.of("[1, null, \"a\"]"), printed(DataType.of(Type.LIST), "[1,null,\"a\"]"));
        assertEquals(
                List.of("{\"a\": 1.50}", "null", "7"), printed(DataType.of(Type.MAP), "{\"a\":1.50}", "null", "7"));
        assertEquals(List.of("[{\"a\": \"ü\"}]"), printed(DataType.of(Type.LIST_MAP), "[{\"a\":\"ü\"}]"));
    }

    @Test
    void datesAndTimesReachBeyondTheCommon() {
        assertEquals(
                List.of("0044-03-15 BC", "0001-01-01", "2000-01-01", "5874897-12-31", "infinity", "-infinity"),
                printed(
                        DataType.of(Type.DATE),
                        LocalDate.of(-43, 3, 15),
                        LocalDate.of(1, 1, 1),
                        LocalDate.of(2000, 1, 1),
                        LocalDate.of(5874897, 12, 31),
                        Special.POSITIVE_INFINITY,
                        Special.NEGATIVE_INFINITY));
        assertEquals(
                List.of("00:00:00", "23:59:59.999999", "24:00:00"),
                printed(DataType.time(Type.TIME, 6), 0L, NANOS_PER_DAY - 1000, NANOS_PER_DAY));
        assertEquals(
                List.of(
                        "0044-03-15 12:00:00 BC",
                        "1969-12-31 23:59:59.999999",
                        "294276-12-31 23:59:59.999999",
                        "infinity",
                        "-infinity"),
                printed(
                        DataType.time(Type.DATETIME, 6),
                        LocalDateTime.of(-43, 3, 15, 12, 0),
                        LocalDateTime.of(1969, 12, 31, 23, 59, 59, 999_999_000),
                        LocalDateTime.of(294276, 12, 31, 23, 59, 59, 999_999_000),
                        Special.POSITIVE_INFINITY,
                        Special.NEGATIVE_INFINITY));
        assertEquals(
                List.of("2024-02-29 12:00:00.5+00", "infinity"),
                printed(
                        DataType.time(Type.ZONED_DATETIME, 6),
                        OffsetDateTime.of(2024, 2, 29, 17, 30, 0, 500_000_000, ZoneOffset.ofHoursMinutes(5, 30)),
                        Special.POSITIVE_INFINITY));
    }

    @Test
    void secondsWithNineDigitsBecomeText() {
        assertEquals(
                List.of("2024-02-29 12:00:00.123456789"),
                printed(DataType.time(Type.DATETIME, 9), LocalDateTime.of(2024, 2, 29, 12, 0, 0, 123_456_789)));
        assertEquals(
                List.of("2024-02-29 12:00:00.000000001-03:30"),
                printed(
                        DataType.time(Type.ZONED_DATETIME, 9),
                        OffsetDateTime.of(2024, 2, 29, 12, 0, 0, 1, ZoneOffset.ofHoursMinutes(-3, -30))));
        assertEquals(
                List.of("-838:59:59.000000001"),
                printed(DataType.time(Type.TIME, 9), -(838L * 3600 + 59 * 60 + 59) * 1_000_000_000 - 1));
    }

    @Test
    void aColumnThatBecameTextHoldsOldAndNewValuesInOneForm() {
        sameAsCast(
                DataType.of(Type.DOUBLE),
                0.1,
                -0.0,
                1e15,
                123456789012345.0,
                1e-4,
                1.5e-5,
                1e21,
                Double.NaN,
                Double.NEGATIVE_INFINITY,
                100.0);
        sameAsCast(DataType.of(Type.FLOAT), (double) 0.1f, 1e6, 123456.0, (double) 1.5e-5f, (double) 1e-4f);
        sameAsCast(
                DataType.decimal(0, 0),
                new BigDecimal("1.50"),
                new BigDecimal("-0.00001"),
                Special.NAN,
                Special.NEGATIVE_INFINITY);
        sameAsCast(DataType.of(Type.BOOLEAN), true, false);
        sameAsCast(DataType.of(Type.LONG), Long.MIN_VALUE, 7L);
        sameAsCast(
                DataType.of(Type.DATE), LocalDate.of(-43, 3, 15), LocalDate.of(12345, 1, 1), Special.POSITIVE_INFINITY);
        sameAsCast(DataType.time(Type.TIME, 6), 0L, NANOS_PER_DAY, 1_230_000_000L);
        sameAsCast(
                DataType.time(Type.DATETIME, 6),
                LocalDateTime.of(-43, 3, 15, 1, 2, 3, 450_000_000),
                LocalDateTime.of(2024, 1, 1, 0, 0),
                Special.NEGATIVE_INFINITY);
        sameAsCast(DataType.of(Type.BYTE_ARRAY), (Object) "ab\0".getBytes(StandardCharsets.UTF_8));
    }

    private void sameAsCast(DataType type, Object... values) {
        assertEquals(
                printed(type, type, List.of(values)),
                printed(type, DataType.of(Type.STRING), List.of(values)),
                type.toString());
    }

    @Test
    void cellsGoIntoWiderColumns() {
        assertEquals(
                List.of("7", "-9223372036854775808"),
                printed(DataType.of(Type.LONG), DataType.decimal(0, 0), List.of(7L, Long.MIN_VALUE)));
        assertEquals(List.of("7"), printed(DataType.of(Type.INTEGER), DataType.of(Type.DOUBLE), List.of(7L)));
        assertEquals(List.of("0.5"), printed(DataType.of(Type.FLOAT), DataType.of(Type.DOUBLE), List.of(0.5)));
        assertEquals(
                List.of("2024-02-29 00:00:00"),
                printed(DataType.of(Type.DATE), DataType.time(Type.DATETIME, 6), List.of(LocalDate.of(2024, 2, 29))));
    }

    @Test
    void everyTypeIsDescribedAsItWasDeclared() {
        List<DataType> types = new ArrayList<>();
        for (Type type : Type.values()) {
            types.add(DataType.of(type));
        }
        for (int digits = 1; digits <= 9; digits++) {
            types.add(DataType.time(Type.TIME, digits));
            types.add(DataType.time(Type.DATETIME, digits));
            types.add(DataType.time(Type.ZONED_DATETIME, digits));
        }
        types.add(DataType.decimal(10, 2));
        types.add(DataType.decimal(1000, 0));
        types.add(DataType.decimal(5000, 10));
        types.add(DataType.text(Type.CHAR, 3));
        types.add(DataType.text(Type.STRING, 50));
        types.add(DataType.text(Type.STRING, 50_000_000));
        TestTable.Field[] fields = new TestTable.Field[types.size()];
        for (int i = 0; i < fields.length; i++) {
            fields[i] = field("c" + i, types.get(i));
        }
        TestTable table = TestTable.of("t", fields);
        window(transaction -> transaction.create(table.target()));
        try (Destination destination = fixture.open("values")) {
            ExistingTable there = destination.describe(table.target().name()).orElseThrow();
            for (int i = 0; i < fields.length; i++) {
                assertEquals(
                        destination.columnType(types.get(i)),
                        there.columns().get(i).type(),
                        types.get(i).toString());
                assertTrue(there.columns().get(i).nullable());
            }
        }
    }
}
