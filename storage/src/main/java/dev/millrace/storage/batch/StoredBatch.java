package dev.millrace.storage.batch;

/**
 * A batch as it stands in the log.
 *
 * @param logIndex its place in the topic
 * @param body the encoded body, to be opened by {@link BatchReader}; not to be changed
 */
public record StoredBatch(long logIndex, BatchHeader header, byte[] body) {}
