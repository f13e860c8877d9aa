package dev.millrace.config.pipeline;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** What is done to rows before anything of them is written to disk: columns masked, rows left out. In the order of the definition. */
public record BeforeLog(List<Entry> entries) {
    public static final BeforeLog NOTHING = new BeforeLog(List.of());

    /**
     * What holds for the objects that {@code pattern} names.
     *
     * @param masks by column, as the source spells it
     * @param filter all have to hold for a row to pass
     */
    public record Entry(ObjectPattern pattern, Map<String, Masking> masks, List<Condition> filter) {
        public Entry {
            Objects.requireNonNull(pattern);
            masks = Map.copyOf(masks);
            filter = List.copyOf(filter);
        }
    }

    /** What holds for one object. */
    public record Rule(Map<String, Masking> masks, List<Condition> filter) {
        public boolean isEmpty() {
            return masks.isEmpty() && filter.isEmpty();
        }
    }

    public BeforeLog {
        entries = List.copyOf(entries);
    }

    public boolean isEmpty() {
        return entries.isEmpty();
    }

    /**
     * What several entries say of an object holds together; of a column masked twice the later mask counts.
     *
     * @param schema empty where the source has no schemas
     */
    public Rule of(String schema, String table) {
        Map<String, Masking> masks = new LinkedHashMap<>();
        List<Condition> filter = new ArrayList<>();
        for (Entry entry : entries) {
            if (entry.pattern().matches(schema, table)) {
                masks.putAll(entry.masks());
                filter.addAll(entry.filter());
            }
        }
        return new Rule(masks, filter);
    }

    /** As YAML within a source, secrets masked; empty where there is nothing. */
    String effective() {
        StringBuilder text = new StringBuilder(entries.isEmpty() ? "" : "  beforeLog:\n");
        for (Entry entry : entries) {
            text.append("    '").append(entry.pattern()).append("': ");
            text.append("mask ").append(new TreeMap<>(entry.masks()));
            text.append(", filter ").append(entry.filter()).append('\n');
        }
        return text.toString();
    }
}
