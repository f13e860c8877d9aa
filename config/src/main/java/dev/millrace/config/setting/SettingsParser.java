package dev.millrace.config.setting;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.error.Nearest;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Turns texts into the typed values of declared settings: the one place where a setting is checked, whether it comes from YAML, from code or
 * later from a form. Every problem is told, none repaired in silence. Stateless; thread-safe.
 */
public final class SettingsParser {
    /** A complaint shows at most this much of a wrong value. */
    private static final int SHOWN_CHARACTERS = 80;

    private final Path folder;
    private final Complaints complaints;
    private boolean failed;

    private SettingsParser(Path folder, Complaints complaints) {
        this.folder = folder;
        this.complaints = complaints;
    }

    /** Takes one problem; {@code key} is the setting's name or the unknown key, {@code suggestion} may be empty. */
    public interface Complaints {
        void add(String key, String code, String message, String suggestion);
    }

    /**
     * One value before it has a type.
     *
     * @param values the texts; one unless it is a list
     * @param list whether it was written as a list
     * @param shown how a complaint may quote it: never a resolved reference
     */
    public record Given(List<String> values, boolean list, String shown) {
        public Given {
            values = List.copyOf(values);
            if (!list && values.size() != 1) {
                throw new IllegalArgumentException("one value, not " + values.size());
            }
        }

        public static Given text(String value) {
            return new Given(List.of(value), false, value);
        }
    }

    /**
     * As {@link #parse(List, Map, Path)} with relative paths taken from the working directory.
     *
     * @throws MillraceException USER SETTINGS_INVALID with every problem
     */
    public static Settings parse(List<Setting> declared, Map<String, String> given) {
        return parse(declared, given, Path.of("").toAbsolutePath());
    }

    /**
     * Parses texts as they would stand in YAML; a list's items are parted by commas.
     *
     * @throws MillraceException USER SETTINGS_INVALID with every problem
     */
    public static Settings parse(List<Setting> declared, Map<String, String> given, Path folder) {
        List<String> problems = new ArrayList<>();
        Map<String, Given> values = new LinkedHashMap<>();
        given.forEach((key, value) -> values.put(key, Given.text(value)));
        Optional<Settings> settings = parse(
                declared,
                values,
                folder,
                (key, code, message, suggestion) ->
                        problems.add(suggestion.isEmpty() ? message : message + ". " + suggestion));
        return settings.orElseThrow(() -> MillraceException.user(
                "SETTINGS_INVALID",
                problems.size() == 1 ? "A setting is wrong" : problems.size() + " settings are wrong",
                String.join("; ", problems),
                ""));
    }

    /** Parses what the loader has read; empty when anything was complained about. */
    public static Optional<Settings> parse(
            List<Setting> declared, Map<String, Given> given, Path folder, Complaints complaints) {
        return new SettingsParser(folder, complaints).parseAll(declared, given);
    }

    private Optional<Settings> parseAll(List<Setting> declared, Map<String, Given> given) {
        List<String> names = declared.stream().map(Setting::name).toList();
        given.keySet().stream().filter(key -> !names.contains(key)).forEach(key -> unknown(key, names));
        Map<String, Object> values = new HashMap<>();
        for (Setting setting : declared) {
            Given value = given.get(setting.name());
            if (value == null && setting.defaultValue() != null) {
                value = Given.text(setting.defaultValue());
            }
            if (value != null) {
                Object typed = convert(setting, value);
                if (typed != null) {
                    values.put(setting.name(), typed);
                }
            } else if (setting.required()) {
                complain(setting.name(), "MISSING_KEY", "'" + setting.name() + "' is missing", setting.help());
            }
        }
        return failed ? Optional.empty() : Optional.of(new Settings(values));
    }

    private void unknown(String key, List<String> names) {
        String suggestion = Nearest.to(key, names)
                .map(name -> "Did you mean '" + name + "'?")
                .orElse("Known here: " + String.join(", ", names) + ".");
        complain(key, "UNKNOWN_KEY", "'" + clipped(key) + "' is not a known key", suggestion);
    }

    /** Null when it was complained about. */
    private Object convert(Setting setting, Given given) {
        if (setting.type() == Setting.Type.TEXT_LIST) {
            return textList(setting, given);
        }
        if (given.list()) {
            return complain(
                    setting.name(), "WRONG_TYPE", "'" + setting.name() + "' is a list, but takes one value", "");
        }
        String text = given.values().get(0);
        if (setting.required() && text.isBlank()) {
            return complain(setting.name(), "EMPTY_VALUE", "'" + setting.name() + "' is empty", setting.help());
        }
        return switch (setting.type()) {
            case TEXT -> text;
            case SECRET -> new Secret(text);
            case INTEGER -> integer(setting, given, text);
            case BOOLEAN -> flag(setting, given, text);
            case DURATION -> duration(setting, given, text);
            case SIZE -> size(setting, given, text);
            case CHOICE -> choice(setting, given, text);
            case PATH -> path(setting, given, text);
            case TEXT_LIST -> throw new IllegalStateException("handled above");
        };
    }

    private Object textList(Setting setting, Given given) {
        List<String> items = given.list()
                ? given.values()
                : Arrays.stream(given.values().get(0).split(",", -1))
                        .map(String::strip)
                        .filter(item -> !item.isEmpty())
                        .toList();
        if (setting.required() && items.isEmpty()) {
            return complain(setting.name(), "EMPTY_VALUE", "'" + setting.name() + "' is an empty list", setting.help());
        }
        return items;
    }

    private Object integer(Setting setting, Given given, String text) {
        try {
            int value = Integer.parseInt(text.strip());
            return setting.range().contains(value) ? Long.valueOf(value) : outOfRange(setting, given, Long::toString);
        } catch (NumberFormatException notANumber) {
            return wrong(setting, given, "is not a whole number", "Write digits only, for example 10.");
        }
    }

    private Object flag(Setting setting, Given given, String text) {
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> wrong(setting, given, "is neither true nor false", "Write true or false.");
        };
    }

    private Object duration(Setting setting, Given given, String text) {
        var span = Durations.parse(text);
        if (span.isEmpty()) {
            return wrong(
                    setting, given, "is not a time span", "Write a whole number and a unit: 500ms, 10s, 5m, 2h or 1d.");
        }
        boolean within = setting.range().contains(span.get().toMillis());
        return within
                ? span.get()
                : outOfRange(setting, given, millis -> Durations.format(java.time.Duration.ofMillis(millis)));
    }

    private Object size(Setting setting, Given given, String text) {
        OptionalLong bytes = Sizes.parse(text);
        if (bytes.isEmpty()) {
            return wrong(setting, given, "is not a size", "Write a whole number and a unit: 64KB, 8MB or 20GB.");
        }
        long value = bytes.getAsLong();
        return setting.range().contains(value) ? Long.valueOf(value) : outOfRange(setting, given, Sizes::format);
    }

    private Object choice(Setting setting, Given given, String text) {
        for (String choice : setting.choices()) {
            if (choice.equalsIgnoreCase(text.strip())) {
                return choice;
            }
        }
        String nearest = Nearest.to(text, setting.choices())
                .map(choice -> " Did you mean '" + choice + "'?")
                .orElse("");
        return wrong(
                setting,
                given,
                "is not one of the choices",
                "Write one of: " + String.join(", ", setting.choices()) + "." + nearest);
    }

    private Object path(Setting setting, Given given, String text) {
        if (text.startsWith("~")) {
            return wrong(
                    setting,
                    given,
                    "begins with '~', which only a shell understands",
                    "Write ${env:HOME}/… or the whole path.");
        }
        try {
            return folder.resolve(text).toAbsolutePath().normalize();
        } catch (InvalidPathException notAPath) {
            return wrong(setting, given, "is not a path", "Leave out the character that no path may hold.");
        }
    }

    private Object outOfRange(Setting setting, Given given, java.util.function.LongFunction<String> format) {
        Setting.Range range = setting.range();
        String bounds = range.most() == Long.MAX_VALUE
                ? "at least " + format.apply(range.least())
                : "from " + format.apply(range.least()) + " to " + format.apply(range.most());
        return wrong(setting, given, "is out of range", "Write a value " + bounds + ".");
    }

    private Object wrong(Setting setting, Given given, String why, String suggestion) {
        String message = "'" + setting.name() + "' is '" + clipped(given.shown()) + "', which " + why;
        return complain(setting.name(), "BAD_VALUE", message, suggestion);
    }

    private Object complain(String key, String code, String message, String suggestion) {
        failed = true;
        complaints.add(key, code, message, suggestion);
        return null;
    }

    private static String clipped(String text) {
        String line = text.replaceAll("\\s+", " ");
        return line.codePointCount(0, line.length()) <= SHOWN_CHARACTERS
                ? line
                : line.substring(0, line.offsetByCodePoints(0, SHOWN_CHARACTERS)) + "…";
    }
}
