package dev.millrace.consume.duckdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.destination.DataException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The class of an error stands at the beginning of its message, and that isn't always its first character. */
class DuckDbErrorsTest {
    private final DuckDbErrors errors = new DuckDbErrors("shop", Path.of("shop.duckdb"));

    private static SQLException refused(String sql) throws SQLException {
        try (Connection memory = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = memory.createStatement()) {
            statement.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY)");
            statement.execute("CREATE TABLE t (n INTEGER NOT NULL CHECK (n < 9), p INTEGER REFERENCES parent (id))");
            return assertThrows(SQLException.class, () -> statement.execute(sql));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "INSERT INTO t VALUES (NULL, NULL)|DATA_REFUSED",
                "INSERT INTO t VALUES (10, NULL)|DATA_REFUSED",
                "INSERT INTO t VALUES (1, 7)|REFERENCE_REFUSED",
                "SELECT CAST('x' AS INTEGER)|DATA_REFUSED",
                "SELECT CAST(300 AS TINYINT)|DATA_REFUSED",
                "SELECT decode('\\xFF'::BLOB)|DATA_REFUSED",
                "SELECT * FROM gone|DESTINATION_CHANGED",
                "SELECT gone FROM t|DESTINATION_CHANGED",
                "DROP TABLE parent|DESTINATION_CHANGED"
            })
    void anErrorIsOfItsClassAlsoBehindALineBreak(String sql, String code) throws SQLException {
        SQLException real = refused(sql);
        for (String before : new String[] {"", "\n", "\r\n  "}) {
            MillraceException told = errors.explain(new SQLException(before + real.getMessage()), "public.t");
            assertEquals(code, told.code(), real::getMessage);
            assertFalse(told.why().startsWith("\n") || told.why().startsWith("\r"), told::why);
        }
    }

    /** Messages are logged, and listed for everybody. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "INSERT INTO t VALUES (NULL, NULL)|NOT NULL constraint failed: t.n",
                "INSERT INTO t VALUES (7654, NULL)|CHECK constraint failed on table",
                "INSERT INTO t VALUES (1, 7654)|a key does not exist in the referenced table",
                "INSERT INTO parent VALUES (7654), (7654)|PRIMARY KEY or UNIQUE constraint violation",
                "SELECT CAST('7654x' AS INTEGER)|Conversion Error",
                "SELECT CAST(7654 AS TINYINT)|Conversion Error"
            })
    void whatItSaysOfARowIsToldWithoutItsValues(String sql, String shown) throws SQLException {
        DataException refused = (DataException) errors.explain(refused(sql), "public.t");
        assertTrue(refused.why().contains(shown), () -> refused.reason().withValues());
        assertFalse(refused.toString().contains("7654"), refused::toString);
        assertNull(refused.getCause());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "\r\n"})
    void aTableThatIsNotThereIsKnownBehindALineBreakToo(String before) throws SQLException {
        assertTrue(DuckDbErrors.isNoSuchTable(
                new SQLException(before + refused("SELECT * FROM gone").getMessage())));
        assertFalse(DuckDbErrors.isNoSuchTable(
                new SQLException(before + refused("SELECT gone FROM t").getMessage())));
    }
}
