package dev.millrace.app.task;

import java.time.Duration;
import java.util.Optional;

/**
 * How a task ended well.
 *
 * @param count events or rows it moved
 * @param again run it again after this time; empty: it is done
 */
public record TaskResult(long count, Optional<Duration> again) {
    public static TaskResult done(long count) {
        return new TaskResult(count, Optional.empty());
    }

    public static TaskResult again(long count, Duration after) {
        return new TaskResult(count, Optional.of(after));
    }
}
