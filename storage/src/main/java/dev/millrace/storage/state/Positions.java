package dev.millrace.storage.state;

import dev.millrace.storage.state.StateStore.Kind;
import java.nio.ByteBuffer;
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

    private static final String MISSED = "/missed";
    private static final String LOSSES = "/losses";
    private static final byte LOSSES_FORMAT = 1;

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

    /** The log index that the destination had applied when the log had not come so far: the log is another one than it was loaded from; else 0. */
    public long missed(String pipeline) {
        return get(pipeline + MISSED).orElse(0L);
    }

    /** Remembers that. Synced. */
    public void miss(String pipeline, long logIndex) {
        put(pipeline + MISSED, logIndex);
    }

    /**
     * What at-most-once has cost so far. Stored as
     *
     * <pre>
     * 0  1 byte  format, 1
     * 1  8 bytes upTo, big-endian
     * 9  8 bytes events
     * </pre>
     *
     * @param upTo the log index up to which it was counted
     * @param events how many were never applied
     */
    public record Losses(long upTo, long events) {}

    /** Zeros when nothing was lost. */
    public Losses losses(String pipeline) {
        return store.get(Kind.POSITION, pipeline + LOSSES)
                .map(value -> StateFormat.read(
                        value, LOSSES_FORMAT, "count of losses", bytes -> new Losses(bytes.getLong(), bytes.getLong())))
                .orElse(new Losses(0, 0));
    }

    /** On disk when the call returns. */
    public void lose(String pipeline, Losses losses) {
        byte[] value = ByteBuffer.allocate(1 + 2 * Long.BYTES)
                .put(LOSSES_FORMAT)
                .putLong(losses.upTo())
                .putLong(losses.events())
                .array();
        store.write(new StateChanges().put(Kind.POSITION, pipeline + LOSSES, value), true);
    }
}
