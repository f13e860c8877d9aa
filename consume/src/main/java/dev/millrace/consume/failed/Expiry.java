package dev.millrace.consume.failed;

import dev.millrace.config.pipeline.FailedPolicy;
import dev.millrace.storage.state.StateChanges;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives up failed events that are too old, and warns before. Guarded by its queue's lock. */
final class Expiry {
    private static final Logger LOG = LoggerFactory.getLogger(Expiry.class);
    private static final long DAY_MILLIS = TimeUnit.DAYS.toMillis(1);
    private static final long WARN_AGAIN_MILLIS = TimeUnit.HOURS.toMillis(6);

    private final String pipeline;
    private final FailedStore store;
    private final Clock clock;
    private final long warnMillis;
    private long warnAtMillis;

    Expiry(String pipeline, FailedStore store, FailedPolicy policy, Clock clock) {
        this.pipeline = pipeline;
        this.store = store;
        this.clock = clock;
        this.warnMillis = warnBefore(policy.keep());
    }

    /** A day before, or the last seventh of a shorter time. */
    private static long warnBefore(Duration keep) {
        return Math.min(DAY_MILLIS, keep.toMillis() / 7);
    }

    /** When an event that expires then is soon too old. */
    boolean soon(long expiresAtMillis) {
        return expiresAtMillis - clock.millis() <= warnMillis;
    }

    /** Says that some are soon too old, not too often. */
    void warn(FailedCounts counts) {
        long now = clock.millis();
        if (counts.events() > 0 && soon(counts.nextExpiryMillis()) && now >= warnAtMillis) {
            warnAtMillis = now + WARN_AGAIN_MILLIS;
            LOG.warn(
                    "{}: of {} failed events the oldest are given up from {} on; see 'millrace failed list --pipeline {}', then replay or"
                            + " skip them",
                    pipeline,
                    counts.events(),
                    Instant.ofEpochMilli(counts.nextExpiryMillis()),
                    pipeline);
        }
    }

    /**
     * Gives up what is too old. Its record stays for another day, so that it isn't taken for new when its window is read again.
     *
     * @return how many were still parked
     */
    long expire(StateChanges changes) {
        long now = clock.millis();
        long[] expired = new long[1];
        store.each(null, event -> {
            if (event.course().expiresAtMillis() > now) {
                return;
            }
            if (event.parked()) {
                expired[0]++;
                store.put(changes, event.expired(now + DAY_MILLIS));
                store.deleteCopy(changes, event.place());
            } else {
                store.delete(changes, event.place());
            }
        });
        if (expired[0] > 0) {
            LOG.warn("{}: {} failed events are too old and are given up for good", pipeline, expired[0]);
        }
        return expired[0];
    }
}
