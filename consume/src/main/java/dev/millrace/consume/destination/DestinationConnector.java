package dev.millrace.consume.destination;

import dev.millrace.config.setting.Setting;
import dev.millrace.config.setting.Settings;
import java.util.List;

/** One kind of destination. Stateless; thread-safe. */
public interface DestinationConnector {
    /** The kind's name in YAML, e.g. {@code duckdb}. */
    String kind();

    List<Setting> settings();

    /** Makes a destination without connecting. */
    Destination open(String pipeline, Settings settings);
}
