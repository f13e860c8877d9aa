package dev.millrace.consume.script;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.setting.Secret;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Type;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExpressionTest {
    private static final long NOON = 1_714_564_800_123_456L;

    private final Sandbox sandbox = new Sandbox(ScriptLimits.DEFAULT, Optional.of(new Secret("pepper")));
    private final List<Column> columns = new ArrayList<>();
    private final List<Object> values = new ArrayList<>();

    private void column(String name, DataType type, Object value) {
        columns.add(new Column(name, type, true, 0, "", 0));
        values.add(value);
    }

    private void column(String name, Type type, Object value) {
        column(name, DataType.of(type), value);
    }

    private TypedValue value(String text) {
        return Expression.compile(sandbox, text, columns).evaluate(row(), NOON);
    }

    private RowView row() {
        return new RowView() {
            @Override
            public Object valueAt(int column) {
                return values.get(column);
            }

            @Override
            public boolean isUnchanged(int column) {
                return values.get(column) == RowView.class;
            }
        };
    }

    private ScriptProblem problem(String text) {
        return assertThrows(ScriptProblem.class, () -> Expression.compile(sandbox, text, columns), text);
    }

    private ScriptFailure failure(String text) {
        return assertThrows(ScriptFailure.class, () -> value(text), text);
    }

    @Test
    void columnsAreVariables() {
        column("first", Type.STRING, "Ada");
        column("last", Type.STRING, "Lovelace");
        column("odd name", Type.INTEGER, 3L);
        assertEquals(new TypedValue(DataType.of(Type.STRING), "Ada Lovelace"), value("first + ' ' + last"));
        assertEquals(new TypedValue(DataType.of(Type.LONG), 6L), value("row['odd name'] * 2"));
        assertEquals("Ada", value("row.first // a comment").value());
        assertEquals(
                "Lovelace,Ada",
                value("[first, last].map(it => it).reverse().join()").value());
    }

    @Test
    void whatIsReadIsKnownBeforeAnyRow() {
        column("a", Type.INTEGER, 1L);
        column("b", Type.INTEGER, 2L);
        column("c", Type.INTEGER, 3L);
        assertArrayEquals(
                new int[] {0, 2},
                Expression.compile(sandbox, "c + a + c", columns).inputs());
        assertArrayEquals(
                new int[] {1}, Expression.compile(sandbox, "row.b", columns).inputs());
        assertArrayEquals(
                new int[] {0, 1, 2},
                Expression.compile(sandbox, "Object.keys(row)", columns).inputs());
        assertArrayEquals(
                new int[] {0},
                Expression.compile(sandbox, "(b => b + a)(2)", columns).inputs());
        assertEquals("a,b,c", value("Object.keys(row).join()").value());
    }

    @Test
    void anUnknownNameIsFoundWithItsPlaceAndTheNearestName() {
        column("status", Type.STRING, "x");
        ScriptProblem typo = problem("1 +\n  statsu.length");
        assertEquals("UNKNOWN_NAME", typo.code());
        assertEquals("2:3", typo.line() + ":" + typo.column());
        assertEquals("Did you mean 'status'?", typo.suggestion());
        assertEquals("1:5", place(problem("1 + Maht.abs(1)")));
        assertEquals("Did you mean 'Math'?", problem("1 + Maht.abs(1)").suggestion());
        assertEquals("UNKNOWN_NAME", problem("row.sttus").code());
        for (String gone : List.of("eval", "Function", "Promise", "globalThis", "java", "Packages", "load", "print")) {
            assertEquals("UNKNOWN_NAME", problem(gone + "('1')").code(), gone);
        }
    }

    private static String place(ScriptProblem problem) {
        return problem.line() + ":" + problem.column();
    }

    @Test
    void onlyOneExpressionIsTaken() {
        for (String text :
                List.of("", "  ", "1;2", "var a = 1", "1)}); (function(){ return 2", "1 +", "return 1", "{a: 1")) {
            assertEquals("SCRIPT_SYNTAX", problem(text).code(), text);
        }
        assertEquals("1:5", place(problem("1 + + + ;")).replaceAll("1:\\d+", "1:5"));
    }

    @Test
    void localNamesAreNoColumns() {
        column("a", Type.INTEGER, 1L);
        assertEquals(6L, value("[1, 2, 3].reduce((sum, n) => sum + n, 0)").value());
        assertEquals(
                "x",
                value("(function named(p) { try { throw p } catch (e) { let l = e; return l } })('x')")
                        .value());
        assertEquals(2L, value("({a: 2, b() { return this.a }}).b()").value());
    }

    @Test
    void valuesKeepTheTypeThatIsWantedOrFail() {
        column("n", Type.INTEGER, 7L);
        assertEquals(7L, as(DataType.of(Type.SHORT), "n"));
        assertEquals(new BigDecimal("7.00"), as(DataType.decimal(10, 2), "n"));
        assertEquals(
                "SCRIPT_TYPE",
                assertThrows(ScriptFailure.class, () -> as(DataType.of(Type.BYTE), "n * 100"))
                        .code());
        assertThrows(ScriptFailure.class, () -> as(DataType.of(Type.INTEGER), "n / 2"));
        assertThrows(ScriptFailure.class, () -> as(DataType.of(Type.LONG), "2 ** 60 + 1"));
        assertThrows(ScriptFailure.class, () -> as(DataType.text(Type.STRING, 3), "'abcd'"));
        assertThrows(ScriptFailure.class, () -> as(DataType.of(Type.STRING), "'\\ud800'"));
        assertNull(as(DataType.of(Type.LONG), "undefined"));
    }

    private Object as(DataType type, String text) {
        return Expression.compile(sandbox, text, columns).evaluateAs(type, row(), NOON);
    }

    @Test
    void conditionsAreTrueAsInJavaScript() {
        column("s", Type.STRING, "");
        assertFalse(Expression.compile(sandbox, "s", columns).test(row(), NOON));
        assertTrue(Expression.compile(sandbox, "s === ''", columns).test(row(), NOON));
    }

    @Test
    void aResultsTypeFollowsFromTheText() {
        column("s", Type.STRING, "x");
        column("n", Type.INTEGER, 1L);
        column("d", DataType.decimal(10, 2), BigDecimal.ONE);
        assertEquals(Optional.of(DataType.of(Type.STRING)), typeOf("s + n"));
        assertEquals(Optional.of(DataType.of(Type.STRING)), typeOf("`${n}`"));
        assertEquals(Optional.of(DataType.of(Type.STRING)), typeOf("n > 1 ? s.trim() : 'none'"));
        assertEquals(Optional.of(DataType.of(Type.BOOLEAN)), typeOf("n > 1"));
        assertEquals(Optional.of(DataType.decimal(10, 2)), typeOf("(d)"));
        assertEquals(Optional.of(DataType.of(Type.STRING)), typeOf("Hash.sha256(s)"));
        assertEquals(Optional.empty(), typeOf("n + n"));
        assertEquals(Optional.empty(), typeOf("n > 1 ? s : n"));
    }

    private Optional<DataType> typeOf(String text) {
        return Expression.compile(sandbox, text, columns).type();
    }

    @Test
    void aValueThatTheEventDoesNotCarryIsNeverGuessed() {
        column("big", Type.STRING, RowView.class);
        column("n", Type.INTEGER, 1L);
        assertEquals("SCRIPT_VALUE_UNKNOWN", failure("big + 'x'").code());
        assertEquals("big", failure("big === null").column());
        assertEquals(2L, value("n + 1").value());
    }

    @Test
    void timeIsTheEventsAndChanceIsGone() {
        assertEquals("2024-05-01T12:00:00.123456Z", value("Time.now()").value());
        assertEquals(
                "2024-05-01T12:00:00.123Z", value("new Date().toISOString()").value());
        assertEquals(1_714_564_800_123L, value("Date.now()").value());
        assertEquals("SCRIPT_ERROR", failure("Math.random()").code());
        assertEquals(true, value("new Date(0) instanceof Date").value());
        assertEquals("2024-05-01", value("Time.parse('1/5/2024', 'd/M/yyyy')").value());
        assertEquals(
                "01.05.2024",
                value("Time.format('2024-05-01T10:00:00Z', 'dd.MM.yyyy')").value());
        assertEquals(
                "yearly on May day, 2024",
                value("Time.format('2024-05-01', \"'yearly on' MMM 'day,' yyyy\")")
                        .value());
        assertEquals("2024 AD", value("Time.format('2024-05-01', 'yyyy G')").value());
        assertEquals(
                "SCRIPT_ERROR",
                failure("Time.format('2024-05-01', \"'\" + 'x'.repeat(1000) + \"'\")")
                        .code(),
                "what is kept beyond the event is small");
        assertEquals("2024-02-29", value("Time.plus('2024-01-31', 1, 'month')").value());
        assertEquals(
                "2024-05-01T00:00:00Z",
                value("Time.truncate('2024-05-01T10:11:12.5Z', 'days')").value());
        assertEquals(
                30L, value("Time.between('2024-04-01', '2024-05-01', 'days')").value());
        assertEquals(
                "2024-05-01T12:00:00+02:00",
                value("Time.inZone('2024-05-01T10:00:00Z', 'Europe/Berlin')").value());
        assertEquals(
                "SCRIPT_ERROR", failure("Time.parse('31/2/2024', 'd/M/yyyy')").code());
    }

    @Test
    void hashesAndTextsAreTheSameEverywhere() {
        assertEquals(
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                value("Hash.sha256('abc')").value());
        assertEquals(
                "900150983cd24fb0d6963f7d28e17f72", value("Hash.md5('abc')").value());
        assertEquals(
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                value("Hash.sha256(Bytes.fromHex('616263'))").value());
        assertEquals(64, ((String) value("Hash.secret('abc')").value()).length());
        assertEquals("***-1234", value("Text.keepLast('555-1234', 5)").value());
        assertEquals("****", value("Text.keepLast('1234', 4)").value());
        assertEquals("", value("Text.keepLast('', 4)").value());
        assertEquals("ecole", value("Text.fold('École')").value());
        assertEquals("a b", value("Text.squeeze('  a \\n b ')").value());
        assertEquals("49", value("Text.digits('+4-9')").value());
        Sandbox plain = new Sandbox(ScriptLimits.DEFAULT, Optional.empty());
        ScriptFailure none =
                assertThrows(ScriptFailure.class, () -> Expression.compile(plain, "Hash.secret('a')", columns)
                        .evaluate(row(), 0));
        assertTrue(none.why().contains("salt"), none.why());
    }

    @Test
    void exactNumbersStayExact() {
        column("id", Type.LONG, Long.MAX_VALUE);
        column("price", Type.DECIMAL, new BigDecimal("12345678901234567890.123456789"));
        assertEquals(new BigDecimal(Long.MAX_VALUE), value("id").value());
        assertEquals(Long.MAX_VALUE, as(DataType.of(Type.LONG), "id"));
        assertEquals(Long.MAX_VALUE - 1, as(DataType.of(Type.LONG), "id - 1n"));
        assertEquals("SCRIPT_ERROR", failure("id + 1").code());
        assertEquals(
                new BigDecimal("12345678901234567890.123456789"), value("price").value());
        assertEquals(
                new BigDecimal("24691357802469135780.246913578"),
                value("price.times(2)").value());
        assertTrue(failure("price * 2").why().contains("Decimal"));
        assertEquals(new BigDecimal("0.3"), value("Decimal('0.1').plus('0.2')").value());
        assertEquals(new BigDecimal("0.33"), value("Decimal(1).dividedBy(3, 2)").value());
        assertEquals("12345678901234567890.123456789", value("String(price)").value());
        assertEquals(
                "[9223372036854775807,0.1]", value("JSON.stringify([id, 0.1])").value());
        assertEquals(
                true,
                value("JSON.parse('9007199254740993') === 9007199254740993n").value());
    }

    @Test
    void theSameObjectsComeBackWithoutAChange() {
        column(
                "doc",
                Type.MAP,
                "{\"a\":[1,2.50,12345678901234567890,1.000000000000000000001],\"__proto__\":{\"x\":1}}");
        column("raw", Type.BYTE_ARRAY, new byte[] {0, (byte) 255});
        assertEquals(
                "{\"a\":[1,2.5,12345678901234567890,1.000000000000000000001],\"__proto__\":{\"x\":1}}",
                value("doc").value());
        assertTrue(
                Arrays.equals(new byte[] {0, (byte) 255}, (byte[]) value("raw").value()));
        assertEquals("00ff", value("raw.hex()").value());
        assertEquals(2L, value("raw.length").value());
        assertEquals(true, value("doc.x === undefined").value());
    }
}
