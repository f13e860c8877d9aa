package dev.millrace.ingest.source;

import dev.millrace.config.setting.Setting;
import dev.millrace.config.setting.Settings;
import java.util.List;

/** One kind of source. Stateless; thread-safe. */
public interface SourceConnector {
    /** The kind's name in YAML, e.g. {@code postgresql}. */
    String kind();

    /** Every setting, declared once. */
    List<Setting> settings();

    /** Makes a source without connecting. {@code pipeline} names what the connector keeps at the source (a slot, a publication). */
    Source open(String pipeline, Settings settings);
}
