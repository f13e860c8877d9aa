package dev.millrace.ingest.source;

import dev.millrace.storage.batch.BatchWriter;

/** An open stream. Confined to the stream's thread. */
public interface StreamReader extends AutoCloseable {
    /**
     * Writes events into {@code out} until {@code maxBytes} or {@code maxEvents} are reached, {@code maxMillis} have passed since the first
     * event, or nothing more is there; waits up to {@code idleMillis} for the first. Returns as soon as the source pauses at a transaction's
     * end, so that latency is not a poll's. A single event may exceed maxBytes, and the rest of a transaction either limit by a part of it.
     *
     * <p>Connection kept alive by this call and {@link #acknowledge}: one of them has to come at least every few seconds.
     *
     * @throws dev.millrace.config.error.MillraceException EXTERNAL when the connection is gone: open a new one behind the last offset
     */
    StreamProgress read(BatchWriter out, int maxEvents, int maxBytes, long maxMillis, long idleMillis)
            throws InterruptedException;

    /** Everything up to {@code offset} is durable here; the source may let go of it. Sent at once or with the next read. */
    void acknowledge(byte[] offset);

    @Override
    void close();
}
