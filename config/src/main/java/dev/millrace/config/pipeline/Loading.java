package dev.millrace.config.pipeline;

import java.util.Objects;
import java.util.Optional;

/**
 * How a destination is loaded.
 *
 * @param schedule empty: in real time, as soon as there is something
 */
public record Loading(Optional<LoadingSchedule> schedule) {
    public static final Loading REAL_TIME = new Loading(Optional.empty());

    public Loading {
        Objects.requireNonNull(schedule);
    }

    /** The same without a schedule. */
    public Loading inRealTime() {
        return new Loading(Optional.empty());
    }
}
