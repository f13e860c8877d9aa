package dev.millrace.consume.duckdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A write-ahead log that was put back from a backup, beside a file that has gone on: somebody has to mend that. */
class OlderWalTest {
    @TempDir
    private Path folder;

    @Test
    void anOlderWriteAheadLogBesideTheFileIsDamageWithAWayBack() throws Exception {
        Path file = folder.resolve("warehouse.duckdb");
        Path wal = folder.resolve("warehouse.duckdb.wal");
        Path older = folder.resolve("older.wal");
        try (Connection connection = open(file);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE t (id int)");
            Files.copy(wal, older);
            statement.execute("CHECKPOINT");
            statement.execute("INSERT INTO t VALUES (1)");
            statement.execute("CHECKPOINT");
        }
        Files.deleteIfExists(wal);
        Files.move(older, wal);

        SQLException refused = assertThrows(SQLException.class, () -> open(file).close());
        MillraceException told = new DuckDbErrors("shop", file).explain(refused, "");
        assertEquals("DESTINATION_DAMAGED", told.code(), refused.getMessage());
        assertEquals(Category.USER, told.category());
        assertTrue(told.getMessage().contains("millrace reload --all --pipeline shop"), told.getMessage());
    }

    private static Connection open(Path file) throws SQLException {
        return DriverManager.getConnection("jdbc:duckdb:" + file);
    }
}
