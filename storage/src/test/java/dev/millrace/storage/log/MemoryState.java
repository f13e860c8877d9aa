package dev.millrace.storage.log;

import dev.millrace.storage.state.StateChanges;
import dev.millrace.storage.state.StateStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/** A state store that lives as long as the test. */
final class MemoryState implements StateStore {
    private final ConcurrentSkipListMap<String, byte[]> entries = new ConcurrentSkipListMap<>();

    private static String place(Kind kind, String key) {
        return kind + "/" + key;
    }

    @Override
    public Optional<byte[]> get(Kind kind, String key) {
        return Optional.ofNullable(entries.get(place(kind, key)));
    }

    @Override
    public List<Map.Entry<String, byte[]>> list(Kind kind, String prefix, String after, int limit) {
        String from = place(kind, prefix);
        return entries.tailMap(from).entrySet().stream()
                .takeWhile(entry -> entry.getKey().startsWith(from))
                .filter(entry -> entry.getKey().compareTo(place(kind, after)) > 0)
                .limit(limit)
                .map(entry -> Map.entry(entry.getKey().substring(kind.name().length() + 1), entry.getValue()))
                .toList();
    }

    @Override
    public void write(StateChanges changes, boolean synced) {
        for (StateChanges.Change change : changes.changes()) {
            String place = place(change.kind(), change.key());
            if (change.prefix()) {
                entries.keySet().removeIf(key -> key.startsWith(place));
            } else if (change.value() == null) {
                entries.remove(place);
            } else {
                entries.put(place, change.value());
            }
        }
    }

    @Override
    public void checkpoint(Path folder) {
        throw new UnsupportedOperationException("a memory store has no files");
    }

    @Override
    public void close() {}
}
