package dev.millrace.storage.log;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What the state store knows of a topic: written after each sync, so it may lag behind the disk and never leads it. A log that ends before
 * it has lost something.
 *
 * <pre>
 *  0   1  version: 1
 *  1   8  last durable log index
 *  9   4  its CRC; 0: not known, a restart has used the index up
 * 13   8  the last log index that retention has deleted, 0 none
 * 21   8  bytes on disk
 * </pre>
 *
 * Integers are big-endian.
 */
record Checkpoint(long lastIndex, int lastCrc, long deletedThrough, long sizeBytes) {
    static final Checkpoint NONE = new Checkpoint(0, 0, 0, 0);
    private static final int BYTES = 29;

    byte[] encode() {
        return ByteBuffer.allocate(BYTES)
                .put((byte) 1)
                .putLong(lastIndex)
                .putInt(lastCrc)
                .putLong(deletedThrough)
                .putLong(sizeBytes)
                .array();
    }

    /** Empty for bytes that are none of ours. */
    static Optional<Checkpoint> decode(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (bytes.length != BYTES || in.get() != 1) {
            return Optional.empty();
        }
        return Optional.of(new Checkpoint(in.getLong(), in.getInt(), in.getLong(), in.getLong()));
    }
}
