package dev.millrace.config.load;

import dev.millrace.config.setting.Setting;
import dev.millrace.config.setting.Setting.Type;
import java.util.List;
import java.util.Map;

/** Kinds with settings of every type, for the loader's tests. */
final class Kinds {
    static final Map<String, List<Setting>> SOURCES = Map.of(
            "postgresql",
            List.of(
                    Setting.required("host", Type.TEXT, "Name or address of the server."),
                    Setting.bounded("port", Type.INTEGER, "5432", Setting.Range.PORT, "Port of the server."),
                    Setting.optional("password", Type.SECRET, null, "Password of the user."),
                    Setting.choice("mode", "logical", List.of("logical", "table"), "How to read."),
                    Setting.optional("connectTimeout", Type.DURATION, "10s", "How long to wait."),
                    Setting.optional("tls", Type.BOOLEAN, "false", "Whether to encrypt.")),
            "webhook",
            List.of());

    static final Map<String, List<Setting>> DESTINATIONS = Map.of(
            "duckdb",
            List.of(
                    Setting.required("path", Type.PATH, "The database file."),
                    Setting.optional("memoryLimit", Type.SIZE, "256MB", "The memory."),
                    Setting.choice("consistency", "transactional", List.of("transactional", "fast"), "How to commit."),
                    Setting.optional("schema", Type.TEXT, null, "The schema."),
                    Setting.optional("extensions", Type.TEXT_LIST, null, "Extensions.")));

    private Kinds() {}
}
