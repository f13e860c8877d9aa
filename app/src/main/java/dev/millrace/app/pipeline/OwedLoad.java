package dev.millrace.app.pipeline;

import dev.millrace.storage.state.StateChanges;
import dev.millrace.storage.state.StateStore;

/**
 * Whether a load that has come due, or was asked for, is still to be brought to its end: kept over restarts, so that one that a crash, a stop or
 * an absent destination has kept from its end goes on at the next start, and not at the schedule's next time. Durable when a call returns;
 * thread-safe.
 */
final class OwedLoad {
    private final StateStore state;
    private final String key;
    private long asked;

    OwedLoad(StateStore state, String pipeline) {
        this.state = state;
        this.key = "loading/owed/" + pipeline;
    }

    synchronized boolean is() {
        return state.get(StateStore.Kind.PIPELINE, key).isPresent();
    }

    /** A load is called for. */
    synchronized void ask() {
        asked++;
        if (!is()) {
            state.write(new StateChanges().put(StateStore.Kind.PIPELINE, key, new byte[0]), true);
        }
    }

    /** What was called for so far; for {@link #done}. */
    synchronized long asked() {
        return asked;
    }

    /** What was called for until then is at the destination; what was called for since is still owed. */
    synchronized void done(long until) {
        if (until == asked && is()) {
            state.write(new StateChanges().delete(StateStore.Kind.PIPELINE, key), true);
        }
    }
}
