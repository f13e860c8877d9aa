package dev.millrace.consume.transform.steps;

import static dev.millrace.consume.testing.StepBench.column;
import static dev.millrace.consume.testing.StepBench.decimal;
import static dev.millrace.consume.testing.StepBench.key;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.script.LetterCase;
import dev.millrace.consume.testing.StepBench;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Type;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Values at the edges of their types, and texts that are written in unusual ways: right, or refused, never changed in silence. */
class OddValuesTest {
    private static final Column ID = key("id", Type.INTEGER);

    @TempDir
    Path folder;

    private StepBench bench(String steps, Column... columns) throws IOException {
        return new StepBench(folder, steps, columns);
    }

    private String text(String steps, String a) throws IOException {
        return bench(steps, ID, column("a", Type.STRING))
                .row(Operation.INSERT, 1, a)
                .one();
    }

    private void refused(String steps, Type type, Object a, String why) throws IOException {
        StepBench bench = bench(steps, ID, column("a", type)).row(Operation.INSERT, 1, a);
        assertEquals(List.of(), bench.run(), String.valueOf(a));
        assertTrue(bench.failures().get(0).startsWith(why), bench.failures().toString());
    }

    @Test
    void marksOfThousandsStandWhereTheFormHasThem() throws IOException {
        String form = "- parse: {a: {type: decimal, format: \"#,##0.##\"}}";
        for (String good : List.of("1", "1234.5", "1,234", "-1,234,567.25", "1,234.5")) {
            assertEquals("id=1 a=" + good.replace(",", ""), text(form, good), good);
        }
        for (String odd : List.of("1,5", "12,34", "1,2345", "1,234,5", ",123", "1,,234", "1234,567", "1.5,000")) {
            refused(form, Type.STRING, odd, "TRANSFORM_VALUE_UNFIT a: '" + odd + "' is not a number in the form");
        }
        assertEquals(
                "id=1 a=1234567.5",
                text("- parse: {a: {type: decimal, format: \"#,##0.##\", locale: de-DE}}", "1.234.567,5"));
        refused("- parse: {a: {type: decimal, format: \"0.##\"}}", Type.STRING, "1,5", "TRANSFORM_VALUE_UNFIT a");
    }

    @Test
    void aTimeThatItsZonePassesOverIsNone() throws IOException {
        String form = "- parse: {a: {type: zoned_datetime, format: yyyy-MM-dd HH:mm, zone: Europe/Berlin}}";
        refused(form, Type.STRING, "2024-03-31 02:30", "TRANSFORM_VALUE_UNFIT a: '2024-03-31 02:30' is not a time");
        assertEquals("id=1 a=1711848600s0+7200", text(form, "2024-03-31 03:30"));
        assertEquals("id=1 a=1729989000s0+7200", text(form, "2024-10-27 02:30"), "the first of two");
        assertEquals(
                "id=1 a=1711848600s0+7200",
                text(
                        "- parse: {a: {type: zoned_datetime, format: \"yyyy-MM-dd HH:mmxxx\", zone: Europe/Berlin}}",
                        "2024-03-31 01:30+00:00"));
    }

    @Test
    void datesThatNoColumnHoldsFailTheirEvent() throws IOException {
        for (String steps : List.of(
                "- cast: {a: date}",
                "- parse: {a: {type: date, format: uuuuuuuuuu-MM-dd}}",
                "- set: {b: {value: a, type: date}}")) {
            StepBench bench = bench(steps, ID, column("a", Type.STRING))
                    .row(Operation.INSERT, 1, steps.contains("parse") ? "0009999999-01-01" : "+9999999-01-01");
            assertEquals(List.of(), bench.run(), steps);
            assertTrue(bench.failures().get(0).startsWith("TRANSFORM_VALUE_UNFIT"), bench.failures()::toString);
        }
        assertEquals("id=1 a=-0044-03-15", text("- cast: {a: date}", "-0044-03-15"));
        assertEquals("id=1 a=+5881580-07-10", text("- cast: {a: date}", "+5881580-07-10"));
        refused("- cast: {a: date}", Type.STRING, "+5881580-07-11", "TRANSFORM_VALUE_UNFIT a");
    }

    @Test
    void floatingNumbersAreTheNearestOnes() throws IOException {
        // halfway between two floats but for a digit that a double does not hold
        String above = "1.000000059604644775390625000000000000000001";
        assertEquals((double) Float.parseFloat(above), (double) Math.nextUp(1f));
        assertEquals("id=1 a=" + (double) Math.nextUp(1f), text("- cast: {a: float}", above));
        assertEquals(
                "id=1 n=" + (double) (float) 9007199791611905L,
                bench("- cast: {n: float}", ID, column("n", Type.LONG))
                        .row(Operation.INSERT, 1, 9007199791611905L)
                        .one());
        assertEquals(
                "id=1 n=9007199254740993",
                bench("- cast: {n: decimal}", ID, column("n", Type.LONG))
                        .row(Operation.INSERT, 1, 9007199254740993L)
                        .one());
        assertEquals(
                "id=1 d=-9223372036854775808",
                bench("- cast: {d: long}", ID, column("d", Type.DOUBLE))
                        .row(Operation.INSERT, 1, -0x1p63)
                        .one());
        StepBench beyond = bench("- cast: {d: long}", ID, column("d", Type.DOUBLE))
                .row(Operation.INSERT, 1, 0x1p63)
                .row(Operation.INSERT, 2, Double.NaN)
                .row(Operation.INSERT, 3, Double.NEGATIVE_INFINITY);
        assertEquals(List.of(), beyond.run());
        assertEquals(3, beyond.failures().size());
    }

    @Test
    void whatIsRoundedUpFindsRoom() throws IOException {
        assertEquals(
                "id=1 d=100 e=1000",
                bench(
                                "- round: {d: -1, e: -3}\n- cast: {d: \"decimal(3,0)\", e: \"decimal(4,0)\"}",
                                ID,
                                decimal("d", 4, 2),
                                decimal("e", 3, 0))
                        .row(Operation.INSERT, 1, new BigDecimal("99.99"), new BigDecimal("999"))
                        .one());
        assertEquals(
                "id=1 f=0.10000000149011612 g=true",
                bench("- round: {f: 1}\n- set: {g: \"f == 0.10000000149011612\"}", ID, column("f", Type.FLOAT))
                        .row(Operation.INSERT, 1, 0.125)
                        .one());
    }

    @Test
    void anExpressionThatIsNeverOfItsColumnsTypeIsFoundBeforeAnyRow() throws IOException {
        for (String set : List.of(
                "{b: id * 2}",
                "{b: (id + 1)}",
                "{id: \"'x' + id\"}",
                "{b: {value: a, type: long}}",
                "{a: id > 1}",
                "{b: {value: id, type: boolean}}")) {
            StepBench bench = bench("- set: " + set, ID, column("a", Type.STRING));
            MillraceException refused = assertThrows(
                    MillraceException.class,
                    () -> bench.row(Operation.INSERT, 1, "x").run(),
                    set);
            assertTrue(refused.getMessage().contains("Say the type"), refused.getMessage());
        }
        assertEquals(
                "id=1 a=1 b=2.0 c=true",
                bench(
                                "- set: {a: String(id), b: {value: id * 2, type: double}, c: {value: id > 0, type: json}}",
                                ID,
                                column("a", Type.STRING))
                        .row(Operation.INSERT, 1, "x")
                        .one());
    }

    @Test
    void jsonHasDigitsOfAsciiOnly() throws IOException {
        refused("- parseJson: [a]", Type.STRING, "\"\\u٠٠٤١\"", "TRANSFORM_JSON a: it is no JSON");
        assertEquals("id=1 a=\"\\u00E9\"", text("- parseJson: [a]", "\"\\u00E9\""));
    }

    @Test
    void aKeyIsMaskedOnlyByWhatKeepsRowsApart() throws IOException {
        for (String mask : List.of("{keepLast: 4}", "{redact: gone}")) {
            StepBench bench = bench("- mask: {id: " + mask + "}", key("id", Type.STRING));
            MillraceException refused = assertThrows(MillraceException.class, () -> bench.row(Operation.INSERT, "12345")
                    .run());
            assertTrue(refused.getMessage().contains("part of the key"), refused.getMessage());
        }
        String masked = bench("- mask: {id: {keepFormat: \"${env:SALT}\"}}", key("id", Type.STRING))
                .row(Operation.INSERT, "12345")
                .one();
        assertTrue(masked.matches("id=\\d{5}"), masked);
    }

    @Test
    void longTextsAreCasedAsShortOnesInATimeThatGrowsWithThem() throws IOException {
        String piece = "Straße ΐ İstanbul ";
        assertTimeoutPreemptively(Duration.ofMinutes(2), () -> {
            assertEquals(piece.toUpperCase(Locale.ROOT).repeat(5_000), LetterCase.upper(piece.repeat(5_000)));
            assertEquals(40_000, LetterCase.upper("ß".repeat(20_000)).length());
            assertEquals(40_000, LetterCase.lower("İ".repeat(20_000)).length());
            assertEquals(20_000, LetterCase.lower("Σ".repeat(20_000)).length());
        });
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        String[] letters = {"a", "Σ", "σ", "İ", "ß", "ﬃ", "Ǆ", "ά", "Z"};
        for (int round = 0; round < 40; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(3_000); i > 0; i--) {
                text.append(letters[random.nextInt(letters.length)]);
                text.append(i % 30 == 0 ? " " : "");
            }
            assertTrue(
                    LetterCase.upper(text.toString()).equals(text.toString().toUpperCase(Locale.ROOT)), "seed " + seed);
            assertTrue(
                    LetterCase.lower(text.toString()).equals(text.toString().toLowerCase(Locale.ROOT)), "seed " + seed);
        }
    }
}
