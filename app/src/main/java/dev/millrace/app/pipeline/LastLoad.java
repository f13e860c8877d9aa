package dev.millrace.app.pipeline;

import dev.millrace.storage.state.StateChanges;
import dev.millrace.storage.state.StateStore;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;

/**
 * When a destination's last load came due, kept over restarts. Durable when a call returns; any thread.
 *
 * <pre>
 * 0  1 byte  format, 1
 * 1  8 bytes milliseconds from 1970-01-01T00:00Z, big-endian
 * </pre>
 */
final class LastLoad {
    private static final byte FORMAT = 1;
    private static final int LENGTH = 1 + Long.BYTES;

    private final StateStore state;
    private final String key;

    /** @param destination names it among all destinations of the installation */
    LastLoad(StateStore state, String destination) {
        this.state = state;
        this.key = "loading/" + destination;
    }

    /** Empty before the first; also for what a later version has written, so that a load comes early rather than never. */
    Optional<Instant> get() {
        return state.get(StateStore.Kind.PIPELINE, key)
                .filter(value -> value.length == LENGTH && value[0] == FORMAT)
                .map(value -> Instant.ofEpochMilli(ByteBuffer.wrap(value).getLong(1)));
    }

    void put(Instant due) {
        byte[] value = ByteBuffer.allocate(LENGTH)
                .put(FORMAT)
                .putLong(due.toEpochMilli())
                .array();
        state.write(new StateChanges().put(StateStore.Kind.PIPELINE, key, value), true);
    }
}
