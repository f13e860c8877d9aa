package dev.millrace.ingest.postgres;

import dev.millrace.config.setting.Setting;
import dev.millrace.config.setting.Settings;
import dev.millrace.ingest.source.Source;
import dev.millrace.ingest.source.SourceConnector;
import java.util.List;

/** PostgreSQL, from version 13. What it opens can stream and be read in chunks, whichever mode its settings name. */
public final class PostgresConnector implements SourceConnector {
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
    return new PostgresSource(new PostgresSettings(pipeline, settings));
  }
}
