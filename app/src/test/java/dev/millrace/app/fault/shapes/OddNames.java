package dev.millrace.app.fault.shapes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.app.fault.Stage;
import dev.millrace.storage.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Tables and columns with every kind of name that PostgreSQL takes. Each row tells its table's name, so that it is known again. */
final class OddNames implements Shape {
    private static final List<String> NAMES = List.of(
            "plain",
            "Upper",
            "UPPER",
            "upper",
            "select",
            "with space",
            " lead and trail ",
            "quo\"te",
            "semi;colon -- comment",
            "it's",
            "back\\slash",
            "dot.ted",
            "slash/ed",
            "per%cent",
            "$dollar$",
            "?",
            "{brace}",
            "tab\tnew\nline\u0001",
            "ünïcödé",
            "ÜNÏCÖDÉ",
            "表",
            "🙂",
            "İstanbul",
            "__millrace_positions",
            "__millrace_shadow_plain",
            "plain__millrace_shadow",
            "x".repeat(63),
            "x".repeat(62) + "y",
            "é".repeat(31));
    private static final List<String> COLUMNS = List.of(
            "self", "group", "Group", "GROUP", "a b", "\"", "__millrace_deleted", "é", "É", "z".repeat(63), "\n");

    @Override
    public String name() {
        return "names";
    }

    @Override
    public void create(TestDatabase source) throws SQLException {
        source.execute("CREATE SCHEMA names");
        for (String table : NAMES) {
            source.execute("CREATE TABLE " + table(table) + " (\"Id\" int PRIMARY KEY, "
                    + COLUMNS.stream().map(column -> quoted(column) + " text").collect(Collectors.joining(", ")) + ")");
            insert(source, table, 1);
        }
    }

    private static void insert(TestDatabase source, String table, int id) throws SQLException {
        source.execute("INSERT INTO " + table(table) + " VALUES (" + id + ", " + literal(table) + ", "
                + COLUMNS.stream().skip(1).map(column -> literal(column + id)).collect(Collectors.joining(", "))
                + ")");
    }

    @Override
    public void change(TestDatabase source) throws SQLException {
        for (String table : NAMES) {
            insert(source, table, 2);
            source.execute("UPDATE " + table(table) + " SET \"Group\" = 'changed', \"a b\" = NULL WHERE \"Id\" = 1");
        }
    }

    @Override
    public void compare(Connection source, Connection destination, boolean duckdb) throws SQLException {
        List<String> here = new ArrayList<>();
        for (String table : NAMES) {
            here.addAll(rows(source, table));
        }
        List<String> there = new ArrayList<>();
        TreeSet<String> tables = new TreeSet<>(Stage.rows(
                destination,
                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'names' ORDER BY table_name"));
        for (String table : tables) {
            there.addAll(rows(destination, table));
        }
        here.sort(null);
        there.sort(null);
        Stage.assertSame(here, there, "rows of all names");
        assertEquals(NAMES.size(), tables.size(), tables::toString);
        assertTrue(tables.contains("plain"), tables::toString);
    }

    /** The columns stand in the source's order; those of our own behind them. */
    private static List<String> rows(Connection side, String table) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Statement statement = side.createStatement();
                ResultSet row = statement.executeQuery("SELECT * FROM " + table(table))) {
            while (row.next()) {
                StringBuilder text = new StringBuilder();
                for (int i = 1; i <= COLUMNS.size() + 1; i++) {
                    text.append(row.getString(i)).append('|');
                }
                rows.add(text.toString());
            }
        }
        return rows;
    }

    private static String table(String name) {
        return "names." + quoted(name);
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
