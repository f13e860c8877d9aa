package dev.millrace.storage.testing;

import dev.millrace.storage.state.StateChanges;
import dev.millrace.storage.state.StateStore;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A state store in memory that forgets, on {@link #cutPower}, what was not synced. Thread-safe. */
public final class MemoryState implements StateStore {
    private final Map<Kind, TreeMap<String, byte[]>> kinds = new EnumMap<>(Kind.class);
    /** By kind and key what was there at the last synced write; empty for nothing. */
    private final Map<Kind, Map<String, Optional<byte[]>>> before = new EnumMap<>(Kind.class);

    public synchronized void cutPower() {
        before.forEach((kind, values) -> values.forEach((key, value) -> {
            if (value.isPresent()) {
                of(kind).put(key, value.get());
            } else {
                of(kind).remove(key);
            }
        }));
        before.clear();
    }

    @Override
    public synchronized Optional<byte[]> get(Kind kind, String key) {
        return Optional.ofNullable(of(kind).get(key));
    }

    @Override
    public synchronized List<Map.Entry<String, byte[]>> list(Kind kind, String prefix, String after, int limit) {
        String from = after.compareTo(prefix) > 0 ? after : prefix;
        return of(kind).tailMap(from, !from.equals(after)).entrySet().stream()
                .takeWhile(entry -> entry.getKey().startsWith(prefix))
                .limit(limit)
                .map(entry -> Map.entry(entry.getKey(), entry.getValue()))
                .toList();
    }

    @Override
    public synchronized void write(StateChanges changes, boolean synced) {
        for (StateChanges.Change change : changes.changes()) {
            if (change.prefix()) {
                List.copyOf(of(change.kind()).keySet()).stream()
                        .filter(key -> key.startsWith(change.key()))
                        .forEach(key -> put(change.kind(), key, null));
            } else {
                put(change.kind(), change.key(), change.value());
            }
        }
        if (synced) {
            before.clear();
        }
    }

    private void put(Kind kind, String key, byte[] value) {
        byte[] old = value == null ? of(kind).remove(key) : of(kind).put(key, value);
        before.computeIfAbsent(kind, any -> new HashMap<>()).putIfAbsent(key, Optional.ofNullable(old));
    }

    private TreeMap<String, byte[]> of(Kind kind) {
        return kinds.computeIfAbsent(kind, any -> new TreeMap<>());
    }

    @Override
    public void checkpoint(Path folder) {
        throw new UnsupportedOperationException("a store in memory has no files");
    }

    @Override
    public void close() {}
}
