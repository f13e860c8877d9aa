package dev.millrace.storage.batch;

/**
 * A batch as it stands in the log.
 *
 * @param logIndex its place in the topic
 * @param body the encoded body, to be opened by {@link BatchReader}; not to be changed
 * @param numbers of a batch that takes the place of another in memory: by row the number that its event has in the log's batch, never
 *     falling; null where the rows are the log's. Not to be changed
 */
public record StoredBatch(long logIndex, BatchHeader header, byte[] body, int[] numbers) {
    /** As it stands in the log. */
    public StoredBatch(long logIndex, BatchHeader header, byte[] body) {
        this(logIndex, header, body, null);
    }
}
