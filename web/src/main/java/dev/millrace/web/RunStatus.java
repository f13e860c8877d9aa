package dev.millrace.web;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * One run of a pipeline's task.
 *
 * @param id counts up per pipeline
 * @param task what ran, e.g. {@code shop/load}
 * @param ended empty while it runs
 * @param rowsRead events or rows it took
 * @param rowsLoaded rows it wrote at the destination
 * @param outcome RUNNING, SUCCEEDED, FAILED, INTERRUPTED, LOST or SKIPPED
 * @param reason why it ended so; empty for a success
 */
public record RunStatus(
        long id,
        String task,
        Instant started,
        Optional<Instant> ended,
        long rowsRead,
        long rowsLoaded,
        String outcome,
        String reason) {
    public RunStatus {
        Objects.requireNonNull(task);
        Objects.requireNonNull(started);
        Objects.requireNonNull(ended);
        Objects.requireNonNull(outcome);
        Objects.requireNonNull(reason);
    }
}
