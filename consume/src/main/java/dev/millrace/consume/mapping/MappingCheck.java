package dev.millrace.consume.mapping;

import dev.millrace.config.error.Finding;
import dev.millrace.config.error.Nearest;
import dev.millrace.config.pipeline.MappingRules;
import dev.millrace.config.pipeline.MappingRules.ColumnRule;
import dev.millrace.consume.destination.NamingRules;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Schema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Whether what a definition says of its mapping can be done with the tables as they are: nothing is read or written. */
public final class MappingCheck {
    private final MappingRules rules;
    private final List<Schema> tables;
    private final TargetNames names;
    private final Optional<String> onlySchema;
    private final boolean learns;
    private final List<Finding> findings = new ArrayList<>();

    private MappingCheck(
            MappingRules rules, List<Schema> tables, NamingRules naming, Optional<String> onlySchema, boolean learns) {
        this.rules = rules;
        this.tables = tables;
        this.names = new TargetNames(naming);
        this.onlySchema = onlySchema;
        this.learns = learns;
    }

    /**
     * A finding for each table of which something is said, and for each thing that can't be done.
     *
     * @param tables as transformations leave them
     * @param onlySchema the one schema all tables go to; empty: the source's
     * @param learns whether tables and columns may come that are not known before documents are read
     */
    public static List<Finding> of(
            MappingRules rules, List<Schema> tables, NamingRules naming, Optional<String> onlySchema, boolean learns) {
        return new MappingCheck(rules, tables, naming, onlySchema, learns).run();
    }

    private List<Finding> run() {
        rules.entries().forEach(this::entry);
        Map<String, Schema> targets = new HashMap<>();
        for (Schema table : tables) {
            MappingRules.Rule rule = rule(table);
            if (!rule.skip()) {
                table(table, rule, targets);
            } else {
                findings.add(Finding.ok(probe(table), "is skipped"));
            }
        }
        return findings;
    }

    private MappingRules.Rule rule(Schema table) {
        return rules.of(table.table().schema(), table.table().name());
    }

    private static String probe(Schema table) {
        return "mapping " + table.table();
    }

    /** That what it names is there, at least in one of the tables. */
    private void entry(MappingRules.Entry entry) {
        List<Schema> meant = tables.stream()
                .filter(table -> entry.pattern()
                        .matches(table.table().schema(), table.table().name()))
                .toList();
        String probe = "mapping " + entry.pattern();
        if (meant.isEmpty()) {
            List<String> known =
                    tables.stream().map(table -> table.table().toString()).toList();
            findings.add(Finding.warning(
                    probe,
                    "MAPPING_MATCHES_NOTHING",
                    "there is no such object now",
                    Nearest.to(entry.pattern().toString(), known)
                            .map(name -> "Did you mean '" + name + "'?")
                            .orElse("Objects are named as 'transform' leaves them.")));
            return;
        }
        for (String column : entry.columns().keySet()) {
            List<String> known = meant.stream()
                    .flatMap(table -> table.columns().stream())
                    .map(Column::name)
                    .distinct()
                    .toList();
            if (!known.contains(column)) {
                String remedy = Nearest.to(column, known)
                        .map(name -> "Did you mean '" + name + "'?")
                        .orElse("Columns are named as 'transform' leaves them: " + String.join(", ", known) + ".");
                String detail = "there is no column '" + column + "'";
                findings.add(
                        learns
                                ? Finding.warning(probe, "MAPPING_UNKNOWN_COLUMN", detail, remedy)
                                : Finding.failed(probe, "MAPPING_UNKNOWN_COLUMN", detail, remedy));
            }
        }
    }

    private void table(Schema table, MappingRules.Rule rule, Map<String, Schema> targets) {
        int before = findings.size();
        String schema = rule.target()
                .flatMap(MappingRules.Target::schema)
                .or(() -> onlySchema)
                .orElse(table.table().schema());
        String name = rule.target()
                .map(MappingRules.Target::name)
                .orElse(table.table().name());
        Schema other = targets.putIfAbsent(names.folded(schema) + "\0" + names.folded(name), table);
        if (other != null && (rule.target().isPresent() || rule(other).target().isPresent())) {
            failed(
                    table,
                    "MAPPING_TARGET_TAKEN",
                    "goes to '" + schema + "." + name + "' as '" + other.table() + "' does",
                    "Give each a table of its own.");
        }
        columns(table, rule);
        if (findings.size() == before && rule.target().isPresent()) {
            findings.add(Finding.ok(probe(table), "goes to " + (schema.isEmpty() ? "" : schema + ".") + name));
        }
    }

    private void columns(Schema table, MappingRules.Rule rule) {
        Map<String, String> taken = new HashMap<>();
        for (Column column : table.columns()) {
            Optional<ColumnRule> its = Optional.ofNullable(rule.columns().get(column.name()));
            if (its.map(ColumnRule::skipped).orElse(false)) {
                if (column.keyPosition() > 0) {
                    failed(
                            table,
                            "MAPPING_SKIPS_KEY",
                            "column '" + column.name() + "' is to be skipped, but is in the table's key",
                            "Load it, or make it what you need by a step under 'transform'.");
                }
                continue;
            }
            String name = its.flatMap(ColumnRule::name).orElse(column.name());
            name(table, column, name, its.flatMap(ColumnRule::name).isPresent(), taken);
            its.flatMap(ColumnRule::type).ifPresent(type -> type(table, column, RuleType.of(type)));
        }
    }

    private void name(Schema table, Column column, String name, boolean said, Map<String, String> taken) {
        String other = taken.putIfAbsent(names.folded(name), column.name());
        if (other != null && (said || rule(table).columns().containsKey(other))) {
            failed(
                    table,
                    "MAPPING_NAME_TAKEN",
                    "column '" + column.name() + "' would be named '" + name + "' as '" + other + "' is",
                    "Give each a name of its own.");
        }
        String fitting = names.free(name, Set.of());
        if (said && !fitting.equals(name)) {
            findings.add(Finding.warning(
                    probe(table),
                    "MAPPING_NAME_CHANGED",
                    "column '" + column.name() + "' will be named '" + fitting + "': the destination takes no '" + name
                            + "'",
                    "Choose another name."));
        }
    }

    private void type(Schema table, Column column, DataType wished) {
        DataType least = Promotion.widest(wished, column.dataType());
        if (!least.equals(wished)) {
            failed(
                    table,
                    "MAPPING_NARROWS",
                    "column '" + column.name() + "' is to be " + MappingView.shown(wished) + ", but "
                            + MappingView.shown(column.dataType()) + " at the source: that would change values",
                    "Give it a type that holds all of them, for example " + MappingView.shown(least)
                            + ", or cast it under 'transform'.");
        }
    }

    private void failed(Schema table, String code, String detail, String remedy) {
        findings.add(Finding.failed(probe(table), code, detail, remedy));
    }
}
