package dev.millrace.config.pipeline;

import dev.millrace.config.setting.Settings;
import java.util.Objects;

/**
 * A pipeline's source.
 *
 * @param kind the connector's kind ("postgresql")
 * @param beforeLog what is done to rows before they are written to disk
 */
public record ConnectorDefinition(String kind, Settings settings, BeforeLog beforeLog) {
    public ConnectorDefinition {
        Objects.requireNonNull(kind);
        Objects.requireNonNull(settings);
        Objects.requireNonNull(beforeLog);
    }

    /** Rows are written as they are. */
    public ConnectorDefinition(String kind, Settings settings) {
        this(kind, settings, BeforeLog.NOTHING);
    }
}
