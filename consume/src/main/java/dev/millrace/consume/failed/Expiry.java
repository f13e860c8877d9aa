package dev.millrace.consume.failed;

import dev.millrace.config.pipeline.FailedPolicy;
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
    private final FailedChanges bulk;
    private final Clock clock;
    private final long warnMillis;
    private long warnAtMillis;

    Expiry(String pipeline, FailedChanges bulk, FailedPolicy policy, Clock clock) {
        this.pipeline = pipeline;
        this.bulk = bulk;
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

    /** Gives up what is too old. Its record stays for another day, so that it isn't taken for new when its window is read again. */
    void expire() {
        long now = clock.millis();
        long expired = bulk.expire(now, now + DAY_MILLIS);
        if (expired > 0) {
            LOG.warn("{}: {} failed events are too old and are given up for good", pipeline, expired);
        }
    }
}
