package dev.millrace.ingest.postgres;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LastRowTest {
    @Test
    void theDriverLetsGoOfAnOutsizeRow() {
        assertTrue(LastRow.known(), "a new release of the driver: find where it keeps the row last read from a COPY");
    }
}
