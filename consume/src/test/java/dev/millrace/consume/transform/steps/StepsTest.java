package dev.millrace.consume.transform.steps;

import static dev.millrace.consume.testing.StepBench.column;
import static dev.millrace.consume.testing.StepBench.decimal;
import static dev.millrace.consume.testing.StepBench.key;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.testing.StepBench;
import dev.millrace.consume.testing.TableFeed.Moment;
import dev.millrace.storage.batch.Special;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Type;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StepsTest {
    private static final Column ID = key("id", Type.INTEGER);
    private static final Column A = column("a", Type.STRING);
    private static final Column B = column("b", Type.STRING);
    private static final Column N = column("n", Type.INTEGER);

    @TempDir
    Path folder;

    @Test
    void columnsAreChosenAndRenamedAndTheTableToo() throws IOException {
        String steps = "- exclude: [\"tmp_*\"]\n- rename: {a: first}\n- include: [first]\n- table: archive.{table}_old";
        assertEquals(
                List.of("INSERT archive.orders_old id=1 first=x"),
                bench(steps, ID, A, B, column("tmp_1", Type.STRING))
                        .row(Operation.INSERT, 1, "x", "y", "z")
                        .run());
    }

    @Test
    void textsAreTrimmedCasedReplacedSplitAndPutTogether() throws IOException {
        assertEquals("id=1 a=X b=y", one("- trim: [a]\n- upper: [a]\n- lower: [b]", " x ", "Y"));
        assertEquals(
                "id=1 a=x-y.z b=null",
                one(
                        "- replace: {a: {find: \".\", with: \"-\"}}\n- replace: {a: {find: \"y-\", with: \"y.\"}}",
                        "x.y.z",
                        null));
        assertEquals("id=1 a=2024/05 b=y", one("- regex: {a: {find: '(\\d+)-(\\d+)', with: '$1/$2'}}", "2024-05", "y"));
        assertEquals("id=1 a=k=v b=y k=k v=v", one("- regex: {a: {find: '(\\w)=(\\w)', into: [k, v]}}", "k=v", "y"));
        assertEquals(
                "id=1 a=none b=y k=null v=null", one("- regex: {a: {find: '(\\w)=(\\w)', into: [k, v]}}", "none", "y"));
        assertEquals("id=1 a=p,q,r b=y l=p r=q,r", one("- split: {a: {by: \",\", into: [l, r]}}", "p,q,r", "y"));
        assertEquals("id=1 a=p b=y l=p r=null", one("- split: {a: {by: \",\", into: [l, r]}}", "p", "y"));
        assertEquals("id=1 a=x b=null c=1 x", one("- concat: {c: {columns: [id, a, b], separator: \" \"}}", "x", null));
    }

    @Test
    void castsNeverChangeAValueInSilence() throws IOException {
        assertEquals("id=1 a=42 b=null", one("- cast: {a: integer}", "42", null));
        refused("- cast: {a: byte}", "300", "TRANSFORM_VALUE_UNFIT a: '300' is not a whole number from -128 to 127");
        refused("- cast: {a: integer}", "4.2", "TRANSFORM_VALUE_UNFIT a: '4.2' is not a whole number");
        refused("- cast: {a: integer}", " 4", "TRANSFORM_VALUE_UNFIT a: ' 4' is not a whole number");
        refused(
                "- cast: {a: \"decimal(4,1)\"}",
                "1.25",
                "TRANSFORM_VALUE_UNFIT a: '1.25' is not a decimal of 4 digits");
        refused(
                "- cast: {a: \"string(2)\"}",
                "abc",
                "TRANSFORM_VALUE_UNFIT a: 'abc' is not text of at most 2 characters");
        refused("- cast: {a: boolean}", "maybe", "TRANSFORM_VALUE_UNFIT a: 'maybe' is not true or false");
        refused("- cast: {a: date}", "2023-02-29", "TRANSFORM_VALUE_UNFIT a: '2023-02-29' is not a date");
        refused("- cast: {a: double}", "1e999", "TRANSFORM_VALUE_UNFIT a: '1e999' is not within the range of a DOUBLE");
        refused("- cast: {a: json}", "{a: 1}", "TRANSFORM_JSON a: it is no JSON at character 2");
        assertEquals("id=1 a=2024-02-29 b=1.50", one("- cast: {a: date, b: \"decimal(5,2)\"}", "2024-02-29", "1.5"));
        assertEquals(
                "id=1 a=1714572000s5000000+7200 b=y",
                one("- cast: {a: zoned_datetime}", "2024-05-01T16:00:00.005+02:00", "y"));
        assertEquals("id=1 a={\"a\":[1]} b=y", one("- cast: {a: json}", "{\"a\":[1]}", "y"));
    }

    @Test
    void everyTypeHasATextAndComesBackFromIt() throws IOException {
        Column[] columns = {
            ID,
            decimal("d", 0, 0),
            column("f", Type.DOUBLE),
            column("day", Type.DATE),
            column("t", Type.TIME),
            column("at", Type.DATETIME),
            column("yes", Type.BOOLEAN)
        };
        Object[] row = {
            7, new BigDecimal("1.50"), 0.1, 19_000, 3_600_000_000_000L, new Moment(1_700_000_000, 120_000_000), true
        };
        String there = "- cast: {id: string, d: string, f: string, day: string, t: string, at: string, yes: string}\n";
        assertEquals(
                "id=7 d=1.50 f=0.1 day=2022-01-08 t=01:00:00 at=2023-11-14T22:13:20.12 yes=true",
                bench(there, columns).row(Operation.INSERT, row).one());
        assertEquals(
                "id=7 d=1.50 f=0.1 day=2022-01-08 t=3600000000000 at=1700000000s120000000 yes=true",
                bench(
                                there
                                        + "- cast: {id: integer, d: decimal, f: double, day: date, t: time, at: datetime, yes: boolean}",
                                columns)
                        .row(Operation.INSERT, row)
                        .one());
        assertEquals(
                "id=7 d=NaN",
                bench("- cast: {d: string}", ID, decimal("d", 0, 0))
                        .row(Operation.INSERT, 7, Special.NAN)
                        .one());
    }

    @Test
    void datesAndNumbersAreReadAndWrittenByPatterns() throws IOException {
        assertEquals(
                "id=1 a=2024-03-05 b=1234.50",
                one(
                        "- parse: {a: {type: date, format: dd.MM.yyyy}, b: {type: \"decimal(10,2)\", format: \"#,##0.0#\", locale: de-DE}}",
                        "05.03.2024",
                        "1.234,5"));
        refused(
                "- parse: {a: {type: date, format: dd.MM.yyyy}}",
                "31.02.2024",
                "TRANSFORM_VALUE_UNFIT a: '31.02.2024' is not a date in the form dd.MM.yyyy");
        refused(
                "- parse: {a: {type: integer, format: \"#\"}}",
                "12x",
                "TRANSFORM_VALUE_UNFIT a: '12x' is not a number in the form #");
        refused(
                "- parse: {a: {type: decimal, format: \"#\"}}",
                "1E999999999",
                "TRANSFORM_VALUE_UNFIT a: '1E999999999' is not a number in the form #");
        assertEquals(
                "id=1 day=8 Jan 2022 d=1.234,50 at=1700000000s0",
                bench(
                                "- format: {day: d MMM yyyy, d: {format: \"#,##0.00\", locale: de-DE}}",
                                ID,
                                column("day", Type.DATE),
                                decimal("d", 0, 0),
                                column("at", Type.DATETIME))
                        .row(Operation.INSERT, 1, 19_000, new BigDecimal("1234.5"), new Moment(1_700_000_000, 0))
                        .one());
        assertEquals(
                "id=1 a=1714572000s0+7200 b=y",
                one(
                        "- parse: {a: {type: zoned_datetime, format: dd.MM.yyyy HH:mm, zone: Europe/Berlin}}",
                        "01.05.2024 16:00",
                        "y"));
    }

    @Test
    void whatIsRefusedTellsWhereItsStepIsWritten() throws IOException {
        String steps = "- trim: [b]\n- cast: {b: integer,\n         a: byte}\n";
        refused(
                steps,
                "x",
                "y",
                "TRANSFORM_VALUE_UNFIT b: 'y' is not a whole number from -2147483648 to 2147483647 (shop.yaml:7:19)");
        refused(
                steps,
                "x",
                "5",
                "TRANSFORM_VALUE_UNFIT a: 'x' is not a whole number from -128 to 127 (shop.yaml:8:19)");
        refused(
                "- if: {when: b == 'y', then: [{trim: [a]}, {cast: {a: string(2)}}]}",
                "today",
                "y",
                "TRANSFORM_VALUE_UNFIT a: 'today' is not text of at most 2 characters (shop.yaml:6:61)");
    }

    @Test
    void numbersAreRoundedHalfAwayFromZero() throws IOException {
        Column[] columns = {ID, decimal("d", 5, 3), column("f", Type.DOUBLE)};
        assertEquals(
                "id=1 d=-2.35 f=0.15",
                bench("- round: {d: 2, f: 2}", columns)
                        .row(Operation.INSERT, 1, new BigDecimal("-2.345"), 0.145)
                        .one());
        assertEquals(
                "id=130 a=x b=y",
                bench("- round: {id: -1}", ID, A, B)
                        .row(Operation.INSERT, 125, "x", "y")
                        .one());
    }

    @Test
    void membersOfJsonBecomeColumns() throws IOException {
        assertEquals(
                "id=1 a={\"c\":{\"d\":\"\\u00e9\\n\"},\"l\":[5,{\"m\":7}],\"n\":null} b=y d=é\n n=null m=7 l=[5,{\"m\":7}] none=null",
                one(
                        "- flatten: {a: {d: c.d, n: n, m: {path: l.1.m, type: integer}, l: {type: json}, none: c.x}}",
                        "{\"c\":{\"d\":\"\\u00e9\\n\"},\"l\":[5,{\"m\":7}],\"n\":null}",
                        "y"));
        refused("- flatten: {a: {d: c}}", "{\"c\":1", "TRANSFORM_JSON d: the JSON ends too early");
        refused("- flatten: {a: {d: c}}", "[".repeat(1_000), "TRANSFORM_JSON d: JSON is nested deeper than 500");
        refused(
                "- flatten: {a: {d: c}}",
                "{\"c\":\"x\\ud800\"}",
                "TRANSFORM_JSON d: it holds half a character, \\ud800");
        assertEquals(
                "id=1 a={\"c\":\"\\ud83d\\ude00\"} b=y d=😀",
                one("- flatten: {a: {d: c}}", "{\"c\":\"\\ud83d\\ude00\"}", "y"));
        assertEquals("id=1 a=[1,2] b=y", one("- parseJson: [a]", "[1,2]", "y"));
    }

    @Test
    void valuesAreHidden() throws IOException {
        assertEquals("id=1 a=****5678 b=***", one("- mask: {a: {keepLast: 4}, b: {redact: \"***\"}}", "12345678", "y"));
        String hashed = one("- mask: {a: {sha256: \"${env:SALT}\"}}", "x", "y");
        assertTrue(hashed.matches("id=1 a=[0-9a-f]{64} b=y"), hashed);
        String formatted = one("- mask: {\"a*\": {keepFormat: \"${env:SALT}\"}}", "AB-12", "y");
        assertTrue(formatted.matches("id=1 a=[A-Z]{2}-\\d\\d b=y"), formatted);
        String number = bench("- mask: {n: {hmac: \"${env:SALT}\"}}", ID, N)
                .row(Operation.INSERT, 1, 5)
                .one();
        String text = bench("- mask: {n: {hmac: \"${env:SALT}\"}}", ID, column("n", Type.STRING))
                .row(Operation.INSERT, 1, "5")
                .one();
        assertEquals(text, number, "a number's hash is that of its digits");
    }

    @Test
    void expressionsSetColumnsAndConditionsChoose() throws IOException {
        assertEquals("id=1 a=x b=y c=x y", one("- set: {c: \"a + ' ' + b\"}", "x", "y"));
        assertEquals(
                "id=2 n=5 c=10",
                bench("- set: {c: {value: n * id, type: long}}", ID, N)
                        .row(Operation.INSERT, 2, 5)
                        .one());
        String steps =
                "- if: {when: \"n > 3\", then: [{set: {size: \"'big'\"}}], else: [{cast: {n: long}}, {set: {size: \"'small'\", odd: \"n % 2 == 1\"}}]}";
        MillraceException twoTypes = assertThrows(
                MillraceException.class,
                () -> bench(steps, ID, N).row(Operation.INSERT, 2, 5).run());
        assertTrue(
                twoTypes.getMessage().contains("column 'n' would be INTEGER with 'then' and LONG with 'else'"),
                twoTypes.getMessage());
        assertEquals(
                List.of(
                        "INSERT public.orders id=2 n=5 size=big odd=null",
                        "INSERT public.orders id=3 n=1 size=small odd=true"),
                bench(steps.replace("{cast: {n: long}}, ", ""), ID, N)
                        .row(Operation.INSERT, 2, 5)
                        .row(Operation.INSERT, 3, 1)
                        .run());
    }

    @Test
    void aTextThatOneWayChangesMayBeLongerBehindBothWays() throws IOException {
        Column name = new Column("name", DataType.text(Type.STRING, 5), true, 0, "", 0);
        Column code = new Column("code", DataType.text(Type.CHAR, 3), true, 0, "", 0);
        Column price = new Column("price", DataType.decimal(9, 3), true, 0, "", 0);
        String steps = "- if: {when: \"id > 1\", then: [{upper: [name, code]}, {round: {price: 1}}]}";
        assertEquals(
                List.of(
                        "INSERT public.orders id=1 name=straß code=x y price=1.250",
                        "INSERT public.orders id=2 name=STRASS code=X Y price=1.3"),
                bench(steps, ID, name, code, price)
                        .row(Operation.INSERT, 1, "straß", "x y", new BigDecimal("1.250"))
                        .row(Operation.INSERT, 2, "straß", "x y", new BigDecimal("1.250"))
                        .run());
    }

    @Test
    void metadataBecomesColumns() throws IOException {
        assertEquals(
                "id=1 op=INSERT event=0/7:0 tx=7 at=1700000000s123456000+0 seen=1700000001s0+0 log=5 s=public t=orders",
                bench(
                                "- metadata: {op: operation, event: eventId, tx: transactionId, at: modifiedAt, seen: ingestedAt, log: logIndex, s: schema, t: table}",
                                ID)
                        .row(Operation.INSERT, 1)
                        .one());
    }

    @Test
    void aRegularExpressionThatWouldTryForEverFailsItsEvent() throws IOException {
        refused(
                "- regex: {a: {find: '(x+)+\\1y', with: ''}}",
                "x".repeat(40),
                "TRANSFORM_TOO_SLOW a: the regular expression came to no end within 200 ms");
        refused(
                "- regex: {a: {find: '(a|b)*c', into: [c]}}",
                "ab".repeat(200_000),
                "TRANSFORM_TOO_DEEP a: the regular expression needs too much of the stack for this text");
        refused(
                "- regex: {a: {find: 'a', with: b}}",
                "a".repeat(1_000_001),
                "TRANSFORM_TOO_LARGE a: the text has 1000001 characters");
    }

    @Test
    void everyStepThatDoesNotFitIsToldWithItsPlaceAndTheNearestName() throws IOException {
        StepBench bench = bench(
                "- trim: [n]\n- cast: {nn: long}\n- drop: \"aa == 1\"\n- exclude: [id]\n- rename: {a: b}", ID, A, B, N);
        MillraceException invalid =
                assertThrows(MillraceException.class, () -> bench.row(Operation.INSERT, 1, "x", "y", 2)
                        .run());
        String text = invalid.getMessage();
        assertEquals("TRANSFORM_INVALID", invalid.code());
        assertTrue(
                text.contains("shop.yaml:6:9: column 'n' is INTEGER, not text. Put 'cast: {n: string}' before."), text);
        assertTrue(text.contains("shop.yaml:7:20: there is no column 'nn' here. Did you mean 'n'?"), text);
        assertTrue(text.contains("shop.yaml:8:9: there is no column or function 'aa'"), text);
        assertTrue(text.contains("shop.yaml:9:9: column 'id' is part of the key"), text);
        assertTrue(text.contains("there is a column 'b' already"), text);
    }

    private StepBench bench(String steps, Column... columns) throws IOException {
        return new StepBench(folder, steps, columns);
    }

    private String one(String steps, Object a, Object b) throws IOException {
        return bench(steps, ID, A, B).row(Operation.INSERT, 1, a, b).one();
    }

    private void refused(String steps, Object a, String why) throws IOException {
        refused(steps, a, "y", why);
    }

    private void refused(String steps, Object a, Object b, String why) throws IOException {
        StepBench bench = bench(steps, ID, A, B).row(Operation.INSERT, 1, a, b);
        assertEquals(List.of(), bench.run());
        assertTrue(bench.failures().get(0).startsWith(why), bench.failures().toString());
    }
}
