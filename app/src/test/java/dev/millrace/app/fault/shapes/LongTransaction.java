package dev.millrace.app.fault.shapes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.app.demo.Comparison;
import dev.millrace.storage.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** One transaction that inserts, changes and deletes very many rows, with parts that were rolled back; of a table with a key and one without. */
final class LongTransaction implements Shape {
    private final int rows;

    LongTransaction(int rows) {
        this.rows = rows;
    }

    @Override
    public String name() {
        return "long";
    }

    @Override
    public void create(TestDatabase source) throws SQLException {
        source.execute("CREATE SCHEMA long; CREATE TABLE long.rows (id bigint PRIMARY KEY, a int, b text, c numeric);"
                + " CREATE TABLE long.bare (a int, b text); ALTER TABLE long.bare REPLICA IDENTITY FULL;"
                + " INSERT INTO long.rows SELECT i, i, 'before ' || i, i / 3.0 FROM generate_series(1, " + rows / 10
                + ") i; INSERT INTO long.bare SELECT i % 100, 'same' FROM generate_series(1, 1000) i");
    }

    @Override
    public void change(TestDatabase source) throws SQLException {
        int half = rows / 2;
        source.execute("BEGIN; INSERT INTO long.rows SELECT i, i, 'row ' || i, i / 7.0 FROM generate_series("
                + (rows + 1) + ", "
                + (rows + half) + ") i;"
                + " UPDATE long.rows SET a = -a, b = b || '!' WHERE id % 4 = 0;"
                + " DELETE FROM long.rows WHERE id % 5 = 0;"
                + " UPDATE long.rows SET id = -id WHERE id % 9 = 0;"
                + " DO $$BEGIN FOR i IN 1..200 LOOP BEGIN INSERT INTO long.rows SELECT 10000000 + i * 100 + j, j, 'rolled back?', 0"
                + " FROM generate_series(1, 50) j; UPDATE long.rows SET b = 'wrong' WHERE id BETWEEN i AND i + 3;"
                + " IF i % 2 = 0 THEN RAISE division_by_zero; END IF; EXCEPTION WHEN division_by_zero THEN NULL; END; END LOOP; END$$;"
                + " SAVEPOINT one; TRUNCATE long.bare; ROLLBACK TO one;"
                + " DELETE FROM long.bare WHERE a < 10; UPDATE long.bare SET b = 'other' WHERE a = 50;"
                + " INSERT INTO long.bare SELECT 1, 'doubled' FROM generate_series(1, 500); COMMIT");
        source.execute("BEGIN; TRUNCATE long.rows; INSERT INTO long.rows VALUES (1, 1, 'gone', 1); ROLLBACK");
    }

    @Override
    public void compare(Connection source, Connection destination, boolean duckdb) throws SQLException {
        for (String table : List.of("rows", "bare")) {
            Comparison.Result result =
                    new Comparison(source, destination).compare(new Comparison.Pair("long", table, "long", table));
            assertEquals(List.of(), result.differences(), table);
        }
    }
}
