package dev.millrace.app.fault.shapes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.app.fault.MillraceProcess;
import dev.millrace.app.fault.Stage;
import dev.millrace.storage.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Values of 100 MB pass through 256 MB of heap: text, bytes and documents, as rows that are loaded and as changes, each alone and several in one
 * transaction. What has no room even so, 500 MB, is told with the way out, whatever the destination, and passes nothing by.
 */
final class OutsizeValues {
    private static final int EXIT_RESOURCE = 3;
    private static final int TENS = 10_485_760;
    /** A change brings bytes as text of twice their size, which has to stand in one array. */
    private static final int TENS_OF_STREAMED_BYTES = TENS * 6 / 10;

    private final Course course;
    private final Stage stage;

    OutsizeValues(Course course, Stage stage) {
        this.course = course;
        this.stage = stage;
    }

    void run() throws Exception {
        TestDatabase source = stage.source();
        source.execute("CREATE SCHEMA outsize; CREATE TABLE outsize.texts (id int PRIMARY KEY, n int, v text);"
                + " CREATE TABLE outsize.bytes (id int PRIMARY KEY, n int, v bytea);"
                + " CREATE TABLE outsize.documents (id int PRIMARY KEY, n int, v jsonb)");
        insert(1, "0123456789", TENS);
        for (String table : List.of("texts", "bytes", "documents")) {
            source.execute("INSERT INTO outsize." + table + " VALUES (2, 2, NULL)");
        }
        if (stage.duckdb()) {
            stage.settings("", "memoryLimit: 1GB"); // two of them in a transaction are more than it gets by default
        }
        stage.objects("\"outsize.*\"").write();
        course.finish();
        insert(3, "abcdefghij", TENS_OF_STREAMED_BYTES);
        source.execute("UPDATE outsize.texts SET n = n + 1; UPDATE outsize.bytes SET n = n + 1;"
                + " UPDATE outsize.documents SET n = n + 1; UPDATE outsize.texts SET id = 11 WHERE id = 1;"
                + " UPDATE outsize.bytes SET id = 11 WHERE id = 1; UPDATE outsize.documents SET id = 11 WHERE id = 1");
        course.finish();
        compare("");
        refused();
        compare(" WHERE id <> 4");
    }

    private void refused() throws Exception {
        stage.source().execute("INSERT INTO outsize.texts VALUES (4, 4, repeat('0123456789', " + 5 * TENS + "))");
        try (MillraceProcess process = stage.once("")) {
            assertEquals(EXIT_RESOURCE, course.awaitEnd(process), process::text);
            String text = process.output();
            assertTrue(text.contains("OUT_OF_MEMORY") && text.contains("-Xmx"), text);
            assertFalse(text.contains("\tat "), text);
        }
    }

    /** Two rows of each kind; of text both in one transaction. */
    private void insert(int id, String ten, int tensOfBytes) throws SQLException {
        String text = "repeat('" + ten + "', " + TENS + ")";
        String bytes = "repeat('" + ten + "', " + tensOfBytes + ")::bytea";
        stage.source()
                .execute("INSERT INTO outsize.texts VALUES (" + id + ", 1, " + text + "), (" + (id + 20) + ", 1, "
                        + text + " || 'x')");
        stage.source().execute("INSERT INTO outsize.bytes VALUES (" + id + ", 1, " + bytes + ")");
        stage.source().execute("INSERT INTO outsize.documents VALUES (" + id + ", 1, to_jsonb(" + text + "))");
    }

    private void compare(String where) throws SQLException {
        try (Connection here = stage.source().connect();
                Connection there = stage.destination()) {
            for (String table : List.of("texts", "bytes", "documents")) {
                String value = table.equals("documents") ? "v::text" : "v";
                String rows = "SELECT id || '|' || n || '|' || coalesce(md5(" + value + "), '') FROM outsize." + table;
                List<String> wanted = Stage.rows(here, rows + where);
                assertEquals(table.equals("texts") ? 5 : 3, wanted.size(), table);
                Stage.assertSame(wanted, Stage.rows(there, rows), "outsize " + table);
            }
        }
    }
}
