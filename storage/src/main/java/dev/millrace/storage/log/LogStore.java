package dev.millrace.storage.log;

import dev.millrace.storage.state.StateChanges;
import dev.millrace.storage.state.StateStore;
import java.util.Optional;

/** A topic's checkpoint in the state store; only ever moves on. Thread-safe. */
final class LogStore {
    private final StateStore state;
    private final String key;
    private Checkpoint checkpoint = Checkpoint.NONE;

    LogStore(StateStore state, TopicName topic) {
        this.state = state;
        this.key = topic.toString();
    }

    synchronized Optional<Checkpoint> read() {
        Optional<Checkpoint> read = state.get(StateStore.Kind.LOG, key).flatMap(Checkpoint::decode);
        checkpoint = read.orElse(Checkpoint.NONE);
        return read;
    }

    /** The log is durable up to {@code index}. */
    synchronized void durable(long index, int crc, long sizeBytes, boolean synced) {
        if (index >= checkpoint.lastIndex()) {
            checkpoint = new Checkpoint(index, crc, checkpoint.deletedThrough(), sizeBytes);
            write(synced);
        }
    }

    /** Everything up to {@code index} is about to be deleted. Synced, since a missing file would else look like damage. */
    synchronized void deletedThrough(long index) {
        checkpoint = new Checkpoint(
                checkpoint.lastIndex(),
                checkpoint.lastCrc(),
                Math.max(index, checkpoint.deletedThrough()),
                checkpoint.sizeBytes());
        write(true);
    }

    synchronized long deletedThrough() {
        return checkpoint.deletedThrough();
    }

    synchronized void forget() {
        state.write(new StateChanges().delete(StateStore.Kind.LOG, key), true);
        checkpoint = Checkpoint.NONE;
    }

    private void write(boolean synced) {
        state.write(new StateChanges().put(StateStore.Kind.LOG, key, checkpoint.encode()), synced);
    }
}
