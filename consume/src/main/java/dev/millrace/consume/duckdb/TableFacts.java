package dev.millrace.consume.duckdb;

import dev.millrace.consume.destination.TargetName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What is known of a file's tables. DuckDB's catalogue functions walk through all tables, a tenth of a second where there are thousands; so all of it
 * is read at once, and kept for as long as the file is ours alone. Thread-safe.
 *
 * @param <T> what is known of one
 */
final class TableFacts<T> {
    private final String sql;
    private final Fact<T> fact;
    private final T otherwise;
    private final Map<String, T> facts = new HashMap<>();
    private boolean held;
    private boolean read;

    /** One table's, of the row that tells it. */
    @FunctionalInterface
    interface Fact<T> {
        T of(ResultSet row) throws SQLException;
    }

    /**
     * @param sql whose first two columns are a schema's and a table's name
     * @param otherwise of a table that the statement doesn't give
     */
    TableFacts(String sql, Fact<T> fact, T otherwise) {
        this.sql = sql;
        this.fact = fact;
        this.otherwise = otherwise;
    }

    /** Nobody else can open the file from now on. */
    synchronized void hold() {
        held = true;
    }

    /** Anybody can, again. */
    synchronized void letGo() {
        held = false;
        read = false;
        facts.clear();
    }

    synchronized T of(Connection connection, TargetName table) throws SQLException {
        if (!read) {
            facts.clear();
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(sql)) {
                while (rows.next()) {
                    facts.put(key(new TargetName(rows.getString(1), rows.getString(2))), fact.of(rows));
                }
            }
            read = held;
        }
        return facts.getOrDefault(key(table), otherwise);
    }

    /** These have changed. */
    synchronized void changed(Map<TargetName, T> now) {
        now.forEach((table, known) -> facts.put(key(table), known));
    }

    private static String key(TargetName table) {
        return Sql.name(table).toLowerCase(Locale.ROOT);
    }
}
