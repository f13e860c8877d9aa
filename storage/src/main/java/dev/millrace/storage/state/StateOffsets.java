package dev.millrace.storage.state;

import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.state.StateStore.Kind;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A pipeline's offset in the state store. Keys: {@code <pipeline>/entry/<name>} for each entry, its bytes as they are, and
 * {@code <pipeline>/index} for the log index they reflect; a delta and its index are one atomic write.
 *
 * <pre>
 * index:  0  1 byte  format, 1
 *         1  8 bytes log index, big-endian
 * </pre>
 */
public final class StateOffsets implements Offsets {
    private final StateStore store;
    private final String entryPrefix;
    private final String indexKey;

    public StateOffsets(StateStore store, String pipeline) {
        this.store = Objects.requireNonNull(store);
        this.entryPrefix = pipeline + "/entry/";
        this.indexKey = pipeline + "/index";
    }

    @Override
    public Map<String, byte[]> entries() {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        store.list(Kind.OFFSET, entryPrefix, Integer.MAX_VALUE)
                .forEach(entry -> entries.put(entry.getKey().substring(entryPrefix.length()), entry.getValue()));
        return entries;
    }

    /** 0 when nothing was applied yet. */
    @Override
    public long logIndex() {
        return store.get(Kind.OFFSET, indexKey)
                .map(value -> StateFormat.readIndex(value, "offset"))
                .orElse(0L);
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException when {@code logIndex} is behind the one that is kept
     */
    @Override
    public void apply(OffsetDelta delta, long logIndex) {
        long before = logIndex();
        if (logIndex < before) {
            throw new IllegalArgumentException(
                    "offset of " + indexKey + " would go back from log index " + before + " to " + logIndex);
        }
        StateChanges changes = new StateChanges();
        delta.entries()
                .forEach((name, value) -> value.ifPresentOrElse(
                        bytes -> changes.put(Kind.OFFSET, entryPrefix + name, bytes),
                        () -> changes.delete(Kind.OFFSET, entryPrefix + name)));
        changes.put(Kind.OFFSET, indexKey, StateFormat.index(logIndex));
        store.write(changes, false);
    }

    /** A synced write makes every earlier one durable with it, since all share one write-ahead log. */
    @Override
    public void sync() {
        store.write(new StateChanges().put(Kind.OFFSET, indexKey, StateFormat.index(logIndex())), true);
    }

    @Override
    public void clear() {
        store.write(new StateChanges().deletePrefix(Kind.OFFSET, entryPrefix).delete(Kind.OFFSET, indexKey), true);
    }
}
