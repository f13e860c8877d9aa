package dev.millrace.app.bench;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/** Loads CSV from standard input by DuckDB's own reader. */
final class DuckdbCsvReader {
    private DuckdbCsvReader() {}

    /** Arguments: the new database file, the statement that makes the table {@code orders}. */
    public static void main(String[] args) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + args[0]);
                Statement statement = connection.createStatement()) {
            statement.execute("SET memory_limit = '512MB'");
            statement.execute("SET threads = 2");
            statement.execute(args[1]);
            statement.execute(
                    "COPY orders FROM '/dev/stdin' (FORMAT csv, AUTO_DETECT false, HEADER false, DELIMITER ',', QUOTE '\"', ESCAPE '\"', NULLSTR '')");
        }
    }
}
