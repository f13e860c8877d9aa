package dev.millrace.ingest.gate;

import dev.millrace.config.error.Finding;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.BeforeLog;
import dev.millrace.ingest.source.SourceObject;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** A pipeline's rules by table. Thread-safe. */
final class Gates {
    private static final String PROBE = "beforeLog";

    private final BeforeLog definition;
    private final Map<TableName, BeforeLog.Rule> rules = new ConcurrentHashMap<>();
    private final Map<TableName, Optional<KeySeal>> seals = new ConcurrentHashMap<>();
    /** The source's numbers of columns that are masked, or were when their table was last seen, and what they were called then. */
    private final Map<TableName, Map<Integer, String>> masked = new ConcurrentHashMap<>();

    Gates(BeforeLog definition) {
        this.definition = definition;
    }

    /** Whether no table has a rule. */
    boolean isEmpty() {
        return definition.isEmpty();
    }

    BeforeLog.Rule rule(TableName table) {
        return rules.computeIfAbsent(table, name -> definition.of(name.schema(), name.name()));
    }

    Optional<KeySeal> seal(TableName table) {
        return seals.computeIfAbsent(table, name -> KeySeal.of(rule(name)));
    }

    /**
     * Empty for a table without a rule.
     *
     * @throws MillraceException USER when the rule doesn't fit the table, or not any more
     */
    Optional<TableGate> gate(TableName table, List<Column> columns) {
        BeforeLog.Rule rule = rule(table);
        if (rule.isEmpty()) {
            return Optional.empty();
        }
        requireMasked(rule, table, columns);
        TableGate gate = TableGate.of(rule, table, columns);
        remember(rule, table, columns);
        return Optional.of(gate);
    }

    /** A shape that was learned before: its columns that were masked, and still are to be, are known if they come under another name. */
    void learned(TableName table, List<Column> columns) {
        remember(
                rule(table), table, columns.stream().filter(TableGate::isMasked).toList());
    }

    private void remember(BeforeLog.Rule rule, TableName table, List<Column> columns) {
        columns.stream()
                .filter(column -> column.sourceId() != 0 && rule.masks().containsKey(column.name()))
                .forEach(column -> masked.computeIfAbsent(table, any -> new ConcurrentHashMap<>())
                        .put(column.sourceId(), column.name()));
    }

    /** A masked column that was renamed would flow on in clear where another column has taken its name. */
    private void requireMasked(BeforeLog.Rule rule, TableName table, List<Column> columns) {
        Map<Integer, String> known = masked.getOrDefault(table, Map.of());
        for (Column column : columns) {
            String name = known.get(column.sourceId());
            if (name != null && !rule.masks().containsKey(column.name())) {
                throw MillraceException.user(
                        "BEFORE_LOG_RENAMED",
                        "Table " + table + " can't be read without a mask for column '" + column.name() + "'",
                        "it is the one that was masked as '" + name + "'",
                        "Mask it too in 'beforeLog'; once it has been loaded so, its mask may be taken away.");
            }
        }
    }

    /**
     * That every rule has a table and fits it: a misspelt one would let values through.
     *
     * @throws MillraceException USER
     */
    void requireFit(List<SourceObject> chosen) {
        for (BeforeLog.Entry entry : definition.entries()) {
            if (chosen.stream().noneMatch(object -> entry.pattern()
                    .matches(object.table().schema(), object.table().name()))) {
                throw MillraceException.user(
                        "BEFORE_LOG_OBJECT",
                        "'" + entry.pattern() + "' in 'beforeLog' names none of the chosen tables",
                        "its masks and filters would have no effect",
                        "Correct the name, or remove the entry.");
            }
        }
        chosen.forEach(object -> gate(object.table(), object.columns()));
    }

    /** What of the rules doesn't fit this object. */
    List<Finding> failures(SourceObject object) {
        try {
            gate(object.table(), object.columns());
            return List.of();
        } catch (MillraceException e) {
            return List.of(failed(e));
        }
    }

    private static Finding failed(MillraceException e) {
        return Finding.failed(PROBE, e.code(), e.what() + ": " + e.why(), e.remedy());
    }

    List<Finding> check(List<SourceObject> chosen) {
        List<Finding> findings = new ArrayList<>();
        try {
            requireFit(chosen);
            long gated = chosen.stream()
                    .filter(object -> !rule(object.table()).isEmpty())
                    .count();
            findings.add(Finding.ok(PROBE, "fits " + gated + (gated == 1 ? " table" : " tables")));
        } catch (MillraceException e) {
            findings.add(failed(e));
        }
        for (SourceObject object : chosen) {
            if (!rule(object.table()).filter().isEmpty()
                    && object.columns().stream().anyMatch(Gates::mayBeLeftOut)) {
                findings.add(Finding.warning(
                        PROBE,
                        "FILTER_NEEDS_WHOLE_ROWS",
                        "table " + object.table()
                                + " is filtered and has columns whose large values an update may leave out;"
                                + " such an update stops the pipeline",
                        "Have whole rows sent; PostgreSQL: ALTER TABLE " + object.table() + " REPLICA IDENTITY FULL;"));
            }
        }
        return findings;
    }

    private static boolean mayBeLeftOut(Column column) {
        return switch (column.type()) {
            case STRING, CHAR ->
                column.dataType().length() == 0 || column.dataType().length() > 500;
            case BYTE_ARRAY, LIST, MAP, LIST_MAP -> true;
            default -> false;
        };
    }
}
