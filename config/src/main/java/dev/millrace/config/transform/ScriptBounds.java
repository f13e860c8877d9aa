package dev.millrace.config.transform;

import dev.millrace.config.setting.Setting;
import dev.millrace.config.setting.Setting.Range;
import dev.millrace.config.setting.Setting.Type;
import dev.millrace.config.setting.Settings;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * What a script may take for one event.
 *
 * @param time processor time
 * @param steps about one for each simple operation
 * @param memoryBytes asked for altogether, given back or not
 * @param events the most that may come of one
 */
public record ScriptBounds(Duration time, int steps, long memoryBytes, int events) {
    /** The settings, each within what one event may ever take: beyond that a script is the wrong means, and others wait too long for it. */
    public static final List<Setting> DECLARED = List.of(
            Setting.bounded(
                    "time", Type.DURATION, "1s", new Range(10, 30_000), "The processor time that one event may take."),
            Setting.bounded(
                    "steps",
                    Type.INTEGER,
                    "100000000",
                    new Range(10_000, 2_000_000_000),
                    "The steps that one event may take, about one for each simple operation."),
            Setting.bounded(
                    "memory",
                    Type.SIZE,
                    "64MB",
                    new Range(1 << 20, 256 << 20),
                    "The memory that one event may ask for altogether; a text may have a sixteenth of it as characters."),
            Setting.bounded(
                    "events", Type.INTEGER, "10000", new Range(1, 10_000), "The events that one event may become."));

    public static final ScriptBounds DEFAULT = new ScriptBounds(Duration.ofSeconds(1), 100_000_000, 64 << 20, 10_000);

    public ScriptBounds {
        Objects.requireNonNull(time);
    }

    /** Of settings that were read as {@link #DECLARED}. */
    public static ScriptBounds of(Settings settings) {
        return new ScriptBounds(
                settings.duration("time"),
                settings.integer("steps"),
                settings.sizeBytes("memory"),
                settings.integer("events"));
    }
}
