package dev.millrace.web;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * When a pipeline's destination is loaded.
 *
 * @param schedule as in the definition; {@code real-time} without one
 * @param next when the next load is due; empty in real time and while it isn't known
 * @param microBatches it has fallen behind what is read, and loads in wider windows until it has caught up
 */
public record LoadingStatus(String schedule, Optional<Instant> next, boolean microBatches) {
    public LoadingStatus {
        Objects.requireNonNull(schedule);
        Objects.requireNonNull(next);
    }
}
