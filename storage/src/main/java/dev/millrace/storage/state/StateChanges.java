package dev.millrace.storage.state;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A list of puts and deletes to be written in one step. Confined to one thread. */
public final class StateChanges {
    /** {@code value} null deletes; with {@code prefix} every key that begins with {@code key} is deleted. */
    public record Change(StateStore.Kind kind, String key, byte[] value, boolean prefix) {}

    private final List<Change> changes = new ArrayList<>();

    public StateChanges put(StateStore.Kind kind, String key, byte[] value) {
        changes.add(new Change(kind, key, Objects.requireNonNull(value), false));
        return this;
    }

    public StateChanges delete(StateStore.Kind kind, String key) {
        changes.add(new Change(kind, key, null, false));
        return this;
    }

    public StateChanges deletePrefix(StateStore.Kind kind, String prefix) {
        changes.add(new Change(kind, prefix, null, true));
        return this;
    }

    public List<Change> changes() {
        return changes;
    }
}
