package dev.millrace.ingest.postgres;

import dev.millrace.config.setting.Setting;
import dev.millrace.config.setting.Settings;
import dev.millrace.ingest.source.ChangeTrial;
import dev.millrace.ingest.source.ChangeTrialConnector;
import dev.millrace.ingest.source.Source;
import dev.millrace.ingest.source.SourceConnector;
import java.util.List;

/** PostgreSQL, from version 13. In mode logical what it opens streams and is read in chunks; in mode table it is read whole. */
public final class PostgresConnector implements SourceConnector, ChangeTrialConnector {
    /** The kind's name in YAML. */
    public static final String KIND = "postgresql";

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public List<Setting> settings() {
        return PostgresSettings.DECLARED;
    }

    @Override
    public Source open(String pipeline, Settings settings) {
        PostgresSettings typed = new PostgresSettings(pipeline, settings);
        PostgresSource source = new PostgresSource(typed);
        return typed.logical() ? source : new PostgresTableSource(source);
    }

    /** {@inheritDoc} The pipeline's own slot and publication are not touched, whatever the settings call them. */
    @Override
    public ChangeTrial changeTrial(String name, String schema, Settings settings) {
        return new PostgresChangeTrial(schema, new PostgresSettings(name, settings.without("slot", "publication")));
    }
}
