package dev.millrace.storage.log;

import dev.millrace.storage.batch.EncodedBatch;
import java.util.Optional;

/**
 * One pipeline's log. A log index is a batch's sequence number: 1 for the first, each next one greater, never used twice, also not after
 * damage. Thread-safe; appends are serialised inside.
 */
public interface Topic extends AutoCloseable {
    TopicName name();

    /**
     * Appends atomically; the batch is not durable before {@link #durableIndex()} has reached it. Blocks for I/O only.
     *
     * @return the batch's log index
     * @throws dev.millrace.config.error.MillraceException EXTERNAL: DISK_FULL (nothing was appended; try
     *     again when there is room). RESOURCE: LOG_FAILED (a sync failed: this topic
     *     takes no more appends until it is opened again), LOG_DAMAGED (see {@link #damage()}: restart it first)
     */
    long append(EncodedBatch batch);

    /** The last index appended, 0 before the first. */
    long appendedIndex();

    /** The last index known to be on disk ({@code fsync}) or handed to the kernel ({@code os}). */
    long durableIndex();

    /**
     * Waits until {@code index} is durable.
     *
     * @return false when the timeout came first
     * @throws dev.millrace.config.error.MillraceException RESOURCE LOG_FAILED when a sync failed; it then never becomes durable
     */
    boolean awaitDurable(long index, long timeoutMillis) throws InterruptedException;

    /**
     * A reader whose first batch is the one after {@code afterIndex}.
     *
     * @throws dev.millrace.config.error.MillraceException RESOURCE LOG_INDEX_GONE when that batch was deleted by retention, LOG_BEHIND when
     *     the log ends before {@code afterIndex}: the data folder is older than the position
     */
    LogReader reader(long afterIndex);

    /** What the retention may delete: everything up to {@code index}, once offsets and consumer are durably past it. Never goes back. */
    void release(long index);

    /** Bytes on disk. */
    long sizeBytes();

    /** Whether the topic's or the installation's disk budget is used up: the connector must stop reading until it is not. */
    boolean overBudget();

    /**
     * Whether a reader of the log has an outsize batch in hand, or is about to come to one that was appended within a second: who reads a source
     * had better wait, since what comes next may be as large. Never for longer than half a minute on end.
     */
    boolean crowded();

    /** What was found damaged when the topic was opened, and not yet settled by {@link #restartAfter}. */
    Optional<LogDamage> damage();

    /**
     * Begins a new generation behind damage (or behind a destination that is ahead): the damaged files stay set aside, and the next append
     * gets an index greater than {@code index} and than any ever used here.
     */
    void restartAfter(long index);

    /** Syncs and closes; idempotent. */
    @Override
    void close();
}
