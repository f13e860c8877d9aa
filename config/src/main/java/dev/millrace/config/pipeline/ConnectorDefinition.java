package dev.millrace.config.pipeline;

import dev.millrace.config.setting.Settings;

/** A pipeline's source: the connector's kind ("postgresql") and its parsed settings. */
public record ConnectorDefinition(String kind, Settings settings) {}
