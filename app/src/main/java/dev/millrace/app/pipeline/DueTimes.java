package dev.millrace.app.pipeline;

import dev.millrace.config.pipeline.LoadingSchedule;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * When a schedule's next load is due, by the two clocks of a machine. An interval is measured by the monotonic clock, whatever is done to the
 * other; times of the day are looked up on the wall clock anew at every question, so that a moved clock counts from then on. What came due
 * while nothing ran, or was jumped over, is due once, at once. Not thread-safe.
 */
final class DueTimes {
    private final LoadingSchedule schedule;
    /** When the last one was due, by the wall clock; for times of the day. */
    private Instant last;
    /** By {@link System#nanoTime}; for intervals. */
    private long dueAtNanos;

    /** @param before when the last one was due, as far as an earlier process knows */
    DueTimes(LoadingSchedule schedule, Optional<Instant> before, Instant now, long nowNanos) {
        this.schedule = schedule;
        this.last = before.orElse(now);
        if (schedule instanceof LoadingSchedule.Every every) {
            // without one before, or with one that a clock put back lets lie ahead: at once
            Duration since = before.filter(it -> !it.isAfter(now))
                    .map(it -> Duration.between(it, now))
                    .orElse(every.interval());
            Duration left = every.interval().minus(since);
            this.dueAtNanos = nowNanos + (left.isNegative() ? 0 : left.toNanos());
        }
    }

    /** How long until the next one is due; zero when it is. */
    Duration left(Instant now, long nowNanos) {
        if (schedule instanceof LoadingSchedule.Every) {
            return Duration.ofNanos(Math.max(0, dueAtNanos - nowNanos));
        }
        if (last.isAfter(now)) {
            last = now; // the clock was put back
        }
        Duration left = Duration.between(now, schedule.next(last));
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** The load that was due is under way. */
    void begun(Instant now, long nowNanos) {
        last = now;
        if (schedule instanceof LoadingSchedule.Every every) {
            dueAtNanos = nowNanos + every.interval().toNanos();
        }
    }
}
