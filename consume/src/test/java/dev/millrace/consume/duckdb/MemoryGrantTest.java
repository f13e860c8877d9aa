package dev.millrace.consume.duckdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.Statement;
import org.duckdb.DuckDBConnection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MemoryGrantTest {
    @TempDir
    Path folder;

    @Test
    void itGrowsToTheLimitAndNoFurther() {
        MemoryGrant grant = new MemoryGrant(200L << 20);
        assertEquals(96L << 20, grant.grantedBytes());
        assertTrue(grant.raise());
        assertEquals(192L << 20, grant.grantedBytes());
        assertTrue(grant.raise());
        assertEquals(200L << 20, grant.grantedBytes());
        assertFalse(grant.raise());
        assertEquals(200L << 20, grant.grantedBytes());
    }

    @Test
    void aSmallerLimitIsKept() {
        MemoryGrant grant = new MemoryGrant(32L << 20);
        assertEquals(32L << 20, grant.grantedBytes());
        assertFalse(grant.raise());
    }

    @Test
    void theDatabaseIsToldAndOtherConnectionsMayFollow() throws Exception {
        DuckDbFile file = new DuckDbFile("orders", folder.resolve("warehouse.duckdb"), 512L << 20, 1);
        try (DuckDBConnection first = file.open()) {
            new MemoryGrant(512L << 20).apply(first);
            try (DuckDBConnection second = file.open();
                    Statement statement = second.createStatement();
                    ResultSet row = statement.executeQuery("SELECT current_setting('memory_limit')")) {
                row.next();
                assertEquals("96.0 MiB", row.getString(1));
            }
        }
    }
}
