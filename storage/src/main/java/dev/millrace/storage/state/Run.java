package dev.millrace.storage.state;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * The record of one task's run.
 *
 * @param id counts up per pipeline from 1
 * @param started to the millisecond, as {@code ended}
 * @param ended empty while it runs
 * @param reason why it ended so, for people; empty for a success, what there was not to do for SKIPPED; at most 2,000 characters
 */
public record Run(
        long id,
        Subject subject,
        Instant started,
        Optional<Instant> ended,
        Counts counts,
        Outcome outcome,
        String reason) {
    /** Ordinals are stored: only ever append. */
    public enum Outcome {
        RUNNING,
        SUCCEEDED,
        FAILED,
        /** Told to stop, or taken from a worker that was stuck. */
        INTERRUPTED,
        /** Its process ended without an end of the run. */
        LOST,
        /** There was nothing to do; the reason says what was missing. */
        SKIPPED
    }

    /**
     * What ran.
     *
     * @param task the kind of task, e.g. {@code stream}, {@code load}
     * @param object the table, or empty for the pipeline as a whole
     */
    public record Subject(String task, String pipeline, String object) {
        public Subject {
            Objects.requireNonNull(task);
            Objects.requireNonNull(pipeline);
            Objects.requireNonNull(object);
        }
    }

    /** How much it moved. */
    public record Counts(long rowsRead, long rowsLoaded, long bytes) {
        public static final Counts NONE = new Counts(0, 0, 0);
    }

    public Run {
        Objects.requireNonNull(subject);
        Objects.requireNonNull(started);
        Objects.requireNonNull(ended);
        Objects.requireNonNull(counts);
        Objects.requireNonNull(outcome);
        Objects.requireNonNull(reason);
    }
}
