package dev.millrace.app.fault.shapes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.app.fault.MillraceProcess;
import dev.millrace.app.fault.Stage;
import dev.millrace.storage.testing.TestDatabase;
import java.sql.Connection;
import java.util.List;
import java.util.Map;

/**
 * Values of 100 MB, which 256 MB of heap have no room for: it is said, with the way out, and nothing is lost; with the heap that was
 * asked for they arrive. First among rows that are loaded, then among changes.
 */
final class OutsizeValues {
    private static final String HEAP = "1600m";
    private static final int EXIT_RESOURCE = 3;

    private final Course course;
    private final Stage stage;

    OutsizeValues(Course course, Stage stage) {
        this.course = course;
        this.stage = stage;
    }

    void run() throws Exception {
        TestDatabase source = stage.source();
        source.execute("CREATE SCHEMA outsize; CREATE TABLE outsize.rows (id int PRIMARY KEY, n int, t text);"
                + " INSERT INTO outsize.rows VALUES (1, 1, repeat('0123456789', 10485760)), (2, 2, 'small')");
        stage.objects("outsize.rows").write();
        refused();
        passes();
        source.execute("INSERT INTO outsize.rows VALUES (3, 3, repeat('abcdefghij', 10485760));"
                + " UPDATE outsize.rows SET n = n + 1; UPDATE outsize.rows SET id = 11 WHERE id = 1");
        refused();
        source.execute("UPDATE outsize.rows SET n = n + 1 WHERE id = 2");
        passes();
        String rows = "SELECT id || '|' || n || '|' || md5(t) FROM outsize.rows";
        try (Connection here = source.connect();
                Connection there = stage.destination()) {
            List<String> wanted = Stage.rows(here, rows);
            assertEquals(3, wanted.size());
            Stage.assertSame(wanted, Stage.rows(there, rows), "outsize rows");
        }
    }

    private void refused() throws Exception {
        try (MillraceProcess process = stage.once("")) {
            assertEquals(EXIT_RESOURCE, course.awaitEnd(process), process::text);
            String text = process.output();
            assertTrue(text.contains("OUT_OF_MEMORY") && text.contains("-Xmx"), text);
            assertFalse(text.contains("\tat "), text);
        }
    }

    private void passes() throws Exception {
        try (MillraceProcess process = stage.once("", Map.of(MillraceProcess.HEAP, HEAP))) {
            assertEquals(0, course.awaitEnd(process), process::text);
        }
    }
}
