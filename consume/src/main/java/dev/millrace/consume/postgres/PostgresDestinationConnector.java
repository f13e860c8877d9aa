package dev.millrace.consume.postgres;

import dev.millrace.config.setting.Setting;
import dev.millrace.config.setting.Settings;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.DestinationConnector;
import dev.millrace.consume.destination.Scratch;
import dev.millrace.consume.destination.ScratchConnector;
import dev.millrace.consume.json.JsonSettings;
import java.util.List;

/** Makes PostgreSQL destinations; {@code kind: postgresql}. Stateless; thread-safe. */
public final class PostgresDestinationConnector implements DestinationConnector, ScratchConnector {
    @Override
    public String kind() {
        return "postgresql";
    }

    @Override
    public List<Setting> settings() {
        return JsonSettings.with(PostgresSettings.DECLARED);
    }

    @Override
    public Destination open(String pipeline, Settings settings) {
        return new PostgresDestination(new PostgresSettings(pipeline, settings));
    }

    @Override
    public Scratch scratch(String name, String schema, Settings settings) {
        return new PostgresScratch(name, schema, new PostgresSettings(name, settings));
    }
}
