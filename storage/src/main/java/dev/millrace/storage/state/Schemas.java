package dev.millrace.storage.state;

import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.state.StateStore.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Every shape a pipeline's tables have had, each with its version. Kept in memory after the first use; one object per pipeline. Thread-safe.
 * Keys: {@code <pipeline>/<length of schema>:<schema><table>/<version, 8 hex digits>}.
 */
public final class Schemas {
    private final StateStore store;
    private final String pipeline;
    private Map<TableName, List<Schema>> known;

    /** Reads nothing yet. */
    public Schemas(StateStore store, String pipeline) {
        this.store = Objects.requireNonNull(store);
        this.pipeline = Objects.requireNonNull(pipeline);
    }

    /**
     * The schema of this shape: the version that it already has, however old, or the next one, on disk when the call returns. So a table that
     * is read in two shapes in turns does not count up for ever.
     */
    public synchronized Schema learn(TableName table, List<Column> columns) {
        List<Schema> versions = known().computeIfAbsent(table, any -> new ArrayList<>());
        for (int i = versions.size() - 1; i >= 0; i--) {
            if (versions.get(i).columns().equals(columns)) {
                return versions.get(i);
            }
        }
        int next = versions.isEmpty() ? 1 : versions.get(versions.size() - 1).version() + 1;
        Schema schema = new Schema(table, next, columns);
        store.write(new StateChanges().put(Kind.SCHEMA, key(table, next), SchemaFormat.write(schema)), true);
        versions.add(schema);
        return schema;
    }

    /** The schema learned last. */
    public synchronized Optional<Schema> latest(TableName table) {
        List<Schema> versions = known().getOrDefault(table, List.of());
        return versions.isEmpty() ? Optional.empty() : Optional.of(versions.get(versions.size() - 1));
    }

    public synchronized Optional<Schema> find(TableName table, int version) {
        return known().getOrDefault(table, List.of()).stream()
                .filter(schema -> schema.version() == version)
                .findFirst();
    }

    /** In version order; empty for an unknown table. */
    public synchronized List<Schema> versions(TableName table) {
        return List.copyOf(known().getOrDefault(table, List.of()));
    }

    /** In name order. */
    public synchronized List<TableName> tables() {
        return List.copyOf(known().keySet());
    }

    /** Forgets every schema of the pipeline. Synced. */
    public synchronized void clear() {
        store.write(new StateChanges().deletePrefix(Kind.SCHEMA, pipeline + "/"), true);
        known = new TreeMap<>();
    }

    private Map<TableName, List<Schema>> known() {
        if (known == null) {
            Map<TableName, List<Schema>> read = new TreeMap<>();
            for (Map.Entry<String, byte[]> entry : store.list(Kind.SCHEMA, pipeline + "/", Integer.MAX_VALUE)) {
                Schema schema = SchemaFormat.read(entry.getValue());
                read.computeIfAbsent(schema.table(), any -> new ArrayList<>()).add(schema);
            }
            known = read;
        }
        return known;
    }

    private String key(TableName table, int version) {
        return pipeline + "/" + table.schema().length() + ":" + table.schema() + table.name() + "/"
                + String.format("%08x", version);
    }
}
