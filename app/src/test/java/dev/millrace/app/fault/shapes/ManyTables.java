package dev.millrace.app.fault.shapes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.app.fault.Stage;
import dev.millrace.storage.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** Thousands of tables, nearly all of them small; all of them change in one transaction, and some are new or gone. */
final class ManyTables implements Shape {
    private static final int AT_ONCE = 250;

    private final int tables;

    ManyTables(int tables) {
        this.tables = tables;
    }

    @Override
    public String name() {
        return "many";
    }

    @Override
    public void create(TestDatabase source) throws SQLException {
        source.execute("CREATE SCHEMA many");
        each(
                source,
                "CREATE TABLE many.t%1$d (id int PRIMARY KEY, v text); INSERT INTO many.t%1$d SELECT i, 't%1$d' FROM generate_series(1, %1$d %% 7) i;");
    }

    /** Locks are counted: a transaction takes so many tables at a time. */
    private void each(TestDatabase source, String statements) throws SQLException {
        for (int first = 0; first < tables; first += AT_ONCE) {
            StringBuilder sql = new StringBuilder("BEGIN;");
            for (int table = first; table < Math.min(tables, first + AT_ONCE); table++) {
                sql.append(statements.formatted(table));
            }
            source.execute(sql.append("COMMIT").toString());
        }
    }

    @Override
    public void change(TestDatabase source) throws SQLException {
        each(
                source,
                "INSERT INTO many.t%1$d VALUES (100, 'new'); UPDATE many.t%1$d SET v = v || '!' WHERE id %% 2 = 0;");
        source.execute("DELETE FROM many.t6; TRUNCATE many.t5");
    }

    @Override
    public void compare(Connection source, Connection destination, boolean duckdb) throws SQLException {
        String all = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'many'";
        assertEquals(
                new TreeSet<>(Stage.rows(source, all)),
                new TreeSet<>(Stage.rows(destination, all)),
                "the tables themselves");
        List<String> here = new ArrayList<>();
        List<String> there = new ArrayList<>();
        for (int first = 0; first < tables; first += AT_ONCE) {
            StringBuilder query = new StringBuilder();
            for (int table = first; table < Math.min(tables, first + AT_ONCE); table++) {
                query.append(query.isEmpty() ? "" : " UNION ALL ")
                        .append("SELECT '")
                        .append(table)
                        .append("|' || id || '|' || v FROM many.t")
                        .append(table);
            }
            here.addAll(Stage.rows(source, query.toString()));
            there.addAll(Stage.rows(destination, query.toString()));
        }
        assertTrue(here.size() > tables, "every table has rows");
        Stage.assertSame(here, there, "rows of " + tables + " tables");
    }
}
