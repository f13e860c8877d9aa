package dev.millrace.consume.testing;

import dev.millrace.storage.state.StateChanges;
import dev.millrace.storage.state.StateStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A state store that is another one but for what is done otherwise, and doesn't close it. */
public interface DelegatedState extends StateStore {
    /** The other one. */
    StateStore state();

    @Override
    default void write(StateChanges changes, boolean synced) {
        state().write(changes, synced);
    }

    @Override
    default Optional<byte[]> get(Kind kind, String key) {
        return state().get(kind, key);
    }

    @Override
    default List<Map.Entry<String, byte[]>> list(Kind kind, String prefix, String after, int limit) {
        return state().list(kind, prefix, after, limit);
    }

    @Override
    default void checkpoint(Path folder) {
        state().checkpoint(folder);
    }

    @Override
    default void close() {}
}
