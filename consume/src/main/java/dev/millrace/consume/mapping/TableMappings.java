package dev.millrace.consume.mapping;

import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.config.pipeline.MappingRules;
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
import java.util.stream.Stream;

/**
 * A pipeline's mappings, in the state store. A table's name is settled durably before the table is made, so it stays whichever table comes
 * first after a restart; its columns are remembered after they are committed at the destination, which is the truth about them.
 */
public final class TableMappings {
    private static final int MAX_TABLES = 1_000_000;
    /** No pipeline's name begins like that. */
    private static final String MEANT = "=";

    private final String pipeline;
    private final StateStore state;
    private final TargetNames names;
    private final NamingRules rules;
    private final Optional<String> onlySchema;
    private final Map<TableName, TableMapping> mappings = new HashMap<>();
    private Set<String> neighbours = Set.of();

    /** @param onlySchema the one schema all tables go to; empty: the source's */
    public TableMappings(String pipeline, StateStore state, NamingRules rules, Optional<String> onlySchema) {
        this.pipeline = pipeline;
        this.state = state;
        this.rules = rules;
        this.names = new TargetNames(rules);
        this.onlySchema = onlySchema;
        for (Map.Entry<String, byte[]> entry : state.list(StateStore.Kind.MAPPING, pipeline + "/", MAX_TABLES)) {
            TableMapping mapping = MappingCodec.decode(entry.getKey(), entry.getValue());
            mappings.put(mapping.source(), mapping);
        }
    }

    /** @param pipelines others that lead to the same destination */
    public TableMappings beside(Set<String> pipelines) {
        neighbours = Set.copyOf(pipelines);
        return this;
    }

    public TargetNames names() {
        return names;
    }

    /** The neighbour that has made the table, or is about to; empty where none has. */
    public Optional<String> owner(TargetName target) {
        return neighbours.stream()
                .sorted()
                .filter(neighbour -> Stream.of("", MEANT)
                        .flatMap(kind ->
                                state.list(StateStore.Kind.MAPPING, kind + neighbour + "/", MAX_TABLES).stream())
                        .map(entry -> MappingCodec.decode(entry.getKey(), entry.getValue()))
                        .anyMatch(mapping -> mapping.made() && isSame(mapping.target(), target)))
                .findFirst();
    }

    private boolean isSame(TargetName one, TargetName other) {
        return names.folded(one.schema()).equals(names.folded(other.schema()))
                && names.folded(one.name()).equals(names.folded(other.name()));
    }

    /**
     * The table's mapping; a table that has none gets its name, durably.
     *
     * @param object the source's own table that it comes from
     * @param wish where it is to go, if that was said
     */
    public TableMapping of(TableName table, TableName object, Optional<MappingRules.Target> wish) {
        TableMapping known = mappings.get(table);
        if (known != null && known.object().equals(object)) {
            return known;
        }
        TableMapping fresh = known != null
                ? known.from(object)
                : new TableMapping(table, target(table, wish), 0, false, LoadMode.MERGE, List.of()).from(object);
        remember(List.of(fresh));
        return fresh;
    }

    /** The mapping as it is remembered; null where there is none. */
    public TableMapping remembered(TableName table) {
        return mappings.get(table);
    }

    /** Where the table goes by its name and the wish, as it would be named now; no other table of the pipeline goes there. */
    public TargetName target(TableName table, Optional<MappingRules.Target> wish) {
        Optional<String> wished = wish.flatMap(MappingRules.Target::schema);
        String schema = wished.isPresent()
                ? names.free(wished.get(), Set.of())
                : onlySchema.orElse(
                        table.schema().isEmpty() ? rules.defaultSchema() : names.free(table.schema(), Set.of()));
        Set<String> taken = new HashSet<>();
        for (TableMapping other : mappings.values()) {
            boolean there = names.folded(other.target().schema()).equals(names.folded(schema));
            if (there && !other.source().equals(table)) {
                taken.add(names.folded(other.target().name()));
            }
        }
        String name = wish.map(MappingRules.Target::name).orElse(table.name());
        return new TargetName(schema, names.free(name, taken));
    }

    /** Nothing of the pipeline is at the destination yet: whatever tables are remembered were made elsewhere. Durable. */
    public void forgetTables() {
        List<TableMapping> elsewhere = mappings.values().stream()
                .filter(TableMapping::made)
                .map(TableMapping::withoutTable)
                .toList();
        if (!elsewhere.isEmpty()) {
            remember(elsewhere);
        }
    }

    /** Stores mappings that are committed at the destination. Synced. */
    public void remember(Collection<TableMapping> changed) {
        StateChanges changes = new StateChanges();
        for (TableMapping mapping : changed) {
            changes.put(StateStore.Kind.MAPPING, key(pipeline, mapping.source()), MappingCodec.encode(mapping));
            changes.delete(StateStore.Kind.MAPPING, meantKey(mapping.source()));
        }
        state.write(changes, true);
        changed.forEach(mapping -> mappings.put(mapping.source(), mapping));
    }

    /**
     * Stores what is about to be committed at the destination, beside what is remembered: a process that ends between the commit and {@link
     * #remember} would know its own columns no more. Synced.
     *
     * @param settled what is to be remembered before that
     */
    public void committing(Collection<TableMapping> settled, Collection<TableMapping> meant) {
        StateChanges changes = new StateChanges();
        for (TableMapping mapping : settled) {
            changes.put(StateStore.Kind.MAPPING, key(pipeline, mapping.source()), MappingCodec.encode(mapping));
        }
        for (TableMapping mapping : meant) {
            changes.put(StateStore.Kind.MAPPING, meantKey(mapping.source()), MappingCodec.encode(mapping));
        }
        state.write(changes, true);
        settled.forEach(mapping -> mappings.put(mapping.source(), mapping));
    }

    /** What was about to be committed of the table when it was stored last, and isn't remembered; whether it was committed, nobody knows. */
    public Optional<TableMapping> meant(TableName table) {
        String key = meantKey(table);
        return state.get(StateStore.Kind.MAPPING, key).map(bytes -> MappingCodec.decode(key, bytes));
    }

    private String meantKey(TableName table) {
        return MEANT + key(pipeline, table);
    }

    static String key(String pipeline, TableName table) {
        return pipeline + "/" + table.schema() + "\0" + table.name();
    }
}
