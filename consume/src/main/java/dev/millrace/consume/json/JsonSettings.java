package dev.millrace.consume.json;

import dev.millrace.config.setting.Setting;
import dev.millrace.config.setting.Setting.Range;
import dev.millrace.config.setting.Setting.Type;
import dev.millrace.config.setting.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How a destination takes JSON.
 *
 * @param depth levels of objects that are flattened, and of arrays that become tables; what is deeper stays JSON
 * @param columns the most columns that a table's documents may become, and the most tables
 */
public record JsonSettings(JsonStrategy strategy, int depth, int columns) {
    public static final int DEFAULT_DEPTH = 8;
    public static final int DEFAULT_COLUMNS = 500;
    private static final List<Setting> DECLARED = List.of(
            Setting.choice(
                    "json",
                    "columns",
                    List.of("columns", "text", "arrays-as-text", "nested-arrays-as-text", "flatten"),
                    "What JSON columns become."),
            Setting.bounded(
                    "jsonDepth",
                    Type.INTEGER,
                    String.valueOf(DEFAULT_DEPTH),
                    new Range(1, 100),
                    "Levels of objects that flatten makes columns of, and of arrays that it makes tables of."),
            Setting.bounded(
                    "jsonColumns",
                    Type.INTEGER,
                    String.valueOf(DEFAULT_COLUMNS),
                    new Range(1, 1500),
                    "The most columns, and child tables, that flatten makes of a table's documents."));

    /** A destination's settings with these behind them. */
    public static List<Setting> with(List<Setting> others) {
        List<Setting> all = new ArrayList<>(others);
        all.addAll(DECLARED);
        return List.copyOf(all);
    }

    /** Settings that were made without these leave JSON as it is. */
    public static JsonSettings of(Settings settings) {
        if (!settings.has("json")) {
            return new JsonSettings(JsonStrategy.COLUMNS, DEFAULT_DEPTH, DEFAULT_COLUMNS);
        }
        return new JsonSettings(
                JsonStrategy.valueOf(
                        settings.text("json").toUpperCase(Locale.ROOT).replace('-', '_')),
                settings.integer("jsonDepth"),
                settings.integer("jsonColumns"));
    }
}
