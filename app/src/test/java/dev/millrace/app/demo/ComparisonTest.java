package dev.millrace.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    private static final Comparison.Pair THINGS = new Comparison.Pair("public", "things", "main", "things");

    private TestDatabase postgres;
    private Connection source;
    private Connection duckdb;

    @BeforeEach
    void fill() throws Exception {
        postgres = TestPostgres.shared().createDatabase();
        source = postgres.connect();
        duckdb = DriverManager.getConnection("jdbc:duckdb:");
        run(source, """
                CREATE TABLE things (id int PRIMARY KEY, price numeric(10,4), seen timestamptz, local timestamp, tags text[],
                    grid int[], bytes bytea, doc jsonb, code char(8), ok boolean, ratio float8, day date, hour time, "Odd ""name" text);
                INSERT INTO things VALUES
                    (1, 12.5000, '2022-01-30 21:21:59.996577+00', '2022-01-30 21:21:59.5', '{a,"b,c",NULL,"q\\"uote"}', '{{1,2},{3,4}}',
                        '\\x00ff', '{"b": [1.50, null], "a": {"x": "y"}}', 'ab', true, 0.1, '2022-02-03', '10:11:12', 'Größe'),
                    (2, 0, NULL, NULL, '{}', NULL, NULL, 'null', NULL, false, -1e300, NULL, '23:59:59.25', ''),
                    (3, NULL, '1969-12-31 23:59:59+02', NULL, NULL, NULL, '\\x', NULL, '', NULL, NULL, NULL, NULL, NULL)
                """);
        run(duckdb, """
                CREATE TABLE things (id INTEGER, price DECIMAL(10,4), seen TIMESTAMPTZ, local TIMESTAMP, tags JSON, grid JSON, bytes BLOB,
                    doc JSON, code VARCHAR, ok BOOLEAN, ratio DOUBLE, day DATE, hour TIME, "odd ""name" VARCHAR,
                    __millrace_loaded_at TIMESTAMPTZ, __millrace_deleted BOOLEAN);
                INSERT INTO things VALUES
                    (2, 0, NULL, NULL, '[]', NULL, NULL, 'null', NULL, false, -1e300, NULL, '23:59:59.25', '', now(), false),
                    (1, 12.5, '2022-01-30 22:21:59.996577+01', '2022-01-30 21:21:59.5', '["a","b,c",null,"q\\"uote"]', '[[1,2],[3,4]]',
                        '\\x00\\xFF', '{"a":{"x":"y"},"b":[1.5,null]}', 'ab', true, 0.1, '2022-02-03', '10:11:12', 'Größe', now(), false),
                    (3, NULL, '1969-12-31 21:59:59+00', NULL, NULL, NULL, '', NULL, '', NULL, NULL, NULL, NULL, NULL, now(), NULL),
                    (4, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, now(), true)
                """);
    }

    @AfterEach
    void close() throws Exception {
        duckdb.close();
        source.close();
        postgres.close();
    }

    @Test
    void theSameContentInAnotherOrderAndFormIsEqual() throws Exception {
        Comparison.Result result = compare();
        assertEquals(List.of(), result.differences());
        assertTrue(result.equal());
        assertEquals(3, result.sourceRows());
        assertEquals(3, result.destinationRows());
    }

    @Test
    void everyColumnCounts() throws Exception {
        List<String> changes = List.of(
                "price = 12.5001",
                "seen = '2022-01-30 21:21:59.996578+00'",
                "local = NULL",
                "tags = '[\"a\",\"b\",\"c\",null,\"q\\\"uote\"]'",
                "grid = '[1,2,3,4]'",
                "bytes = '\\x00'",
                "doc = '{\"a\":{\"x\":\"z\"},\"b\":[1.5,null]}'",
                "code = 'ac'",
                "ok = NULL",
                "ratio = 0.10000000000000002",
                "day = '2022-02-04'",
                "hour = '10:11:13'",
                "\"odd \"\"name\" = 'Grösse'");
        for (String change : changes) {
            run(duckdb, "BEGIN; UPDATE things SET " + change + " WHERE id = 1; COMMIT");
            Comparison.Result result = compare();
            assertEquals(1, result.differences().size(), change);
            assertTrue(
                    result.differences().get(0).startsWith("row id=1 differs in "),
                    result.differences().toString());
            restoreFirstRow();
        }
    }

    @Test
    void missingAndSurplusRowsAreNamedByKey() throws Exception {
        run(duckdb, "DELETE FROM things WHERE id = 2; UPDATE things SET __millrace_deleted = false WHERE id = 4");
        assertEquals(
                List.of("row id=4 is at the destination only", "row id=2 is missing at the destination"),
                compare().differences());
    }

    @Test
    void aMissingColumnAndAMissingTableAreDifferences() throws Exception {
        run(duckdb, "ALTER TABLE things DROP COLUMN hour");
        assertEquals(
                List.of("column hour is missing at the destination"), compare().differences());
        run(duckdb, "DROP TABLE things");
        assertFalse(compare().equal());
        assertEquals(3, compare().sourceRows());
    }

    @Test
    void rowsWithoutAKeyAreCounted() throws Exception {
        run(source, "CREATE TABLE twins (a int); INSERT INTO twins VALUES (1), (1), (2)");
        run(duckdb, "CREATE TABLE twins (a INTEGER); INSERT INTO twins VALUES (1), (2), (2)");
        assertEquals(
                List.of(
                        "row a=2 (number 2) is at the destination only",
                        "row a=1 (number 2) is missing at the destination"),
                new Comparison(source, duckdb)
                        .compare(new Comparison.Pair("public", "twins", "main", "twins"))
                        .differences());
    }

    private Comparison.Result compare() throws SQLException {
        return new Comparison(source, duckdb).compare(THINGS);
    }

    private void restoreFirstRow() throws SQLException {
        run(duckdb, """
                DELETE FROM things WHERE id = 1;
                INSERT INTO things VALUES (1, 12.5, '2022-01-30 22:21:59.996577+01', '2022-01-30 21:21:59.5',
                    '["a","b,c",null,"q\\"uote"]', '[[1,2],[3,4]]', '\\x00\\xFF', '{"a":{"x":"y"},"b":[1.5,null]}', 'ab', true, 0.1,
                    '2022-02-03', '10:11:12', 'Größe', now(), false)
                """);
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
