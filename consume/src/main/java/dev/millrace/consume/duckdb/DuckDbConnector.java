package dev.millrace.consume.duckdb;

import dev.millrace.config.setting.Setting;
import dev.millrace.config.setting.Settings;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.DestinationConnector;
import dev.millrace.consume.destination.Scratch;
import dev.millrace.consume.destination.ScratchConnector;
import dev.millrace.consume.json.JsonSettings;
import java.util.List;

/** The DuckDB destination's kind and settings. */
public final class DuckDbConnector implements DestinationConnector, ScratchConnector {
    /** A ceiling; see {@link MemoryGrant}. */
    static final long DEFAULT_MEMORY_BYTES = 512L << 20;

    private static final List<Setting> SETTINGS = List.of(
            Setting.required("path", Setting.Type.PATH, "The database file; it is made where it is missing."),
            Setting.optional(
                    "memoryLimit",
                    Setting.Type.SIZE,
                    (DEFAULT_MEMORY_BYTES >> 20) + "MB",
                    "The most memory DuckDB may use; it begins with 96 MB and gets more where a load needs it."),
            Setting.choice(
                    "consistency",
                    "transactional",
                    List.of("transactional"),
                    "All tables of a window are committed together: a DuckDB file has one writer, so fast would gain nothing."),
            Setting.bounded(
                    "threads", Setting.Type.INTEGER, "1", new Setting.Range(1, 256), "The threads DuckDB may use."),
            Setting.optional(
                    "schema",
                    Setting.Type.TEXT,
                    null,
                    "The schema all tables go to; without it each goes to its source's."));

    @Override
    public String kind() {
        return "duckdb";
    }

    @Override
    public List<Setting> settings() {
        return JsonSettings.with(SETTINGS);
    }

    @Override
    public Destination open(String pipeline, Settings settings) {
        return new DuckDbDestination(pipeline, file(pipeline, settings));
    }

    @Override
    public Scratch scratch(String name, String schema, Settings settings) {
        return new DuckDbScratch(name, file(name, settings));
    }

    private static DuckDbFile file(String pipeline, Settings settings) {
        return new DuckDbFile(
                pipeline, settings.path("path"), settings.sizeBytes("memoryLimit"), settings.integer("threads"));
    }
}
