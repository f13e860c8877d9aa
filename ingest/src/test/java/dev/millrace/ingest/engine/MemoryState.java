package dev.millrace.ingest.engine;

import dev.millrace.storage.state.StateChanges;
import dev.millrace.storage.state.StateStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A state store in memory that forgets, on {@link #cutPower}, what was not synced. Thread-safe. */
final class MemoryState implements StateStore {
    private TreeMap<String, byte[]> entries = new TreeMap<>();
    private TreeMap<String, byte[]> synced = new TreeMap<>();

    synchronized void cutPower() {
        entries = new TreeMap<>(synced);
    }

    @Override
    public synchronized Optional<byte[]> get(Kind kind, String key) {
        return Optional.ofNullable(entries.get(kind + ":" + key));
    }

    @Override
    public synchronized List<Map.Entry<String, byte[]>> list(Kind kind, String prefix, String after, int limit) {
        String from = kind + ":";
        return entries.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(from + prefix))
                .filter(entry -> entry.getKey().compareTo(from + after) > 0)
                .limit(limit)
                .map(entry -> Map.entry(entry.getKey().substring(from.length()), entry.getValue()))
                .toList();
    }

    @Override
    public synchronized void write(StateChanges changes, boolean isSynced) {
        for (StateChanges.Change change : changes.changes()) {
            String key = change.kind() + ":" + change.key();
            if (change.value() != null) {
                entries.put(key, change.value());
            } else if (change.prefix()) {
                entries.keySet().removeIf(each -> each.startsWith(key));
            } else {
                entries.remove(key);
            }
        }
        if (isSynced) {
            synced = new TreeMap<>(entries);
        }
    }

    @Override
    public void checkpoint(Path folder) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
