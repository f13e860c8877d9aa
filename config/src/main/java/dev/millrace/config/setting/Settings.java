package dev.millrace.config.setting;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The values of one connector's declared settings, parsed, validated and with defaults applied. Accessors throw
 * {@link IllegalArgumentException} for a name that was not declared with that type: a defect of ours, not of the user.
 *
 * <p>Value classes by type: TEXT, CHOICE String; SECRET {@link Secret}; INTEGER Long; BOOLEAN Boolean; DURATION {@link Duration}; SIZE
 * Long (bytes); PATH {@link Path} (absolute; relative paths are taken from the defining file's folder); TEXT_LIST List of String. A
 * setting that is absent has no entry.
 */
public final class Settings {
    private final Map<String, Object> values;

    public Settings(Map<String, Object> values) {
        this.values = Map.copyOf(values);
    }

    public boolean has(String name) {
        return values.containsKey(name);
    }

    /** The same without these. */
    public Settings without(String... names) {
        Map<String, Object> left = new TreeMap<>(values);
        left.keySet().removeAll(List.of(names));
        return new Settings(left);
    }

    /** The same with what {@code others} has, in place of what is here. */
    public Settings with(Settings others) {
        Map<String, Object> all = new TreeMap<>(values);
        all.putAll(others.values);
        return new Settings(all);
    }

    public String text(String name) {
        return value(name, String.class);
    }

    public Optional<String> optionalText(String name) {
        return has(name) ? Optional.of(text(name)) : Optional.empty();
    }

    public Optional<Secret> secret(String name) {
        return has(name) ? Optional.of(value(name, Secret.class)) : Optional.empty();
    }

    public int integer(String name) {
        return Math.toIntExact(value(name, Long.class));
    }

    public boolean flag(String name) {
        return value(name, Boolean.class);
    }

    public Duration duration(String name) {
        return value(name, Duration.class);
    }

    public long sizeBytes(String name) {
        return value(name, Long.class);
    }

    public Path path(String name) {
        return value(name, Path.class);
    }

    public Optional<Path> optionalPath(String name) {
        return has(name) ? Optional.of(path(name)) : Optional.empty();
    }

    /** Empty when absent. */
    public List<String> textList(String name) {
        if (!has(name)) {
            return List.of();
        }
        List<?> list = value(name, List.class);
        return list.stream().map(String.class::cast).toList();
    }

    private <T> T value(String name, Class<T> type) {
        Object value = values.get(name);
        if (!type.isInstance(value)) {
            throw new IllegalArgumentException(
                    "setting '" + name + "' is " + value + ", asked for as " + type.getSimpleName());
        }
        return type.cast(value);
    }

    /** Every value as text by name, in name order, for people: secrets masked. */
    public Map<String, String> shown() {
        Map<String, String> shown = new TreeMap<>();
        values.forEach((name, value) ->
                shown.put(name, value instanceof Duration span ? Durations.format(span) : value.toString()));
        return shown;
    }

    /** Masked by the values' own text forms. */
    @Override
    public String toString() {
        return values.toString();
    }
}
