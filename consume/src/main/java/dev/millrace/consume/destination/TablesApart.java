package dev.millrace.consume.destination;

import java.time.Duration;
import java.util.Map;

/**
 * The ability to load a window's tables side by side, each in a transaction of its own. Every table then has a position of its own, committed with
 * its rows; the pipeline's follows, in a transaction begun by {@link Destination#begin}, once all tables are where it goes. So a table
 * is at the pipeline's position or further on, and what the log has up to where it is must not be loaded into it again.
 */
public interface TablesApart {
    /** How many tables may be loaded at the same time; 1 where it is not wanted. */
    int runners();

    /** How long a lane that has nothing to do is kept open. */
    Duration runnerIdle();

    /**
     * The log index of each table that is further on than the pipeline's own position, by the name it was given at its commit. To be asked for
     * behind {@link Destination#claim}, whatever {@link #runners} says, because an earlier run may have loaded so; also to settle an unknown
     * outcome. Called by the consumer's thread only.
     */
    Map<String, Long> tablePositions();

    /** A further way in. Opens nothing yet; may be called from any thread. */
    Lane lane();

    /** What one thread loads through; confined to it. */
    interface Lane extends AutoCloseable {
        /**
         * Begins a transaction for one table. Its commit writes the table's position in place of the pipeline's, under the claimed epoch as well;
         * for an unknown outcome ask {@link TablesApart#tablePositions}.
         *
         * @param table names it, the same at every time, at most 1,000 characters
         */
        LoadTransaction begin(String table);

        /** Idempotent; a transaction that is open is rolled back. */
        @Override
        void close();
    }
}
