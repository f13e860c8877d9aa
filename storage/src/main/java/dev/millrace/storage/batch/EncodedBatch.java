package dev.millrace.storage.batch;

/**
 * A finished batch on its way into the log, where it gets its index, chain and CRC.
 *
 * @param body the body's bytes (compressed where that pays), the first {@code bodyLength} of the array; owned by the batch
 */
public record EncodedBatch(BatchHeader header, byte[] body, int bodyLength) {}
