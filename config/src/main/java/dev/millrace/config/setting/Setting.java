package dev.millrace.config.setting;

import java.util.List;
import java.util.Objects;

/**
 * One declared setting.
 *
 * @param name the key in YAML, camelCase
 * @param defaultValue as it would stand in YAML; null when there is none
 * @param required refused when absent and without a default
 * @param choices the allowed values for {@link Type#CHOICE}, else empty
 * @param range the bounds of an INTEGER, of a SIZE in bytes, of a DURATION in milliseconds; not looked at for other types
 * @param help one sentence for the reference and the form, with the unit where there is one
 */
public record Setting(
        String name, Type type, String defaultValue, boolean required, List<String> choices, Range range, String help) {

    /** Both ends included. */
    public record Range(long least, long most) {
        /** Nothing negative; else only the type's own bounds (an INTEGER is an {@code int}). */
        public static final Range NOT_NEGATIVE = new Range(0, Long.MAX_VALUE);

        /** A TCP port one can connect to. */
        public static final Range PORT = new Range(1, 65_535);

        public Range {
            if (least > most) {
                throw new IllegalArgumentException("range from " + least + " to " + most);
            }
        }

        public boolean contains(long value) {
            return least <= value && value <= most;
        }
    }

    /** SECRET values are masked everywhere; DURATION accepts 500ms, 10s, 5m, 2h, 1d; SIZE accepts 64KB, 8MB, 20GB (powers of 1024). */
    public enum Type {
        TEXT,
        SECRET,
        INTEGER,
        BOOLEAN,
        DURATION,
        SIZE,
        CHOICE,
        PATH,
        TEXT_LIST
    }

    public Setting {
        Objects.requireNonNull(name);
        Objects.requireNonNull(type);
        Objects.requireNonNull(range);
        choices = List.copyOf(choices);
    }

    public static Setting required(String name, Type type, String help) {
        return new Setting(name, type, null, true, List.of(), Range.NOT_NEGATIVE, help);
    }

    /** A setting that may be absent; with {@code defaultValue} null its accessor returns the empty form. */
    public static Setting optional(String name, Type type, String defaultValue, String help) {
        return new Setting(name, type, defaultValue, false, List.of(), Range.NOT_NEGATIVE, help);
    }

    public static Setting choice(String name, String defaultValue, List<String> choices, String help) {
        return new Setting(name, Type.CHOICE, defaultValue, defaultValue == null, choices, Range.NOT_NEGATIVE, help);
    }

    /** An INTEGER, SIZE or DURATION within bounds; required when {@code defaultValue} is null. */
    public static Setting bounded(String name, Type type, String defaultValue, Range range, String help) {
        return new Setting(name, type, defaultValue, defaultValue == null, List.of(), range, help);
    }
}
