package dev.millrace.ingest.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.millrace.ingest.source.Snapshot;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A server that leaves its log in memory for long crashes right behind a read. */
class WrittenLogTest {
    private static final TableName T = new TableName("public", "t");

    @Test
    void noRowIsReadThatACrashOfTheServerTakesBack() throws Exception {
        try (TestPostgres server = lazy();
                TestDatabase database = server.createDatabase();
                PostgresChunkReader reader = Reading.reader(Reading.connections(database))) {
            database.execute("CREATE TABLE t (id int PRIMARY KEY)");
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("SET synchronous_commit = off");
                statement.execute("INSERT INTO t VALUES (1)");
                List<String> read = Reading.rows(reader, T, null, null, 1 << 20).stream()
                        .map(row -> String.join("|", row))
                        .toList();
                server.kill();
                server.start();
                assertEquals(List.of("1"), read);
                assertEquals(read, database.rows("SELECT id FROM t"));
            }
        }
    }

    @Test
    void noTransactionTheSnapshotSeesIsBegunAgainBehindACrash() throws Exception {
        try (TestPostgres server = lazy();
                TestDatabase database = server.createDatabase();
                PostgresChunkReader reader = Reading.reader(Reading.connections(database));
                Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            database.execute("CREATE TABLE t (id int PRIMARY KEY)");
            connection.setAutoCommit(false);
            for (int i = 0; i < 20; i++) {
                statement.execute("INSERT INTO t VALUES (1)");
                connection.rollback();
            }
            Snapshot snapshot = reader.begin();
            Schema schema = new Schema(T, 1, reader.columns(T));
            assertEquals(0, reader.read(schema, null, null, Reading.writer(), 1 << 20, () -> {}));
            server.kill();
            server.start();
            String next = database.rows("SELECT pg_current_xact_id()").get(0);
            assertFalse(snapshot.sees(Long.parseLong(next)), () -> snapshot + " sees " + next);
        }
    }

    private static TestPostgres lazy() {
        return TestPostgres.start(Map.of("wal_writer_delay", "10s", "autovacuum", "off"));
    }
}
