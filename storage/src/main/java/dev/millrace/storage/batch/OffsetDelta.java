package dev.millrace.storage.batch;

import java.util.Arrays;
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

    /**
     * As bytes: varint count, then for each entry text key, 1 byte (1 sets, 0 removes), and for 1 a varint length and the value; numbers and
     * text as in {@link BatchFormat}.
     */
    public byte[] encode() {
        if (entries.isEmpty()) {
            return new byte[0];
        }
        Bytes out = new Bytes(256);
        out.putVarint(entries.size());
        entries.forEach((key, value) -> {
            out.putText(key);
            out.putByte(value.isPresent() ? 1 : 0);
            value.ifPresent(bytes -> {
                out.putVarint(bytes.length);
                out.putBytes(bytes, 0, bytes.length);
            });
        });
        return Arrays.copyOf(out.array(), out.size());
    }

    /**
     * The delta that {@link #encode} gave {@code bytes} for.
     *
     * @throws dev.millrace.config.error.MillraceException RESOURCE BATCH_MALFORMED
     */
    public static OffsetDelta decode(byte[] bytes) {
        if (bytes.length == 0) {
            return NONE;
        }
        ByteCursor in = new ByteCursor(bytes, 0, bytes.length);
        int count = in.readCount(2);
        Map<String, Optional<byte[]>> entries = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            String key = in.readText();
            if (in.readByte() == 0) {
                entries.put(key, Optional.empty());
            } else {
                int length = in.readVarint();
                int from = in.take(length);
                entries.put(key, Optional.of(Arrays.copyOfRange(bytes, from, from + length)));
            }
        }
        if (in.remaining() != 0) {
            throw BatchFormat.malformed(in.remaining() + " bytes follow an offset delta");
        }
        return new OffsetDelta(entries);
    }

    /** Sets and removes in {@code offset}. */
    public void applyTo(Map<String, byte[]> offset) {
        entries.forEach(
                (key, value) -> value.ifPresentOrElse(bytes -> offset.put(key, bytes), () -> offset.remove(key)));
    }
}
