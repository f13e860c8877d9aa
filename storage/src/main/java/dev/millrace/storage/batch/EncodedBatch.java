package dev.millrace.storage.batch;

import java.util.Arrays;

/**
 * A finished batch on its way into the log, where it gets its index, chain and CRC.
 *
 * @param body the body's bytes (compressed where that pays), the first {@code bodyLength} of the array; owned by the batch
 */
public record EncodedBatch(BatchHeader header, byte[] body, int bodyLength) {
    /** The batch as the log would give it back at {@code logIndex}. */
    public StoredBatch stored(long logIndex) {
        return new StoredBatch(logIndex, header, bodyLength == body.length ? body : Arrays.copyOf(body, bodyLength));
    }
}
