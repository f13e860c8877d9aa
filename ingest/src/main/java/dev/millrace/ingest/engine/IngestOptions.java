package dev.millrace.ingest.engine;

/**
 * How much an engine does at a time. The defaults suit two cores and a local network.
 *
 * @param chunkWorkers chunks read at the same time, 1 to 64
 * @param chunkBytes about how many bytes of rows a chunk has; a chunk is never less than 1,000 rows nor more than 250,000
 * @param batchBytes the size, before compression, at which a batch is finished
 * @param batchEvents the most events in a batch of the stream
 * @param batchMillis the longest time from a batch's first event to its end
 * @param idleMillis how long a read waits for a first event; also how often loads are looked after
 * @param idleAcknowledgeMillis how often progress without events is stored and acknowledged
 * @param offsetMillis how often offsets are saved to the state store
 * @param snapshotMillis how long a chunk tries for a snapshot that sees every streamed transaction, before it goes back to the queue
 * @param barrierSliceMillis how often a stream that waits for a chunk keeps its connection alive
 */
public record IngestOptions(
        int chunkWorkers,
        long chunkBytes,
        int batchBytes,
        int batchEvents,
        long batchMillis,
        long idleMillis,
        long idleAcknowledgeMillis,
        long offsetMillis,
        long snapshotMillis,
        long barrierSliceMillis) {
    public IngestOptions {
        require(chunkWorkers >= 1 && chunkWorkers <= 64, "chunkWorkers", chunkWorkers);
        require(chunkBytes >= 1, "chunkBytes", chunkBytes);
        require(batchBytes >= 1, "batchBytes", batchBytes);
        require(batchEvents >= 1, "batchEvents", batchEvents);
        require(batchMillis >= 0, "batchMillis", batchMillis);
        require(idleMillis >= 0, "idleMillis", idleMillis);
        require(idleAcknowledgeMillis >= 0, "idleAcknowledgeMillis", idleAcknowledgeMillis);
        require(offsetMillis >= 0, "offsetMillis", offsetMillis);
        require(snapshotMillis >= 1, "snapshotMillis", snapshotMillis);
        require(barrierSliceMillis >= 1, "barrierSliceMillis", barrierSliceMillis);
    }

    public static IngestOptions defaults() {
        return new IngestOptions(2, 32L << 20, 1 << 20, 50_000, 200, 100, 10_000, 1_000, 2_000, 500);
    }

    private static void require(boolean good, String name, long value) {
        if (!good) {
            throw new IllegalArgumentException(name + " out of range: " + value);
        }
    }
}
