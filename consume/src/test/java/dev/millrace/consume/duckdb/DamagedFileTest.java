package dev.millrace.consume.duckdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What somebody has to mend: a write-ahead log that was put back from a backup beside a file that has gone on, a file that was cut off. */
class DamagedFileTest {
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

        requireDamaged(assertThrows(SQLException.class, () -> open(file).close()), file);
    }

    @Test
    void aFileThatWasCutOffIsDamageWithAWayBack() throws Exception {
        Path file = folder.resolve("warehouse.duckdb");
        try (Connection connection = open(file);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE t AS SELECT i, hash(i) AS h FROM range(1000000) r(i)");
            statement.execute("CHECKPOINT");
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() - 800_000);
        }
        requireDamaged(
                assertThrows(SQLException.class, () -> {
                    try (Connection connection = open(file);
                            Statement statement = connection.createStatement()) {
                        statement.execute("SELECT sum(h % 7), max(i) FROM t");
                    }
                }),
                file);
    }

    private static void requireDamaged(SQLException refused, Path file) {
        MillraceException told = new DuckDbErrors("shop", file).explain(refused, "");
        assertEquals("DESTINATION_DAMAGED", told.code(), refused.getMessage());
        assertEquals(Category.USER, told.category());
        assertTrue(told.getMessage().contains("millrace reload --all --pipeline shop"), told.getMessage());
    }

    private static Connection open(Path file) throws SQLException {
        return DriverManager.getConnection("jdbc:duckdb:" + file);
    }
}
