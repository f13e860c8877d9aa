package dev.millrace.consume.failed;

/**
 * Figures of a pipeline's failed events.
 *
 * @param events parked now
 * @param behind of these, those that only wait for another
 * @param bytes what these take
 * @param stored records in all, those given up included
 * @param nextExpiryMillis when the next record is too old; {@link Long#MAX_VALUE} when there is none
 * @param parkedTotal events that failed and were parked, since the process began; the next four likewise
 */
public record FailedCounts(
        long events,
        long behind,
        long bytes,
        long stored,
        long nextExpiryMillis,
        long parkedTotal,
        long discardedTotal,
        long replayedTotal,
        long skippedTotal,
        long expiredTotal) {
    /** Nothing. */
    public static final FailedCounts NONE = new FailedCounts(0, 0, 0, 0, Long.MAX_VALUE, 0, 0, 0, 0, 0);

    /** The totals alone, before the store is counted anew. */
    FailedCounts totals() {
        return new FailedCounts(
                0, 0, 0, 0, Long.MAX_VALUE, parkedTotal, discardedTotal, replayedTotal, skippedTotal, expiredTotal);
    }

    FailedCounts with(FailedEvent event) {
        boolean parked = event.parked();
        return new FailedCounts(
                events + (parked ? 1 : 0),
                behind + (parked && event.failure().isBehind() ? 1 : 0),
                bytes + (parked ? event.bytes() : 0),
                stored + 1,
                Math.min(nextExpiryMillis, event.course().expiresAtMillis()),
                parkedTotal,
                discardedTotal,
                replayedTotal,
                skippedTotal,
                expiredTotal);
    }

    private FailedCounts plus(long parked, long discarded, long replayed, long skipped, long expired) {
        return new FailedCounts(
                events,
                behind,
                bytes,
                stored,
                nextExpiryMillis,
                parkedTotal + parked,
                discardedTotal + discarded,
                replayedTotal + replayed,
                skippedTotal + skipped,
                expiredTotal + expired);
    }

    FailedCounts parked(long parked, long discarded) {
        return plus(parked, discarded, 0, 0, 0);
    }

    FailedCounts replayed(long replayed) {
        return plus(0, 0, replayed, 0, 0);
    }

    FailedCounts skipped(long skipped) {
        return plus(0, 0, 0, skipped, 0);
    }

    FailedCounts expired(long expired) {
        return plus(0, 0, 0, 0, expired);
    }
}
