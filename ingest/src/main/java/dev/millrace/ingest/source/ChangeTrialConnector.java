package dev.millrace.ingest.source;

import dev.millrace.config.setting.Settings;

/** The ability of a {@link SourceConnector} to have the following of changes tried out; it writes at the source, so only when asked to. */
public interface ChangeTrialConnector {
    /**
     * Makes a trial without connecting.
     *
     * @param name {@link ChangeTrial#PREFIX} and it name what is made; lower-case letters, digits and '_', another for every process
     * @param schema where the scratch table is made
     */
    ChangeTrial changeTrial(String name, String schema, Settings settings);
}
