package dev.millrace.consume.duckdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.consume.destination.ExistingTable.Identity;
import dev.millrace.consume.destination.TargetName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.duckdb.DuckDBConnection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TableMarksTest {
    private static final TargetName FILM = new TargetName("main", "Film");
    private static final TargetName OTHER = new TargetName("main", "other");

    @TempDir
    Path folder;

    private DuckDbFile file(String name) {
        return new DuckDbFile("orders", folder.resolve(name), 256L << 20, 1);
    }

    private static void execute(DuckDBConnection connection, String... statements) throws SQLException {
        for (String sql : statements) {
            try (Statement statement = connection.createStatement()) {
                statement.execute(sql);
            }
        }
    }

    @Test
    void aMarkStandsBehindOtherWordsAndIsTheOnlyOne() {
        String first = TableMarks.marked("");
        String second = TableMarks.marked(first);
        assertNotEquals(TableMarks.identity(first), TableMarks.identity(second));
        assertTrue(TableMarks.isMark(TableMarks.identity(first)));
        assertEquals(1, second.split("\\[millrace", -1).length - 1, second);
        assertTrue(TableMarks.marked("all films").startsWith("all films [millrace "));
        Identity none = TableMarks.identity("");
        assertFalse(TableMarks.isMark(none));
        assertTrue(none.differs(TableMarks.identity(first)), "it has lost its mark with all of its comment");
        assertFalse(
                TableMarks.identity("all films").differs(TableMarks.identity(first)), "somebody has written over it");
    }

    @Test
    void aMarkOutlivesAProcessThatDiesBeforeItsLogIsInTheTables() throws Exception {
        String comment = TableMarks.marked("");
        Path left = folder.resolve("left.duckdb");
        try (DuckDBConnection connection = file("first.duckdb").open()) {
            connection.setAutoCommit(false);
            execute(connection, "CREATE TABLE main.\"Film\" (id INTEGER)", TableMarks.statement(FILM, comment));
            connection.commit();
            execute(
                    connection,
                    "CREATE TABLE main.shadow AS FROM main.\"Film\" LIMIT 0",
                    "INSERT INTO main.shadow VALUES (1)",
                    "DROP TABLE main.\"Film\"",
                    "ALTER TABLE main.shadow RENAME TO \"Film\"",
                    TableMarks.statement(FILM, comment),
                    "ALTER TABLE main.\"Film\" ADD COLUMN title VARCHAR");
            connection.commit();
            Files.copy(folder.resolve("first.duckdb"), left);
            Files.copy(folder.resolve("first.duckdb.wal"), folder.resolve("left.duckdb.wal"));
        }
        try (DuckDBConnection connection = file("left.duckdb").open()) {
            assertEquals(comment, TableMarks.comments().of(connection, FILM));
        }
    }

    @Test
    void commentsAreReadOnceWhileTheFileIsHeldAndAnewWhereItIsNot() throws Exception {
        TableFacts<String> comments = TableMarks.comments();
        try (DuckDBConnection connection = file("held.duckdb").open()) {
            execute(connection, "CREATE TABLE main.\"Film\" (id INTEGER)", TableMarks.statement(FILM, "one"));
            assertEquals("one", comments.of(connection, FILM));
            execute(connection, TableMarks.statement(FILM, "two"));
            assertEquals("two", comments.of(connection, FILM), "anybody may have the file");
            comments.hold();
            assertEquals("two", comments.of(connection, new TargetName("MAIN", "film")), "whatever the case");
            execute(connection, TableMarks.statement(FILM, "three"));
            assertEquals("two", comments.of(connection, FILM));
            comments.changed(Map.of(FILM, "three", OTHER, "four"));
            assertEquals("three", comments.of(connection, FILM));
            assertEquals("four", comments.of(connection, OTHER));
            comments.letGo();
            assertEquals("", comments.of(connection, OTHER));
        }
    }
}
