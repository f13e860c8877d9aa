package dev.millrace.config.pipeline;

import dev.millrace.config.setting.Durations;
import dev.millrace.config.setting.Sizes;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;

/**
 * What becomes of events that can't be applied.
 *
 * @param keep how long one is kept
 * @param maxBytes what they may take on disk; the pipeline stops when there is no more room
 * @param stopAtPercent the share of failed events above which the pipeline stops; 0: never
 * @param rateOver the time over which that share is taken
 */
public record FailedPolicy(Action action, Duration keep, long maxBytes, double stopAtPercent, Duration rateOver) {
    /** With one that fails. */
    public enum Action {
        /** Kept aside until it is replayed or skipped; later events of its key wait. */
        PARK,
        /** The pipeline stops at it. */
        STOP,
        /** Counted, and passed over for good. */
        DISCARD
    }

    public static final FailedPolicy DEFAULT =
            new FailedPolicy(Action.PARK, Duration.ofDays(7), 1L << 30, 1, Duration.ofMinutes(5));

    public FailedPolicy {
        Objects.requireNonNull(action);
        Objects.requireNonNull(keep);
        Objects.requireNonNull(rateOver);
    }

    /** The same for events that are parked already, which stay so. */
    public FailedPolicy parking() {
        return new FailedPolicy(Action.PARK, keep, maxBytes, stopAtPercent, rateOver);
    }

    /** As YAML. */
    @Override
    public String toString() {
        return "{policy: " + action.name().toLowerCase(Locale.ROOT) + ", keep: " + Durations.format(keep)
                + ", maxSize: "
                + Sizes.format(maxBytes) + ", stopAtRate: " + shown(stopAtPercent) + ", rateOver: "
                + Durations.format(rateOver) + "}";
    }

    private static String shown(double percent) {
        return percent == 0
                ? "never"
                : BigDecimal.valueOf(percent).stripTrailingZeros().toPlainString() + "%";
    }
}
