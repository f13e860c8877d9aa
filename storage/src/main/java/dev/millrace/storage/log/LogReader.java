package dev.millrace.storage.log;

import dev.millrace.storage.batch.StoredBatch;

/** Reads one topic's durable batches in order. Confined to one thread at a time; woken by a signal when more becomes durable. */
public interface LogReader extends AutoCloseable {
    /**
     * The next durable batch, its CRC and chain verified; waits for it.
     *
     * @return null when the timeout came first
     * @throws dev.millrace.config.error.MillraceException RESOURCE LOG_DAMAGED when the next batch can't be trusted; asking again throws
     *     again
     */
    StoredBatch next(long timeoutMillis) throws InterruptedException;

    /** Called before an outsize batch is read, which it is when {@code room} returns. */
    interface Room {
        void make() throws InterruptedException;
    }

    /** To be asked for room before a batch is read that hardly fits into memory beside others. A reader whose batches are in memory doesn't. */
    default void beforeOutsize(Room room) {}

    /** The index of the batch last returned, or where the reader began. */
    long index();

    @Override
    void close();
}
