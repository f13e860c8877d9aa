package dev.millrace.consume.failed;

/**
 * Figures of a pipeline's failed events.
 *
 * @param events parked now
 * @param behind of these, those that only wait for another
 * @param bytes what these take
 * @param stored records in all, those given up included
 * @param nextExpiryMillis when the next record is too old; {@link Long#MAX_VALUE} when there is none
 * @param discarded events that failed and were passed over, ever
 */
public record FailedCounts(
        long events, long behind, long bytes, long stored, long nextExpiryMillis, long discarded, FailedTotals totals) {
    /** Nothing. */
    public static final FailedCounts NONE = new FailedCounts(0, 0, 0, 0, Long.MAX_VALUE, 0, FailedTotals.NONE);

    FailedCounts with(FailedEvent event) {
        boolean parked = event.parked();
        return new FailedCounts(
                events + (parked ? 1 : 0),
                behind + (parked && event.failure().isBehind() ? 1 : 0),
                bytes + (parked ? event.bytes() : 0),
                stored + 1,
                Math.min(nextExpiryMillis, event.course().expiresAtMillis()),
                discarded,
                totals);
    }

    FailedCounts with(FailedTotals newTotals) {
        return new FailedCounts(events, behind, bytes, stored, nextExpiryMillis, discarded, newTotals);
    }

    FailedCounts discarded(long events) {
        return new FailedCounts(this.events, behind, bytes, stored, nextExpiryMillis, events, totals);
    }
}
