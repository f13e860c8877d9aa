package dev.millrace.consume.testing;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.state.StateChanges;
import dev.millrace.storage.state.StateStore;
import java.util.SplittableRandom;

/** A process's view of a state store that outlives it: at one of its writes, done or not, the process ends, and writes no more. Thread-safe. */
public final class DyingState implements DelegatedState {
    private final StateStore state;
    private final boolean done;
    private int left;

    /** @param writes how many it does at most */
    public DyingState(StateStore state, SplittableRandom random, int writes) {
        this.state = state;
        this.left = random.nextInt(writes);
        this.done = random.nextBoolean();
    }

    @Override
    public StateStore state() {
        return state;
    }

    /** Whether {@code failure} is the process's end. */
    public static boolean isEnd(MillraceException failure) {
        return failure.code().equals("PROCESS_ENDED");
    }

    @Override
    public synchronized void write(StateChanges changes, boolean synced) {
        left--;
        if (left >= 0 || left == -1 && done) {
            state.write(changes, synced);
        }
        if (left < 0) {
            throw MillraceException.external("PROCESS_ENDED", "the process ended", "at a write", "", null);
        }
    }
}
