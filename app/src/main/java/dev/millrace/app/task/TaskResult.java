package dev.millrace.app.task;

import dev.millrace.storage.state.Run;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How a task ended well.
 *
 * @param counts what it moved
 * @param again run it again after this time; empty: it is done
 * @param skipped why there was nothing to do; empty: it did something
 */
public record TaskResult(Run.Counts counts, Optional<Duration> again, Optional<String> skipped) {
    public TaskResult {
        Objects.requireNonNull(counts);
        Objects.requireNonNull(again);
        Objects.requireNonNull(skipped);
    }

    /** @param count events or rows read */
    public static TaskResult done(long count) {
        return done(new Run.Counts(count, 0, 0));
    }

    public static TaskResult done(Run.Counts counts) {
        return new TaskResult(counts, Optional.empty(), Optional.empty());
    }

    /** @param count events or rows read */
    public static TaskResult again(long count, Duration after) {
        return new TaskResult(new Run.Counts(count, 0, 0), Optional.of(after), Optional.empty());
    }

    public static TaskResult skipped(String why) {
        return new TaskResult(Run.Counts.NONE, Optional.empty(), Optional.of(why));
    }
}
