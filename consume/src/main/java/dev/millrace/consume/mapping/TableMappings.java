package dev.millrace.consume.mapping;

import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.consume.destination.NamingRules;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.state.StateChanges;
import dev.millrace.storage.state.StateStore;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A pipeline's mappings, in the state store. A table's name is settled durably before the table is made, so it stays whichever table comes
 * first after a restart; its columns are remembered after they are committed at the destination, which is the truth about them.
 */
public final class TableMappings {
    private static final int MAX_TABLES = 1_000_000;

    private final String prefix;
    private final StateStore state;
    private final TargetNames names;
    private final NamingRules rules;
    private final Optional<String> onlySchema;
    private final Map<TableName, TableMapping> mappings = new HashMap<>();

    /** @param onlySchema the one schema all tables go to; empty: the source's */
    public TableMappings(String pipeline, StateStore state, NamingRules rules, Optional<String> onlySchema) {
        this.prefix = pipeline + "/";
        this.state = state;
        this.rules = rules;
        this.names = new TargetNames(rules);
        this.onlySchema = onlySchema;
        for (Map.Entry<String, byte[]> entry : state.list(StateStore.Kind.MAPPING, prefix, MAX_TABLES)) {
            TableMapping mapping = MappingCodec.decode(entry.getKey(), entry.getValue());
            mappings.put(mapping.source(), mapping);
        }
    }

    public TargetNames names() {
        return names;
    }

    /** The table's mapping; a table that has none gets its name, durably. */
    public TableMapping of(TableName table) {
        TableMapping known = mappings.get(table);
        if (known != null) {
            return known;
        }
        String schema = onlySchema.orElse(
                table.schema().isEmpty() ? rules.defaultSchema() : names.free(table.schema(), Set.of()));
        Set<String> taken = new HashSet<>();
        for (TableMapping other : mappings.values()) {
            if (names.folded(other.target().schema()).equals(names.folded(schema))) {
                taken.add(names.folded(other.target().name()));
            }
        }
        TableMapping fresh = new TableMapping(
                table, new TargetName(schema, names.free(table.name(), taken)), 0, false, LoadMode.MERGE, List.of());
        remember(List.of(fresh));
        return fresh;
    }

    /** Stores mappings that are committed at the destination. Synced. */
    public void remember(Collection<TableMapping> changed) {
        StateChanges changes = new StateChanges();
        for (TableMapping mapping : changed) {
            changes.put(StateStore.Kind.MAPPING, key(mapping.source()), MappingCodec.encode(mapping));
        }
        state.write(changes, true);
        changed.forEach(mapping -> mappings.put(mapping.source(), mapping));
    }

    private String key(TableName table) {
        return prefix + table.schema() + "\0" + table.name();
    }
}
