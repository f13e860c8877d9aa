package dev.millrace.config.pipeline;

import dev.millrace.config.setting.Settings;

/** One end of a pipeline: the connector's or destination's kind ("postgresql", "duckdb") and its parsed settings. */
public record ConnectorDefinition(String kind, Settings settings) {}
