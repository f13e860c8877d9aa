package dev.millrace.consume.postgres;

import dev.millrace.config.setting.Setting;
import dev.millrace.config.setting.Settings;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.DestinationConnector;
import java.util.List;

/** Makes PostgreSQL destinations; {@code kind: postgresql}. Stateless; thread-safe. */
public final class PostgresDestinationConnector implements DestinationConnector {
    @Override
    public String kind() {
        return "postgresql";
    }

    @Override
    public List<Setting> settings() {
        return PostgresSettings.DECLARED;
    }

    @Override
    public Destination open(String pipeline, Settings settings) {
        return new PostgresDestination(new PostgresSettings(pipeline, settings));
    }
}
