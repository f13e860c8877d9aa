package dev.millrace.config.pipeline;

import java.time.Duration;
import java.util.Objects;

/** Repeat every {@code interval} (at least a second) after the last start; never two runs at a time. */
public record Schedule(Duration interval) {
    public Schedule {
        Objects.requireNonNull(interval);
        if (interval.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("interval below one second: " + interval);
        }
    }
}
