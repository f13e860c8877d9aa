package dev.millrace.consume;

import dev.millrace.storage.state.StateChanges;
import dev.millrace.storage.state.StateStore;
import java.nio.ByteBuffer;
import java.util.Optional;

/** A consumer's log index in the state store, for the guarantees that don't keep it at the destination: 8 bytes, big-endian. Synced. */
final class StoredPosition {
  private final StateStore state;
  private final String key;

  StoredPosition(StateStore state, String pipeline) {
    this.state = state;
    this.key = "consumer/" + pipeline;
  }

  Optional<Long> get() {
    return state.get(StateStore.Kind.POSITION, key).map(bytes -> ByteBuffer.wrap(bytes).getLong());
  }

  void put(long logIndex) {
    byte[] value = ByteBuffer.allocate(Long.BYTES).putLong(logIndex).array();
    state.write(new StateChanges().put(StateStore.Kind.POSITION, key, value), true);
  }

  /** Forgets it, where there is one. */
  void clear() {
    if (get().isPresent()) {
      state.write(new StateChanges().delete(StateStore.Kind.POSITION, key), true);
    }
  }
}
