package dev.millrace.config.load;

import dev.millrace.config.setting.Setting;
import dev.millrace.config.setting.Setting.Type;
import dev.millrace.config.setting.Settings;
import dev.millrace.config.transform.ColumnType;
import dev.millrace.config.transform.Place;
import dev.millrace.config.transform.StepDefinition;
import dev.millrace.config.transform.StepDefinition.Change;
import dev.millrace.config.transform.StepDefinition.TextFormat;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.IllformedLocaleException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Reads the steps that change values of columns. */
final class ColumnStepReader {
    private static final List<Setting> FORMAT = List.of(
            Setting.required("format", Type.TEXT, "Write a pattern, for example dd.MM.yyyy or #,##0.00."),
            Setting.optional("locale", Type.TEXT, "en-US", "The language of names and separators, for example de-DE."),
            Setting.optional("zone", Type.TEXT, "UTC", "The time zone where the text has none."));

    private static final List<Setting> PARSE = List.of(
            FORMAT.get(0),
            FORMAT.get(1),
            FORMAT.get(2),
            Setting.required("type", Type.TEXT, "Write the type it becomes, for example date."));

    private final Path file;
    private final ProblemCollector problems;

    ColumnStepReader(Path file, ProblemCollector problems) {
        this.file = file;
        this.problems = problems;
    }

    void kinds(Map<String, StepReader.Kind> kinds) {
        each(kinds, "set", this::assign);
        each(kinds, "cast", (section, column, place) -> type(section, column)
                .map(type -> new StepDefinition.Cast(place, column, type)));
        each(kinds, "parse", this::parse);
        each(kinds, "format", this::format);
        list(kinds, "trim", (place, column) -> new StepDefinition.Text(place, Change.TRIM, column));
        list(kinds, "lower", (place, column) -> new StepDefinition.Text(place, Change.LOWER, column));
        list(kinds, "upper", (place, column) -> new StepDefinition.Text(place, Change.UPPER, column));
        each(kinds, "replace", this::replace);
        each(kinds, "regex", this::regex);
        each(kinds, "split", this::split);
        each(kinds, "concat", this::concat);
        list(kinds, "parseJson", StepDefinition.ParseJson::new);
        each(kinds, "flatten", this::flatten);
        each(kinds, "mask", (section, column, place) -> MaskReader.read(section, column, problems)
                .map(masking -> new StepDefinition.Mask(place, column, masking)));
        each(kinds, "round", this::round);
    }

    /** A step of one column, whose name is the key in {@code section}. */
    private interface Column {
        Optional<? extends StepDefinition> read(Section section, String column, Place place);
    }

    private void each(Map<String, StepReader.Kind> kinds, String kind, Column column) {
        kinds.put(kind, (around, place, into) -> {
            Section section = around.section(kind);
            for (String name : section.keys()) {
                Place there = TransformReader.place(file, section.place(name));
                column.read(section, name, there).ifPresent(into::add);
            }
        });
    }

    private interface Named {
        StepDefinition of(Place place, String column);
    }

    private static void list(Map<String, StepReader.Kind> kinds, String kind, Named step) {
        Setting columns = Setting.required(kind, Type.TEXT_LIST, "Write [column, column].");
        kinds.put(kind, (around, place, into) -> around.settings(List.of(columns), Set.of())
                .ifPresent(values -> values.textList(kind).forEach(column -> into.add(step.of(place, column)))));
    }

    private Optional<StepDefinition> assign(Section section, String column, Place place) {
        if (!(section.place(column) instanceof MappingNode)) {
            return section.text(column).map(text -> new StepDefinition.Assign(place, column, text, Optional.empty()));
        }
        Section inner = section.section(column);
        Optional<Settings> values = inner.settings(
                List.of(
                        Setting.required("value", Type.TEXT, "Write an expression."),
                        Setting.optional("type", Type.TEXT, null, "The column's type.")),
                Set.of());
        if (!inner.has("type")) {
            return values.map(its -> new StepDefinition.Assign(place, column, its.text("value"), Optional.empty()));
        }
        Optional<ColumnType> type = type(inner, "type");
        return values.filter(its -> type.isPresent())
                .map(its -> new StepDefinition.Assign(place, column, its.text("value"), type));
    }

    private Optional<ColumnType> type(Section section, String key) {
        Optional<String> text = section.text(key);
        Optional<ColumnType> type = text.flatMap(ColumnType::of);
        if (text.isPresent() && type.isEmpty()) {
            problems.error(
                    section.place(key),
                    "BAD_VALUE",
                    "'" + text.get() + "' is not a type",
                    "Write one of: " + ColumnType.known() + "; decimal(12,2) and string(40) take limits.");
        }
        return type;
    }

    private Optional<StepDefinition> parse(Section section, String column, Place place) {
        Section inner = section.section(column);
        Optional<TextFormat> format = textFormat(inner, PARSE);
        return type(inner, "type")
                .flatMap(type -> format.map(its -> new StepDefinition.Parse(place, column, type, its)));
    }

    private Optional<StepDefinition> format(Section section, String column, Place place) {
        if (section.place(column) instanceof MappingNode) {
            return textFormat(section.section(column), FORMAT)
                    .map(format -> new StepDefinition.Format(place, column, format));
        }
        return section.text(column)
                .map(text -> new StepDefinition.Format(place, column, new TextFormat(text, "en-US", "UTC")));
    }

    private Optional<TextFormat> textFormat(Section section, List<Setting> declared) {
        Optional<Settings> settings = section.settings(declared, Set.of());
        if (settings.isEmpty()) {
            return Optional.empty();
        }
        Settings values = settings.get();
        TextFormat format = new TextFormat(values.text("format"), values.text("locale"), values.text("zone"));
        boolean good = true;
        try {
            new Locale.Builder().setLanguageTag(format.locale());
        } catch (IllformedLocaleException e) {
            good = false;
            problems.error(
                    section.place("locale"), "BAD_VALUE", "'locale' is not a language tag", "Write one like de-DE.");
        }
        try {
            ZoneId.of(format.zone());
        } catch (DateTimeException unknown) {
            good = false;
            problems.error(
                    section.place("zone"), "BAD_VALUE", "'zone' is not a time zone", "Write one like Europe/Berlin.");
        }
        return good ? Optional.of(format) : Optional.empty();
    }

    private Optional<StepDefinition> replace(Section section, String column, Place place) {
        Section inner = section.section(column);
        inner.settings(List.of(), Set.of("find", "with"));
        return filled(inner, "find").flatMap(find -> present(inner, "with")
                .map(with -> new StepDefinition.Replace(place, column, find, with, false)));
    }

    private Optional<StepDefinition> regex(Section section, String column, Place place) {
        Section inner = section.section(column);
        inner.settings(List.of(), Set.of("find", "with", "into"));
        Optional<String> find = filled(inner, "find").filter(text -> isPattern(inner, text));
        if (inner.has("into")) {
            List<String> into = names(inner, "into");
            return find.filter(text -> !into.isEmpty())
                    .map(text -> new StepDefinition.Extract(place, column, text, into));
        }
        return find.flatMap(text ->
                present(inner, "with").map(with -> new StepDefinition.Replace(place, column, text, with, true)));
    }

    private boolean isPattern(Section section, String text) {
        try {
            Pattern.compile(text);
            return true;
        } catch (PatternSyntaxException e) {
            problems.error(
                    section.place("find"),
                    "BAD_VALUE",
                    "'find' is not a regular expression: " + e.getDescription() + " at character "
                            + Math.max(0, e.getIndex()),
                    "Correct it; backslashes need no doubling in single quotes.");
            return false;
        }
    }

    private Optional<StepDefinition> split(Section section, String column, Place place) {
        Section inner = section.section(column);
        inner.settings(List.of(), Set.of("by", "into"));
        List<String> into = names(inner, "into");
        return filled(inner, "by")
                .filter(by -> !into.isEmpty())
                .map(by -> new StepDefinition.Split(place, column, by, into));
    }

    private Optional<StepDefinition> concat(Section section, String column, Place place) {
        Section inner = section;
        List<String> columns;
        String separator = "";
        if (section.place(column) instanceof SequenceNode) {
            columns = names(section, column);
        } else {
            inner = section.section(column);
            inner.settings(List.of(), Set.of("columns", "separator"));
            columns = names(inner, "columns");
            separator = inner.text("separator").orElse("");
        }
        return columns.isEmpty()
                ? Optional.empty()
                : Optional.of(new StepDefinition.Concat(place, column, columns, separator));
    }

    private List<String> names(Section section, String key) {
        List<String> names = new ArrayList<>();
        if (present(section, key, "Write [column, column].")) {
            section.items(key).forEach(item -> {
                Optional<String> name = section.scalar(item, key);
                name.ifPresent(names::add);
            });
        }
        return names;
    }

    private Optional<StepDefinition> flatten(Section section, String column, Place place) {
        Section fields = section.section(column);
        List<StepDefinition.Field> found = new ArrayList<>();
        for (String name : fields.keys()) {
            Optional<String> path;
            Optional<ColumnType> type = Optional.of(ColumnType.STRING);
            if (fields.place(name) instanceof MappingNode) {
                Section inner = fields.section(name);
                inner.settings(List.of(), Set.of("path", "type"));
                path = inner.has("path") ? filled(inner, "path") : Optional.of(name);
                type = inner.has("type") ? type(inner, "type") : type;
            } else {
                path = filled(fields, name);
            }
            if (path.isPresent() && type.isPresent()) {
                found.add(new StepDefinition.Field(name, List.of(path.get().split("\\.", -1)), type.get()));
            }
        }
        if (fields.keys().isEmpty() && section.place(column) instanceof MappingNode) {
            problems.error(
                    section.place(column), "MISSING_KEY", "'" + column + "' names no members", "Write {column: path}.");
        }
        return found.isEmpty() ? Optional.empty() : Optional.of(new StepDefinition.Flatten(place, column, found));
    }

    private Optional<StepDefinition> round(Section section, String column, Place place) {
        Optional<String> text = section.text(column);
        Optional<Integer> digits =
                text.filter(each -> each.strip().matches("-?\\d{1,2}")).map(each -> Integer.valueOf(each.strip()));
        if (text.isPresent() && digits.isEmpty()) {
            problems.error(
                    section.place(column), "BAD_VALUE", "not a number of digits", "Write 2 for two behind the point.");
        }
        return digits.map(number -> new StepDefinition.Round(place, column, number));
    }

    private Optional<String> filled(Section section, String key) {
        Optional<String> text = present(section, key);
        if (text.isPresent() && text.get().isEmpty()) {
            problems.error(section.place(key), "EMPTY_VALUE", "'" + key + "' is empty", "Write a text.");
            return Optional.empty();
        }
        return text;
    }

    private Optional<String> present(Section section, String key) {
        return present(section, key, "Add it; \"\" stands for no text.") ? section.text(key) : Optional.empty();
    }

    private boolean present(Section section, String key, String suggestion) {
        if (!section.has(key)) {
            problems.error(section.place(key), "MISSING_KEY", "'" + key + "' is missing", suggestion);
        }
        return section.has(key);
    }
}
