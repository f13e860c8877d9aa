package dev.millrace.config.pipeline;

import dev.millrace.config.setting.Settings;
import java.util.Objects;
import java.util.Optional;

/**
 * Where a pipeline leads.
 *
 * @param kind the destination's kind, e.g. "duckdb"
 * @param name the name of a destination that pipelines share; empty for a pipeline's own
 * @param loading shared with the name
 */
public record DestinationDefinition(String kind, Settings settings, Optional<String> name, Loading loading) {
    public DestinationDefinition {
        Objects.requireNonNull(kind);
        Objects.requireNonNull(settings);
        Objects.requireNonNull(name);
        Objects.requireNonNull(loading);
    }

    /** A pipeline's own, loaded in real time. */
    public DestinationDefinition(String kind, Settings settings) {
        this(kind, settings, Optional.empty(), Loading.REAL_TIME);
    }

    public DestinationDefinition withSettings(Settings changed) {
        return new DestinationDefinition(kind, changed, name, loading);
    }

    public DestinationDefinition withLoading(Loading changed) {
        return new DestinationDefinition(kind, settings, name, changed);
    }
}
