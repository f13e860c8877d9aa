package dev.millrace.config.setting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.setting.Setting.Type;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SettingsParserTest {
    private static final List<Setting> DECLARED = List.of(
            Setting.required("host", Type.TEXT, "Name of the server."),
            Setting.bounded("port", Type.INTEGER, "5432", Setting.Range.PORT, "Port."),
            Setting.optional("password", Type.SECRET, null, "Password."),
            Setting.optional("tls", Type.BOOLEAN, "true", "Whether to encrypt."),
            Setting.bounded("timeout", Type.DURATION, "10s", new Setting.Range(1_000, 60_000), "Time-out."),
            Setting.bounded("memory", Type.SIZE, "64MB", new Setting.Range(1 << 20, 1 << 30), "Memory."),
            Setting.choice("mode", "logical", List.of("logical", "table"), "Mode."),
            Setting.optional("file", Type.PATH, null, "A file."),
            Setting.optional("tables", Type.TEXT_LIST, "a, b", "Tables."));

    @Test
    void everyTypeIsParsedAndDefaultsFillTheRest() {
        Settings settings = SettingsParser.parse(
                DECLARED,
                Map.of("host", "db", "password", "hunter2", "file", "x/../y.db", "mode", "TABLE"),
                Path.of("/etc/millrace"));
        assertEquals("db", settings.text("host"));
        assertEquals(5432, settings.integer("port"));
        assertEquals(Optional.of(new Secret("hunter2")), settings.secret("password"));
        assertTrue(settings.flag("tls"));
        assertEquals(Duration.ofSeconds(10), settings.duration("timeout"));
        assertEquals(64 << 20, settings.sizeBytes("memory"));
        assertEquals("table", settings.text("mode"));
        assertEquals(Path.of("/etc/millrace/y.db"), settings.path("file"));
        assertEquals(List.of("a", "b"), settings.textList("tables"));
    }

    @Test
    void everyProblemIsToldAtOnceWithItsWayOut() {
        Map<String, String> given = Map.of(
                "hots", "db", "port", "99999", "tls", "yes", "timeout", "10", "memory", "2GB", "mode", "tabel", "file",
                "~/x");
        MillraceException failure = assertThrows(MillraceException.class, () -> SettingsParser.parse(DECLARED, given));
        assertEquals("SETTINGS_INVALID", failure.code());
        assertEquals(Category.USER, failure.category());
        String message = failure.getMessage();
        assertTrue(message.contains("8 settings are wrong"), message);
        assertTrue(message.contains("'hots' is not a known key. Did you mean 'host'?"), message);
        assertTrue(message.contains("'host' is missing. Name of the server."), message);
        assertTrue(
                message.contains("'port' is '99999', which is out of range. Write a value from 1 to 65535."), message);
        assertTrue(message.contains("'tls' is 'yes', which is neither true nor false"), message);
        assertTrue(message.contains("'timeout' is '10', which is not a time span"), message);
        assertTrue(
                message.contains("'memory' is '2GB', which is out of range. Write a value from 1MB to 1GB."), message);
        assertTrue(message.contains("Write one of: logical, table. Did you mean 'table'?"), message);
        assertTrue(message.contains("'file' is '~/x'"), message);
    }

    @Test
    void aRequiredTextMayNotBeBlank() {
        MillraceException failure =
                assertThrows(MillraceException.class, () -> SettingsParser.parse(DECLARED, Map.of("host", " ")));
        assertTrue(failure.getMessage().contains("'host' is empty"), failure.getMessage());
    }

    @Test
    void aSecretIsMaskedInEveryTextForm() {
        Settings settings = SettingsParser.parse(DECLARED, Map.of("host", "db", "password", "hunter2"));
        assertFalse(settings.toString().contains("hunter2"));
        assertFalse(settings.shown().toString().contains("hunter2"));
        assertEquals("******", settings.shown().get("password"));
        assertEquals("10s", settings.shown().get("timeout"));
    }

    @Test
    void aLongWrongValueIsShortenedInTheMessage() {
        MillraceException failure = assertThrows(
                MillraceException.class,
                () -> SettingsParser.parse(DECLARED, Map.of("host", "db", "port", "9".repeat(10_000))));
        assertTrue(failure.getMessage().length() < 400, failure.getMessage());
    }
}
