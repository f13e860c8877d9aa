package dev.millrace.storage.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TestPostgresTest {
    @Test
    void theSharedServerIsReadyForLogicalReplication() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            assertEquals(List.of("logical"), database.rows("SHOW wal_level"));
            assertEquals(List.of("UTF8"), database.rows("SHOW server_encoding"));
        }
    }

    @Test
    void closingADatabaseDropsItWithItsSlots() throws Exception {
        try (TestDatabase other = TestPostgres.shared().createDatabase()) {
            TestDatabase database = TestPostgres.shared().createDatabase();
            database.execute("SELECT pg_create_logical_replication_slot('left_behind', 'pgoutput')");
            database.close();
            assertEquals(
                    List.of(),
                    other.rows("SELECT slot_name FROM pg_replication_slots WHERE slot_name = 'left_behind'"));
            assertThrows(SQLException.class, database::connect);
        }
    }

    @Test
    void aPrivateServerKeepsItsDataOverStopAndKill() throws Exception {
        try (TestPostgres postgres = TestPostgres.start(Map.of("max_replication_slots", "2"))) {
            TestDatabase database = postgres.createDatabase();
            database.execute("CREATE TABLE kept AS SELECT 42 AS answer");
            postgres.stop();
            assertThrows(SQLException.class, database::connect);
            postgres.start();
            assertEquals(List.of("42"), database.rows("SELECT answer FROM kept"));
            postgres.kill();
            postgres.start();
            assertEquals(
                    List.of("42|2"),
                    database.rows("SELECT answer, current_setting('max_replication_slots') FROM kept"));
        }
    }
}
