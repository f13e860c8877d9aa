package dev.millrace.consume.script;

import dev.millrace.config.transform.ScriptBounds;

/**
 * What one event may cost.
 *
 * @param steps the most steps: about one for each simple operation, more for built-in functions on long texts and lists
 * @param cpuMillis the most processor time, so that a machine that stands still fails no event
 * @param memoryBytes the most memory it may ask for altogether, given back or not; a text may have a sixteenth of it as characters
 * @param maxEvents the most events that may come of one
 */
public record ScriptLimits(long steps, long cpuMillis, long memoryBytes, int maxEvents) {
    public static final ScriptLimits DEFAULT = of(ScriptBounds.DEFAULT);

    /** The longest list that built-in functions take. */
    static final int MAX_ELEMENTS = 1_000_000;

    public ScriptLimits {
        if (steps < 1 || cpuMillis < 1 || memoryBytes < 1 << 20 || maxEvents < 1) {
            throw new IllegalArgumentException("a limit that nothing fits in");
        }
    }

    /** As a definition says it. */
    public static ScriptLimits of(ScriptBounds bounds) {
        return new ScriptLimits(bounds.steps(), bounds.time().toMillis(), bounds.memoryBytes(), bounds.events());
    }

    int maxCharacters() {
        return (int) Math.min(memoryBytes / 16, Integer.MAX_VALUE / 4);
    }
}
