package dev.millrace.config.pipeline;

import dev.millrace.config.transform.ColumnType;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Where objects go at the destination and what may change there: what holds for all of them, and what for some. Objects and columns are named
 * as transformations leave them. Where several entries match an object, the later one's words count. Immutable.
 *
 * @param auto whether a new object is mapped and loaded without asking; else it waits until it is approved
 */
public record MappingRules(boolean auto, MappingPolicy policy, List<Entry> entries) {
    /** Everything is mapped by itself, under the names it has. */
    public static final MappingRules DEFAULTS = new MappingRules(true, MappingPolicy.ALLOW_ALL, List.of());

    /**
     * What is said of the objects that {@code pattern} names; what is empty is left to the others.
     *
     * @param table {@code name} or {@code schema.name}; {@code {schema}} and {@code {table}} stand for the object's own
     * @param skip whether they are not loaded at all
     * @param columns by the column's name, in the file's order
     */
    public record Entry(
            ObjectPattern pattern,
            Optional<String> table,
            Optional<Boolean> skip,
            Optional<MappingPolicy> policy,
            Map<String, ColumnRule> columns) {
        public Entry {
            Objects.requireNonNull(pattern);
            Objects.requireNonNull(table);
            Objects.requireNonNull(skip);
            Objects.requireNonNull(policy);
            columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
        }
    }

    /**
     * What is said of a column; what is empty is as usual.
     *
     * @param name its name at the destination
     * @param skip whether it is not loaded
     * @param type a type that holds every value of the column's own
     */
    public record ColumnRule(Optional<String> name, Optional<Boolean> skip, Optional<ColumnType> type) {
        public ColumnRule {
            Objects.requireNonNull(name);
            Objects.requireNonNull(skip);
            Objects.requireNonNull(type);
        }

        /** Whether the column is not loaded. */
        public boolean skipped() {
            return skip.orElse(false);
        }

        private ColumnRule over(ColumnRule earlier) {
            return new ColumnRule(
                    name.or(() -> earlier.name), skip.or(() -> earlier.skip), type.or(() -> earlier.type));
        }
    }

    /**
     * A table at the destination, as it is wished for: not yet made fit for the destination.
     *
     * @param schema empty: the one the object would have gone to without a word
     */
    public record Target(Optional<String> schema, String name) {
        public Target {
            Objects.requireNonNull(schema);
            Objects.requireNonNull(name);
        }
    }

    /**
     * What holds for one object.
     *
     * @param target empty: named as the object
     * @param columns by the column's name; those of which nothing is said are not in it
     */
    public record Rule(
            boolean auto,
            MappingPolicy policy,
            boolean skip,
            Optional<Target> target,
            Map<String, ColumnRule> columns) {
        public Rule {
            Objects.requireNonNull(policy);
            Objects.requireNonNull(target);
            columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
        }

        /** Whether anything is said of the object that its own shape doesn't say: where it goes, or its columns. */
        public boolean says() {
            return target.isPresent() || !columns.isEmpty();
        }
    }

    public MappingRules {
        Objects.requireNonNull(policy);
        entries = List.copyOf(entries);
    }

    /** @param schema empty where the source has no schemas */
    public Rule of(String schema, String table) {
        MappingPolicy itsPolicy = policy;
        boolean skip = false;
        Optional<Target> target = Optional.empty();
        Map<String, ColumnRule> columns = new LinkedHashMap<>();
        for (Entry entry : entries) {
            if (entry.pattern().matches(schema, table)) {
                itsPolicy = entry.policy().orElse(itsPolicy);
                skip = entry.skip().orElse(skip);
                target = entry.table().isEmpty() ? target : entry.table().map(text -> target(text, schema, table));
                entry.columns().forEach((column, rule) -> columns.merge(column, rule, (old, its) -> its.over(old)));
            }
        }
        return new Rule(auto, itsPolicy, skip, target, columns);
    }

    /** {@code name} or {@code schema.name}; the first dot parts them. */
    private static Target target(String text, String schema, String table) {
        int dot = text.indexOf('.');
        Optional<String> itsSchema =
                dot < 0 ? Optional.empty() : Optional.of(filled(text.substring(0, dot), schema, table));
        return new Target(itsSchema, filled(text.substring(dot + 1), schema, table));
    }

    private static String filled(String text, String schema, String table) {
        StringBuilder filled = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            if (text.startsWith("{schema}", at)) {
                filled.append(schema);
                at += "{schema}".length();
            } else if (text.startsWith("{table}", at)) {
                filled.append(table);
                at += "{table}".length();
            } else {
                filled.append(text.charAt(at++));
            }
        }
        return filled.toString();
    }

    /** As YAML. */
    String effective() {
        StringBuilder text = new StringBuilder("mapping:\n  auto: " + auto + "\n  policy: " + word(policy) + "\n");
        if (!entries.isEmpty()) {
            text.append("  objects:\n");
        }
        for (Entry entry : entries) {
            text.append("    ").append(quoted(entry.pattern().toString())).append(":\n");
            entry.table()
                    .ifPresent(its ->
                            text.append("      table: ").append(quoted(its)).append('\n'));
            entry.skip()
                    .ifPresent(its -> text.append("      skip: ").append(its).append('\n'));
            entry.policy()
                    .ifPresent(its ->
                            text.append("      policy: ").append(word(its)).append('\n'));
            if (!entry.columns().isEmpty()) {
                text.append("      columns:\n");
            }
            entry.columns().forEach((column, rule) -> text.append("        ")
                    .append(quoted(column))
                    .append(": ")
                    .append(shown(rule))
                    .append('\n'));
        }
        return text.toString();
    }

    private static String shown(ColumnRule rule) {
        Map<String, String> words = new LinkedHashMap<>();
        rule.name().ifPresent(name -> words.put("name", quoted(name)));
        rule.skip().ifPresent(skip -> words.put("skip", skip.toString()));
        rule.type().ifPresent(type -> words.put("type", quoted(type.toString())));
        return words.entrySet().stream()
                .map(each -> each.getKey() + ": " + each.getValue())
                .collect(Collectors.joining(", ", "{", "}"));
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    private static String word(MappingPolicy policy) {
        return policy.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
