package dev.millrace.consume.destination;

import dev.millrace.config.setting.Settings;

/** The ability of a {@link DestinationConnector} to be tried out beside what runs. */
public interface ScratchConnector {
    /**
     * Makes a place for trials without connecting.
     *
     * @param name begins with {@link Scratch#PREFIX}, then lower-case letters, digits and '_'; another for every process
     * @param schema where the object's tables would go by its source, empty where that has none
     */
    Scratch scratch(String name, String schema, Settings settings);
}
