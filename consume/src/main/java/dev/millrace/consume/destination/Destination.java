package dev.millrace.consume.destination;

import dev.millrace.config.error.Finding;
import dev.millrace.storage.event.DataType;
import java.util.List;
import java.util.Optional;

/**
 * One configured destination. Methods connect as they need and throw {@link dev.millrace.config.error.MillraceException}: EXTERNAL when
 * trying again may help (connection, deadlock, disk full over there), USER for privileges and read-only, and {@link DataException} when a row
 * or value is at fault. {@link #check} and {@link #describe} may be called from any thread, the rest from the consumer's.
 */
public interface Destination extends AutoCloseable {
    List<Finding> check();

    /** What names it allows; asked once. */
    NamingRules naming();

    /** The column type that holds every value of {@code type} unchanged, in the destination's own words; for messages and comparison. */
    String columnType(DataType type);

    /** The table as it is now, or empty. Not cached. */
    Optional<ExistingTable> describe(TargetName table);

    /**
     * Claims the pipeline's position here: raises its epoch so that any other instance's open or later transactions fail, and returns the log
     * index that is committed. Makes the bookkeeping table where it is missing.
     *
     * @return the committed log index, empty when this pipeline never committed here
     */
    Optional<Long> claim();

    /** The committed log index now, to settle an unknown outcome; does not claim. */
    Optional<Long> committedIndex();

    /** The number of the newest replay of failed events that is committed here for this pipeline; 0 before the first. Doesn't claim. */
    long replayed();

    /** Begins the transaction that one window is applied in. */
    LoadTransaction begin();

    /** Rows of a table for comparison and tests are read by SQL over here, never through this contract. Idempotent. */
    @Override
    void close();
}
