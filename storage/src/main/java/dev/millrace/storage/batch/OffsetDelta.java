package dev.millrace.storage.batch;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a batch changes in its pipeline's offset. An offset is a map of entries, each opaque outside its connector ("stream" → LSN,
 * "load/public.film" → progress); a delta sets or removes some. Applying the deltas of a topic in log order to the empty map gives
 * the offset after its last batch. Keys are at most 1,000 characters; the arrays must not be changed after they are handed in.
 *
 * @param entries the new value of each entry, empty to remove it; iteration order is kept
 */
public record OffsetDelta(Map<String, Optional<byte[]>> entries) {
  public static final OffsetDelta NONE = new OffsetDelta(Map.of());

  public OffsetDelta {
    entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
  }

  /** Sets and removes in {@code offset}. */
  public void applyTo(Map<String, byte[]> offset) {
    entries.forEach((key, value) -> value.ifPresentOrElse(bytes -> offset.put(key, bytes), () -> offset.remove(key)));
  }
}
