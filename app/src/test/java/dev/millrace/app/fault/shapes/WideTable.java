package dev.millrace.app.fault.shapes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.app.demo.Comparison;
import dev.millrace.storage.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** As many columns as PostgreSQL takes, of many types; updates that touch one of them, columns dropped and added. */
final class WideTable implements Shape {
    private static final List<String> TYPES =
            List.of("boolean", "smallint", "int", "text", "date", "real", "varchar(5)", "numeric(4,1)");
    private static final List<String> VALUES = List.of(
            "r % 2 = 0",
            "r % 100",
            "r * %d",
            "'t' || r",
            "date '2024-01-01' + r %% 365",
            "r / 4.0",
            "'v' || r %% 100",
            "r %% 100 / 8.0");
    private static final int ADDED = 5;

    private final int columns;
    private final int rows;

    /** @param columns at the end, at most 1,600, which a destination with columns of its own may not take */
    WideTable(int columns, int rows) {
        this.columns = columns;
        this.rows = rows;
    }

    @Override
    public String name() {
        return "wide";
    }

    @Override
    public void create(TestDatabase source) throws SQLException {
        source.execute("CREATE SCHEMA wide; CREATE TABLE wide.rows (id int PRIMARY KEY, "
                + IntStream.range(1, columns - ADDED)
                        .mapToObj(i -> "c" + i + " " + TYPES.get(i % TYPES.size()))
                        .collect(Collectors.joining(", "))
                + ")");
        insert(source, 1, rows);
    }

    private void insert(TestDatabase source, int from, int to) throws SQLException {
        source.execute("INSERT INTO wide.rows SELECT r, "
                + IntStream.range(1, columns - ADDED).mapToObj(WideTable::value).collect(Collectors.joining(", "))
                + " FROM generate_series(" + from + ", " + to + ") r");
    }

    /** A few of a row's cells are NULL, each row others. */
    private static String value(int column) {
        String value = VALUES.get(column % VALUES.size())
                .replace("%d", Integer.toString(column))
                .replace("%%", "%");
        return "CASE WHEN (r + " + column + ") % 11 > 0 THEN " + value + " END";
    }

    @Override
    public void change(TestDatabase source) throws SQLException {
        insert(source, rows + 1, rows + rows / 4);
        source.execute("UPDATE wide.rows SET c700 = NULL WHERE id % 3 = 0; DELETE FROM wide.rows WHERE id % 10 = 0");
        source.execute("ALTER TABLE wide.rows DROP COLUMN c17, DROP COLUMN c900");
        source.execute("UPDATE wide.rows SET id = id + 1000000 WHERE id % 7 = 0");
        for (int i = 0; i < ADDED; i++) {
            source.execute("ALTER TABLE wide.rows ADD COLUMN added" + i + " text; UPDATE wide.rows SET added" + i
                    + " = 'new' || id WHERE id % 5 = " + i);
        }
    }

    @Override
    public void compare(Connection source, Connection destination, boolean duckdb) throws SQLException {
        Comparison.Result result =
                new Comparison(source, destination).compare(new Comparison.Pair("wide", "rows", "wide", "rows"));
        assertEquals(List.of(), result.differences());
    }
}
