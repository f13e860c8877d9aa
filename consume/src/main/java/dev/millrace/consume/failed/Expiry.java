package dev.millrace.consume.failed;

import dev.millrace.config.pipeline.FailedPolicy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives up failed events that are too old, and warns before. Where nobody has looked for so long that nothing was warned of, because nothing ran or
 * the clock was put forward, there is as much time left as from a warning on. Guarded by its queue's lock.
 */
final class Expiry {
    private static final Logger LOG = LoggerFactory.getLogger(Expiry.class);
    private static final long DAY_MILLIS = TimeUnit.DAYS.toMillis(1);
    private static final long WARN_AGAIN_MILLIS = TimeUnit.HOURS.toMillis(6);

    /** So often a look is noted within the time of a warning. */
    private static final int LOOKS = 24;

    private static final long NEVER = Long.MIN_VALUE / 2;

    private final String pipeline;
    private final FailedStore store;
    private final FailedChanges bulk;
    private final Clock clock;
    private final long warnMillis;
    private long warnAtMillis;
    /** As it is stored; null before it was read. */
    private Long lookedAtMillis;

    Expiry(FailedStore store, FailedChanges bulk, FailedPolicy policy, Clock clock) {
        this.pipeline = store.pipeline();
        this.store = store;
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
        if (now - lookedAt() > warnMillis) {
            long until = now + warnMillis;
            long kept = bulk.keep(now, until);
            if (kept > 0) {
                LOG.warn(
                        "{}: {} failed events have become too old while nobody could be warned; they are given up from {} on, see 'millrace"
                                + " failed list --pipeline {}'",
                        pipeline,
                        kept,
                        Instant.ofEpochMilli(until),
                        pipeline);
            }
        }
        long expired = bulk.expire(now, now + DAY_MILLIS);
        if (expired > 0) {
            LOG.warn("{}: {} failed events are too old and are given up for good", pipeline, expired);
        }
    }

    /** Notes, now and then, that somebody has been here who could warn. */
    void looked(FailedCounts counts) {
        long since = clock.millis() - lookedAt();
        if (counts.stored() > 0 && (since >= warnMillis / LOOKS || since < 0)) {
            lookedAtMillis = clock.millis();
            store.writeLooked(lookedAtMillis);
        }
    }

    private long lookedAt() {
        if (lookedAtMillis == null) {
            lookedAtMillis = store.looked().orElse(NEVER);
        }
        return lookedAtMillis;
    }
}
