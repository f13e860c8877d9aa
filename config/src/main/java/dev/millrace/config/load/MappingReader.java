package dev.millrace.config.load;

import dev.millrace.config.error.Nearest;
import dev.millrace.config.pipeline.MappingPolicy;
import dev.millrace.config.pipeline.MappingRules;
import dev.millrace.config.pipeline.MappingRules.ColumnRule;
import dev.millrace.config.pipeline.ObjectPattern;
import dev.millrace.config.setting.Setting;
import dev.millrace.config.setting.Setting.Range;
import dev.millrace.config.setting.Setting.Type;
import dev.millrace.config.setting.Settings;
import dev.millrace.config.transform.ColumnType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads where a pipeline's objects go and what may change there: the section {@code mapping}. For one file. */
final class MappingReader {
    private static final String KEY = "mapping";
    private static final String OURS = "__millrace_";
    private static final Pattern BRACES = Pattern.compile("\\{([^{}]*)}?");
    private static final List<String> POLICIES = List.of("allow-all", "new-columns", "block");

    private static final List<Setting> ALL = List.of(
            Setting.optional("auto", Type.BOOLEAN, "true", "Whether new objects are mapped without asking."),
            Setting.choice("policy", "allow-all", POLICIES, "What may change at the destination without asking."));

    private static final List<Setting> SOME = List.of(
            Setting.optional("table", Type.TEXT, null, "The table they go to: name, or schema.name."),
            Setting.optional("skip", Type.BOOLEAN, null, "Whether they are not loaded at all."),
            new Setting(
                    "policy",
                    Type.CHOICE,
                    null,
                    false,
                    POLICIES,
                    Range.NOT_NEGATIVE,
                    "What may change at their tables without asking."));

    private static final List<Setting> COLUMN = List.of(
            Setting.optional("name", Type.TEXT, null, "The column's name at the destination."),
            Setting.optional("skip", Type.BOOLEAN, null, "Whether it is not loaded."),
            Setting.optional("type", Type.TEXT, null, "A wider type than the column's own."));

    private final ProblemCollector problems;

    MappingReader(ProblemCollector problems) {
        this.problems = problems;
    }

    /** Empty when a setting was complained about; what else was, the collector knows. */
    Optional<MappingRules> read(Section top) {
        Section section = top.section(KEY);
        Optional<Settings> settings = section.settings(ALL, Set.of("objects"));
        List<MappingRules.Entry> entries = new ArrayList<>();
        Map<String, String> targets = new HashMap<>();
        for (ObjectEntries.Entry entry : ObjectEntries.of(section, "objects", problems)) {
            entry(entry.pattern(), entry.section(), targets).ifPresent(entries::add);
        }
        return settings.map(
                values -> new MappingRules(values.flag("auto"), policy(values.text("policy")), List.copyOf(entries)));
    }

    private Optional<MappingRules.Entry> entry(ObjectPattern pattern, Section section, Map<String, String> targets) {
        Optional<Settings> settings = section.settings(SOME, Set.of("columns"));
        Map<String, ColumnRule> columns = columns(section);
        if (settings.isEmpty()) {
            return Optional.empty();
        }
        Settings values = settings.get();
        Optional<String> table = values.optionalText("table");
        Optional<Boolean> skip = section.has("skip") ? Optional.of(values.flag("skip")) : Optional.empty();
        table.ifPresent(its -> checkTable(pattern, section, its, targets));
        if (skip.orElse(false) && (table.isPresent() || !columns.isEmpty())) {
            problems.error(
                    section.place("skip"),
                    "BAD_VALUE",
                    "'" + pattern + "' is skipped, and yet it is said where it goes",
                    "Remove 'skip', or what stands beside it.");
        }
        return Optional.of(new MappingRules.Entry(
                pattern, table, skip, values.optionalText("policy").map(MappingReader::policy), columns));
    }

    /** That a table's name is one, and that no two objects go to one table by it. */
    private void checkTable(ObjectPattern pattern, Section section, String table, Map<String, String> targets) {
        int dot = table.indexOf('.');
        String schema = dot < 0 ? "{schema}" : table.substring(0, dot);
        String name = table.substring(dot + 1);
        if (schema.isBlank() || name.isBlank()) {
            problems.error(
                    section.place("table"), "BAD_VALUE", "'table' names no table", "Write name, or schema.name.");
            return;
        }
        Matcher braces = BRACES.matcher(table);
        while (braces.find()) {
            if (!braces.group().equals("{schema}") && !braces.group().equals("{table}")) {
                String nearest = Nearest.to(braces.group(1), List.of("schema", "table"))
                        .map(word -> "Did you mean '{" + word + "}'?")
                        .orElse("Only {schema} and {table} stand for something.");
                problems.error(
                        section.place("table"),
                        "BAD_VALUE",
                        "'" + braces.group() + "' in 'table' stands for nothing",
                        nearest);
                return;
            }
        }
        requireOwnName(section, "table", name);
        boolean distinct = (!pattern.manyTables() || table.contains("{table}"))
                && (!pattern.manySchemas() || schema.contains("{schema}") || name.contains("{schema}"));
        if (!distinct) {
            problems.error(
                    section.place("table"),
                    "BAD_VALUE",
                    "all objects of '" + pattern + "' would go to one table",
                    "Write a name with " + (pattern.manyTables() ? "{table}" : "{schema}")
                            + " in it, or an entry for each object.");
            return;
        }
        String other = table.contains("{") ? null : targets.putIfAbsent(table, pattern.toString());
        if (other != null) {
            problems.error(
                    section.place("table"),
                    "BAD_VALUE",
                    "'" + other + "' goes to '" + table + "' already",
                    "Give each object a table of its own.");
        }
    }

    private Map<String, ColumnRule> columns(Section around) {
        Section section = around.section("columns");
        Map<String, ColumnRule> columns = new LinkedHashMap<>();
        Map<String, String> names = new HashMap<>();
        for (String column : section.keys()) {
            Section inner = section.section(column);
            Optional<Settings> settings = inner.settings(COLUMN, Set.of());
            settings.flatMap(values -> column(inner, values)).ifPresent(rule -> {
                columns.put(column, rule);
                String other =
                        rule.name().map(name -> names.putIfAbsent(name, column)).orElse(null);
                if (other != null) {
                    problems.error(
                            inner.place("name"),
                            "BAD_VALUE",
                            "'" + other + "' is named '" + rule.name().orElse("") + "' already",
                            "Give each column a name of its own.");
                }
            });
        }
        return columns;
    }

    private Optional<ColumnRule> column(Section section, Settings values) {
        Optional<String> name = values.optionalText("name");
        Optional<Boolean> skip = section.has("skip") ? Optional.of(values.flag("skip")) : Optional.empty();
        Optional<String> text = values.optionalText("type");
        Optional<ColumnType> type = text.flatMap(ColumnType::of);
        boolean good = true;
        if (text.isPresent() && type.isEmpty()) {
            good = false;
            problems.error(
                    section.place("type"),
                    "BAD_VALUE",
                    "'" + text.get() + "' is not a type",
                    "Write one of: " + ColumnType.known() + "; decimal(12,2) and string(40) take limits.");
        }
        if (name.isPresent() && name.get().isBlank()) {
            good = false;
            problems.error(section.place("name"), "EMPTY_VALUE", "'name' is empty", "Write the column's name.");
        }
        name.ifPresent(its -> requireOwnName(section, "name", its));
        if (skip.orElse(false) && (name.isPresent() || type.isPresent())) {
            good = false;
            problems.error(
                    section.place("skip"),
                    "BAD_VALUE",
                    "a column that is skipped has no name and no type",
                    "Remove 'skip', or what stands beside it.");
        }
        return good ? Optional.of(new ColumnRule(name, skip, type)) : Optional.empty();
    }

    private void requireOwnName(Section section, String key, String name) {
        if (name.toLowerCase(Locale.ROOT).contains(OURS)) {
            problems.error(
                    section.place(key),
                    "BAD_NAME",
                    "'" + OURS + "' is in '" + name + "'",
                    "Names with it are Millrace's own; write another.");
        }
    }

    private static MappingPolicy policy(String word) {
        return MappingPolicy.valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
    }
}
