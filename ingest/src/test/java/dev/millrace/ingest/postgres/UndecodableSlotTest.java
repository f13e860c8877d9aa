package dev.millrace.ingest.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.setting.Settings;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Seen once in the fault suite: a server of version 18 that could not decode its own log, however often it was asked. */
class UndecodableSlotTest {
    private static final PostgresSettings SETTINGS = new PostgresSettings("shop", new Settings(Map.of()));

    @Test
    void aLogThatTheServerCannotDecodeIsToldWithTheWayOnInsteadOfTriedForEver() {
        MillraceException told = PostgresErrors.streaming(
                SETTINGS,
                new SQLException("ERROR: could not map filenumber \"base/17462/17729\" to relation OID", "XX000"));
        assertEquals("SLOT_UNDECODABLE", told.code());
        assertEquals(Category.USER, told.category());
        assertTrue(told.getMessage().contains("base/17462/17729"), told.getMessage());
        assertTrue(told.getMessage().contains("millrace reload --all --pipeline shop"), told.getMessage());
    }

    @Test
    void otherInternalErrorsOfTheServerAreTriedAgain() {
        MillraceException told =
                PostgresErrors.streaming(SETTINGS, new SQLException("ERROR: cache lookup failed for type 1", "XX000"));
        assertEquals("SERVER_FAILED", told.code());
        assertEquals(Category.EXTERNAL, told.category());
    }
}
