package dev.millrace.consume.duckdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.Finding;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.DataException;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.consume.testing.TableFeed;
import dev.millrace.consume.testing.TableFeed.Moment;
import dev.millrace.storage.batch.Special;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Type;
import java.io.BufferedReader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.duckdb.DuckDBConnection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DuckDbValuesTest {
    private static final long DAY_NANOS = 86_400_000_000_000L;

    @TempDir
    Path folder;

    /** Loads each value by all ways, straight, staged and by vectors, and reads them back as text; they must be the same. */
    private List<String> roundTrip(DataType type, Object... values) throws Exception {
        Pipe pipe = new Pipe(Files.createTempDirectory(folder, "values"));
        TableFeed feed = feed(pipe, type);
        for (int i = 0; i < values.length; i++) {
            feed.row(Operation.READ, i, values[i]);
        }
        pipe.drain(OnDelete.HARD);
        List<String> straight = pipe.query("SELECT v::VARCHAR FROM public.t ORDER BY id");
        for (int i = 0; i < values.length; i++) {
            feed.row(Operation.UPDATE, i, values[i]);
        }
        pipe.drain(OnDelete.HARD);
        assertEquals(straight, pipe.query("SELECT v::VARCHAR FROM public.t ORDER BY id"));
        for (int i = values.length; i < values.length + VectorRows.LEAST_ROWS + 100; i++) {
            feed.row(Operation.READ, i, values[i % values.length]);
        }
        pipe.drain(OnDelete.HARD);
        String first = "(SELECT f.v FROM public.t AS f WHERE f.id = t.id % " + values.length + ")";
        assertEquals(
                List.of("0"),
                pipe.query("SELECT count(*)::VARCHAR FROM public.t AS t WHERE v::VARCHAR IS DISTINCT FROM " + first
                        + "::VARCHAR"));
        return straight;
    }

    private static TableFeed feed(Pipe pipe, DataType type) {
        return new TableFeed(pipe, "t")
                .schema(
                        1,
                        new Column("id", DataType.of(Type.INTEGER), false, 1, "", 1),
                        new Column("v", type, true, 0, "", 2));
    }

    private void refused(DataType type, Object value, String part) throws Exception {
        Pipe pipe = new Pipe(Files.createTempDirectory(folder, "refused"));
        feed(pipe, type).row(Operation.INSERT, 1, value);
        DataException refused = assertThrows(DataException.class, () -> pipe.drain(OnDelete.HARD));
        assertEquals("v", refused.column());
        assertTrue(
                refused.getMessage().contains("0/1:0") && refused.getMessage().contains(part), refused.getMessage());
        assertEquals("public.t", refused.table());
    }

    @Test
    void numbersAreExactAtTheirLimits() throws Exception {
        assertEquals(List.of("-128", "127"), roundTrip(DataType.of(Type.BYTE), -128, 127));
        assertEquals(List.of("-32768", "32767"), roundTrip(DataType.of(Type.SHORT), -32768, 32767));
        assertEquals(
                List.of("-9223372036854775808", "9223372036854775807"),
                roundTrip(DataType.of(Type.LONG), Long.MIN_VALUE, Long.MAX_VALUE));
        assertEquals(
                List.of("nan", "inf", "-0.0", "1e-300"),
                roundTrip(DataType.of(Type.DOUBLE), Double.NaN, Double.POSITIVE_INFINITY, -0.0, 1e-300));
        assertEquals(
                List.of("0.10", "-999999999999.99", "5.00"),
                roundTrip(
                        DataType.decimal(14, 2),
                        new BigDecimal("0.1"),
                        new BigDecimal("-999999999999.99"),
                        new BigDecimal("5")));
        String most = "12345678901234567890123456789012345.678";
        assertEquals(
                List.of(most, "-" + most, "0.000"),
                roundTrip(DataType.decimal(38, 3), new BigDecimal(most), new BigDecimal("-" + most), BigDecimal.ZERO));
        assertEquals(
                List.of("99.99", "-0.01"),
                roundTrip(DataType.decimal(4, 2), new BigDecimal("99.99"), new BigDecimal("-0.01")));
    }

    @Test
    void unboundedNumbersAreTextWithEveryDigit() throws Exception {
        assertEquals(
                List.of("1.500", "1" + "0".repeat(60), "NaN", "-Infinity"),
                roundTrip(
                        DataType.decimal(0, 0),
                        new BigDecimal("1.500"),
                        BigDecimal.TEN.pow(60),
                        Special.NAN,
                        Special.NEGATIVE_INFINITY));
        assertEquals(List.of("1.5"), roundTrip(DataType.decimal(50, 1), new BigDecimal("1.5")));
    }

    @Test
    void valuesThatDoNotFitAreRefusedByEventTableAndColumn() throws Exception {
        refused(DataType.decimal(5, 2), Special.NAN, "is none that DECIMAL(5,2)");
        refused(DataType.decimal(5, 2), new BigDecimal("1.234"), "behind the point");
        refused(DataType.decimal(5, 2), new BigDecimal("1234"), "more than 5 digits");
        refused(DataType.time(Type.TIME, 6), DAY_NANOS + 1_000, "24:00");
        refused(DataType.time(Type.DATETIME, 6), new Moment(0, 1), "six digits");
        refused(DataType.time(Type.DATETIME, 6), new Moment(Long.MAX_VALUE / 1_000_000, 0), "outside");
    }

    @Test
    void datesAndTimesKeepTheirUnusualValues() throws Exception {
        assertEquals(
                List.of("1970-01-01", "infinity", "-infinity", "0044-03-15 (BC)", "12000-01-01"),
                roundTrip(
                        DataType.of(Type.DATE),
                        0,
                        Special.POSITIVE_INFINITY,
                        Special.NEGATIVE_INFINITY,
                        LocalDate.of(-43, 3, 15).toEpochDay(),
                        LocalDate.of(12_000, 1, 1).toEpochDay()));
        assertEquals(
                List.of("00:00:00", "24:00:00", "23:59:59.999999"),
                roundTrip(DataType.time(Type.TIME, 6), 0L, DAY_NANOS, DAY_NANOS - 1_000));
        assertEquals(
                List.of("1969-12-31 23:59:59.999999", "infinity", "-infinity"),
                roundTrip(
                        DataType.time(Type.DATETIME, 6),
                        new Moment(-1, 999_999_000),
                        Special.POSITIVE_INFINITY,
                        Special.NEGATIVE_INFINITY));
        assertEquals(
                List.of("1970-01-01 00:00:00.5+00", "infinity"),
                roundTrip(
                        DataType.time(Type.ZONED_DATETIME, 6), new Moment(0, 500_000_000), Special.POSITIVE_INFINITY));
        assertEquals(
                List.of("1970-01-01 00:00:00.000000001"), roundTrip(DataType.time(Type.DATETIME, 9), new Moment(0, 1)));
    }

    @Test
    void textBytesAndDocumentsStayAsTheyAre() throws Exception {
        assertEquals(
                List.of("", "ünï 🎬 'q' \"d\"", "a\0b", "null"),
                roundTrip(DataType.of(Type.STRING), "", "ünï 🎬 'q' \"d\"", "a\0b", null));
        assertEquals(
                List.of("{\"a\": 1.0, \"a\": 2}", "null", "[]"),
                roundTrip(DataType.of(Type.MAP), "{\"a\": 1.0, \"a\": 2}", "null", "[]"));
        assertEquals(
                List.of("\\x00\\xFF", ""), roundTrip(DataType.of(Type.BYTE_ARRAY), new byte[] {0, -1}, new byte[0]));
        assertEquals(List.of("true", "false"), roundTrip(DataType.of(Type.BOOLEAN), true, false));
    }

    @Test
    void textsThatDuckDbDoesNotTakeForJsonStayAsTheyAre() throws Exception {
        assertEquals(
                List.of("{no json", "{\"a\": \"\\ud800\"}"),
                roundTrip(DataType.of(Type.MAP), "{no json", "{\"a\": \"\\ud800\"}"));
    }

    @Test
    void filesThatCannotBeADatabaseAreRefusedWithTheReason() throws Exception {
        Path text = Files.writeString(folder.resolve("text.duckdb"), "no database at all, only text. ".repeat(1_000));
        DuckDbFile file = new DuckDbFile("orders", text, 64L << 20, 1);
        assertEquals(
                "DESTINATION_NOT_DUCKDB",
                assertThrows(MillraceException.class, file::open).code());
        try (Destination destination = new DuckDbDestination("p", file)) {
            assertEquals(Finding.Status.FAILED, destination.check().get(1).status());
        }
        Path below = Files.writeString(folder.resolve("plain"), "x").resolve("below.duckdb");
        assertEquals(
                "DESTINATION_READ_ONLY",
                assertThrows(MillraceException.class, () -> new DuckDbFile("orders", below, 64L << 20, 1).open())
                        .code());
    }

    @Test
    void aFileThatAnotherProcessHoldsIsAnErrorToBeTriedAgain() throws Exception {
        Path path = folder.resolve("held.duckdb");
        Process holder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        FileHolder.class.getName(),
                        path.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader output = holder.inputReader(StandardCharsets.UTF_8)) {
            assertTrue(String.valueOf(output.readLine()).startsWith("holding"));
            DuckDbFile file = new DuckDbFile("orders", path, 64L << 20, 1);
            MillraceException held = assertThrows(MillraceException.class, file::open);
            assertEquals("DESTINATION_IN_USE", held.code());
            assertEquals(Category.EXTERNAL, held.category());
            holder.getOutputStream().close();
            holder.waitFor();
            file.open().close();
        } finally {
            holder.destroyForcibly();
        }
    }

    @Test
    void aFreshFileChecksWellAndKeepsNothingOfTheCheck() throws Exception {
        Pipe pipe = new Pipe(folder);
        try (Destination destination = pipe.destination()) {
            assertTrue(
                    destination.check().stream().allMatch(finding -> finding.status() == Finding.Status.OK),
                    destination.check().toString());
        }
        assertEquals(List.of("0"), pipe.query("SELECT count(*) FROM duckdb_tables()"));
    }

    @Test
    void timesBecomeInstantsAndInstantsTextsAsUtcWhateverTheMachinesZoneIs() throws Exception {
        Pipe pipe = new Pipe(folder);
        Column id = new Column("id", DataType.of(Type.INTEGER), false, 1, "", 1);
        TableFeed feed = feed(pipe, DataType.time(Type.DATETIME, 6)).row(Operation.INSERT, 1, new Moment(0, 0));
        try (DuckDBConnection other = new DuckDbFile("orders", pipe.file(), 256L << 20, 2).open();
                Statement statement = other.createStatement()) {
            statement.execute("SET GLOBAL TimeZone = 'Asia/Tokyo'");
            pipe.drain(OnDelete.HARD);
            feed.schema(2, id, new Column("v", DataType.time(Type.ZONED_DATETIME, 6), true, 0, "", 2))
                    .row(Operation.INSERT, 2, new Moment(0, 0));
            pipe.drain(OnDelete.HARD);
            assertEquals(List.of("0", "0"), texts(statement, "SELECT epoch_us(v) FROM public.t ORDER BY id"));
            feed.schema(3, id, new Column("v", DataType.of(Type.STRING), true, 0, "", 2))
                    .row(Operation.INSERT, 3, "a text");
            pipe.drain(OnDelete.HARD);
            assertEquals(
                    List.of("1970-01-01 00:00:00+00", "1970-01-01 00:00:00+00", "a text"),
                    texts(statement, "SELECT v FROM public.t ORDER BY id"));
        }
    }

    @Test
    void zeroIsNotTakenForMinusZeroWhereRowsHaveNoKey() throws Exception {
        for (boolean together : new boolean[] {true, false}) {
            Pipe pipe = new Pipe(Files.createTempDirectory(folder, "zero"));
            TableFeed feed = new TableFeed(pipe, "t")
                    .schema(1, new Column("v", DataType.of(Type.DOUBLE), true, 0, "", 1))
                    .row(Operation.INSERT, 0.0)
                    .row(Operation.INSERT, -0.0)
                    .row(Operation.INSERT, -0.0);
            if (!together) {
                pipe.drain(OnDelete.HARD);
            }
            feed.row(Operation.DELETE, -0.0).row(Operation.DELETE, -0.0);
            pipe.drain(OnDelete.HARD);
            assertEquals(List.of("0.0"), pipe.query("SELECT v::VARCHAR FROM public.t"));
        }
    }

    private static List<String> texts(Statement statement, String sql) throws Exception {
        List<String> texts = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                texts.add(rows.getString(1));
            }
        }
        return texts;
    }
}
