package dev.millrace.ingest.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.MillraceException;
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
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DecodersTest {
    private record Sample(Type type, CellDecoder decoder, String text) {}

    private static final Sample INTEGER = new Sample(Type.LONG, TextDecoders::int8, "-9223372036854775808");
    private static final Sample NUMERIC = new Sample(Type.DECIMAL, TextDecoders::numeric, "-12345678901234567.8901");
    private static final Sample FLOAT8 = new Sample(Type.DOUBLE, TextDecoders::float8, "-1.2345e-07");
    private static final Sample DATE = new Sample(Type.DATE, TimeText::date, "0044-03-15 BC");
    private static final JsonForm BOOLEANS = JsonForm.array((byte) ',', JsonForm.BOOLEAN);
    private static final List<Sample> SAMPLES = List.of(
            new Sample(Type.BOOLEAN, TextDecoders::bool, "t"),
            INTEGER,
            NUMERIC,
            FLOAT8,
            new Sample(Type.FLOAT, TextDecoders::float4, "1.5e+10"),
            new Sample(Type.DECIMAL, TextDecoders.money(2), "-$1,234.56"),
            new Sample(Type.BYTE_ARRAY, TextDecoders::bytea, "\\x00ff"),
            DATE,
            new Sample(Type.TIME, TimeText::time, "23:59:59.999999"),
            new Sample(Type.DATETIME, TimeText::timestamp, "2024-02-29 23:59:59.123456"),
            new Sample(Type.ZONED_DATETIME, TimeText::timestamptz, "2024-02-29 23:59:59.123456-03:30:15 BC"),
            new Sample(Type.LIST, JsonForm.array((byte) ',', JsonForm.STRING).cell(), "[0:1]={{a,NULL},{\"b\\\"\",c}}"),
            new Sample(
                    Type.MAP,
                    JsonForm.composite(List.of("a", "b"), List.of(JsonForm.NUMBER, BOOLEANS))
                            .cell(),
                    "(1,\"{t,f}\")"),
            new Sample(Type.MAP, JsonForm.HSTORE.cell(), "\"a\"=>\"b\", \"c\"=>NULL"));

    @Test
    void damagedTextIsRefusedOrReadAsAnotherValueButNothingElseHappens() {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        int refused = 0;
        for (int round = 0; round < 50_000; round++) {
            Sample sample = SAMPLES.get(random.nextInt(SAMPLES.size()));
            byte[] text = mutated(sample.text.getBytes(StandardCharsets.UTF_8), random);
            try {
                decode(sample, text);
            } catch (MillraceException e) {
                assertEquals("SOURCE_VALUE_MALFORMED", e.code());
                refused++;
            } catch (RuntimeException e) {
                String about = "seed " + seed + " " + sample.type + " " + new String(text, StandardCharsets.ISO_8859_1);
                throw new AssertionError(about, e);
            }
        }
        assertTrue(refused > 10_000, "only " + refused + " were refused");
    }

    private static byte[] mutated(byte[] text, SplittableRandom random) {
        int from = random.nextInt(3) == 0 ? random.nextInt(text.length) : 0;
        int to = random.nextInt(3) == 0 ? from + random.nextInt(text.length - from + 1) : text.length;
        byte[] part = Arrays.copyOfRange(text, from, to);
        for (int i = random.nextInt(3); i > 0 && part.length > 0; i--) {
            part[random.nextInt(part.length)] = text[random.nextInt(text.length)];
        }
        return part;
    }

    @Test
    void numbersAndDatesHaveTheValuesTheJdkGivesThem() {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 10_000; round++) {
            String about = "seed " + seed + " round " + round;
            String decimal = BigDecimal.valueOf(random.nextLong() >> random.nextInt(64), random.nextInt(20))
                    .toPlainString();
            assertEquals(decimal, decode(NUMERIC, decimal), about);
            for (double value : new double[] {
                Double.longBitsToDouble(random.nextLong()), (random.nextLong() >> 20) / 1e6, random.nextInt()
            }) {
                String text = Double.isFinite(value) ? BigDecimal.valueOf(value).toPlainString() : "NaN";
                assertEquals(Double.toString(Double.parseDouble(text)), decode(FLOAT8, text), about);
            }
            LocalDate date = LocalDate.ofEpochDay(random.nextLong(-2_400_000, 3_000_000));
            int year = date.getYear();
            String text = String.format(
                    Locale.ROOT,
                    "%04d%s",
                    year > 0 ? year : 1 - year,
                    date.toString().substring(date.toString().length() - 6));
            assertEquals(date.toString(), decode(DATE, text + (year > 0 ? "" : " BC")), about);
        }
    }

    @Test
    void compositesWrittenBeforeTheirTypeChangedAreStillJson() {
        JsonForm form = JsonForm.composite(List.of("a", "b"), List.of(JsonForm.NUMBER, JsonForm.STRING));
        Sample sample = new Sample(Type.MAP, form.cell(), "");
        assertEquals("{\"a\":1,\"b\":\"x\"}", decode(sample, "(1,x)"));
        assertEquals("{\"a\":1}", decode(sample, "(1)"));
        assertEquals("{\"a\":null}", decode(sample, "()"));
        assertEquals("{\"a\":\"2024-01-01\",\"b\":null,\"f3\":\"y\"}", decode(sample, "(2024-01-01,,y)"));
        assertEquals(
                "{}",
                decode(
                        new Sample(
                                Type.MAP,
                                JsonForm.composite(List.of(), List.of()).cell(),
                                ""),
                        "()"));
    }

    @Test
    void onlyNumbersOfJsonAreWrittenAsSuch() {
        for (String number : List.of("0", "-0", "12", "-1.50", "1e-07", "1E+20", "0.5")) {
            assertTrue(JsonBytes.isNumber(number.getBytes(StandardCharsets.UTF_8), 0, number.length()), number);
        }
        for (String other : List.of("", "-", "01", "1.", ".5", "1e", "NaN", "-Infinity", "2024-01-01", "1 ", "1e+")) {
            assertFalse(JsonBytes.isNumber(other.getBytes(StandardCharsets.UTF_8), 0, other.length()), other);
        }
    }

    @Test
    void aMalformedValueIsToldWithoutItsContent() {
        MillraceException failure = assertThrows(MillraceException.class, () -> decode(INTEGER, "secret"));
        assertFalse(failure.getMessage().contains("secret"));
    }

    @Test
    void outsizeBytesAreTheSameWhenTheirTextIsReadTwice() {
        int bytes = 9 << 20;
        byte[] text = new byte[3 + 2 + 2 * bytes];
        Arrays.fill(text, (byte) '0');
        text[3] = '\\';
        text[4] = 'x';
        text[5] = 'f';
        text[text.length - 1] = 'a';
        BatchWriter out = new BatchWriter();
        out.beginTransaction(0, 0, "x", 0);
        out.beginRow(Operation.READ, out.schema(of(Type.BYTE_ARRAY)));
        TextDecoders.bytea(text, 3, text.length - 3, out);
        out.beginBefore();
        TextDecoders.bytea(text, 3, text.length - 3, out);
        out.endRow();
        BatchReader reader = new BatchReader();
        reader.open(out.finish(0, false, true, OffsetDelta.NONE).stored(1));
        assertTrue(reader.next());
        for (Cells cells : List.of(reader.values(), reader.before())) {
            int from = cells.bytesOffset(0);
            assertEquals(bytes, cells.bytesLength(0));
            assertEquals((byte) 0xf0, cells.buffer()[from]);
            assertEquals((byte) 0x0a, cells.buffer()[from + bytes - 1]);
            assertEquals(0, cells.buffer()[from + bytes / 2]);
        }
    }

    private static Schema of(Type type) {
        return new Schema(new TableName("", "t"), 1, List.of(new Column("c", DataType.of(type), true, 0, "", 0)));
    }

    private static String decode(Sample sample, String text) {
        return decode(sample, text.getBytes(StandardCharsets.UTF_8));
    }

    private static String decode(Sample sample, byte[] text) {
        BatchWriter out = new BatchWriter();
        out.beginTransaction(0, 0, "x", 0);
        out.beginRow(Operation.READ, out.schema(of(sample.type)));
        sample.decoder.decode(text, 0, text.length, out);
        out.endRow();
        return Reading.rows(out).get(0).get(0);
    }
}
