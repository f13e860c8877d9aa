package dev.millrace.consume.failed;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.FailedPolicy;
import java.time.Clock;
import java.util.Arrays;

/** How many of the events of the last minutes have failed, in slices of time. Confined to the consumer's thread. */
final class FailureRate {
    private static final int SLICES = 30;
    /** Fewer than so many failures say nothing about a share. */
    private static final long LEAST = 100;

    private final FailedPolicy policy;
    private final Clock clock;
    private final long sliceMillis;
    private final long[] times = new long[SLICES];
    private final long[] events = new long[SLICES];
    private final long[] failures = new long[SLICES];

    FailureRate(FailedPolicy policy, Clock clock) {
        this.policy = policy;
        this.clock = clock;
        this.sliceMillis = Math.max(1, policy.rateOver().toMillis() / SLICES);
    }

    /** @throws MillraceException RESOURCE FAILED_EVENTS_RATE when too large a share has failed; the count begins anew then */
    void add(long newEvents, long newFailures, String pipeline) {
        long time = Math.floorDiv(clock.millis(), sliceMillis);
        int slice = Math.floorMod(time, SLICES);
        if (times[slice] != time) {
            times[slice] = time;
            events[slice] = 0;
            failures[slice] = 0;
        }
        events[slice] += newEvents;
        failures[slice] += newFailures;
        if (policy.stopAtPercent() <= 0 || newFailures == 0) {
            return;
        }
        long all = 0;
        long failed = 0;
        for (int i = 0; i < SLICES; i++) {
            if (Math.abs(time - times[i]) < SLICES) {
                all += events[i];
                failed += failures[i];
            }
        }
        if (failed >= LEAST && failed * 100.0 > policy.stopAtPercent() * all) {
            Arrays.fill(times, Long.MIN_VALUE / 2);
            Arrays.fill(events, 0);
            Arrays.fill(failures, 0);
            throw MillraceException.resource(
                    "FAILED_EVENTS_RATE",
                    "Pipeline '" + pipeline + "' stops, since too many events fail",
                    failed + " of " + all + " within " + policy.rateOver().toSeconds() + " s, and the limit is "
                            + policy.stopAtPercent() + " %; they are parked, nothing is lost",
                    "See 'millrace failed list --pipeline " + pipeline
                            + "', mend the cause, then 'millrace failed replay': loading goes on by it.",
                    null);
        }
    }
}
