package dev.millrace.consume.testing;

import dev.millrace.storage.state.StateChanges;
import dev.millrace.storage.state.StateStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A state store in memory. Thread-safe. */
public final class MemoryState implements StateStore {
    private final Map<Kind, TreeMap<String, byte[]>> kinds = new TreeMap<>();

    @Override
    public synchronized Optional<byte[]> get(Kind kind, String key) {
        return Optional.ofNullable(of(kind).get(key));
    }

    @Override
    public synchronized List<Map.Entry<String, byte[]>> list(Kind kind, String prefix, String after, int limit) {
        return of(kind).entrySet().stream()
                .filter(entry ->
                        entry.getKey().startsWith(prefix) && entry.getKey().compareTo(after) > 0)
                .limit(limit)
                .map(entry -> Map.entry(entry.getKey(), entry.getValue()))
                .toList();
    }

    @Override
    public synchronized void write(StateChanges changes, boolean synced) {
        for (StateChanges.Change change : changes.changes()) {
            if (change.prefix()) {
                of(change.kind()).keySet().removeIf(key -> key.startsWith(change.key()));
            } else if (change.value() == null) {
                of(change.kind()).remove(change.key());
            } else {
                of(change.kind()).put(change.key(), change.value());
            }
        }
    }

    private TreeMap<String, byte[]> of(Kind kind) {
        return kinds.computeIfAbsent(kind, k -> new TreeMap<>());
    }

    @Override
    public void checkpoint(Path folder) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
