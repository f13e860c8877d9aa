package dev.millrace.storage.state;

import dev.millrace.storage.state.StateStore.Kind;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * How far each pipeline's log has been loaded, for destinations that don't keep it themselves (at-least-once, at-most-once). Thread-safe.
 *
 * <pre>
 * 0  1 byte  format, 1
 * 1  8 bytes log index, big-endian
 * </pre>
 */
public final class Positions {
    /** No pipeline's name has a slash. */
    private static final String BEGINNING = "/beginning";

    private final StateStore store;

    public Positions(StateStore store) {
        this.store = Objects.requireNonNull(store);
    }

    /** Empty when nothing was put yet. */
    public OptionalLong get(String pipeline) {
        return store.get(Kind.POSITION, pipeline)
                .map(value -> OptionalLong.of(StateFormat.readIndex(value, "position")))
                .orElseGet(OptionalLong::empty);
    }

    /** On disk when the call returns. */
    public void put(String pipeline, long logIndex) {
        store.write(new StateChanges().put(Kind.POSITION, pipeline, StateFormat.index(logIndex)), true);
    }

    /** The log index that the pipeline has begun again behind, so that nothing up to it is to be applied; 0 when it never has. */
    public long beginning(String pipeline) {
        return get(pipeline + BEGINNING).orElse(0L);
    }

    /** The pipeline begins again behind {@code logIndex}. Synced. */
    public void beginAgain(String pipeline, long logIndex) {
        put(pipeline + BEGINNING, logIndex);
    }

    /** Forgets it: the pipeline begins again. Synced. */
    public void clear(String pipeline) {
        store.write(new StateChanges().delete(Kind.POSITION, pipeline), true);
    }
}
