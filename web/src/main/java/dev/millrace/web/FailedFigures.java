package dev.millrace.web;

/**
 * A pipeline's failed events in numbers.
 *
 * @param parked kept aside now
 * @param behind of these, those that only wait for an earlier event of their key
 * @param bytes what these take on disk
 * @param expiresSoon whether some are soon given up for their age
 * @param parkedTotal all that was ever parked, over restarts: what is parked now, and the four that follow it but for the discarded
 * @param discardedTotal passed over by policy, and never parked
 * @param obsoleteTotal given up because their table was emptied or loaded again
 */
public record FailedFigures(
        long parked,
        long behind,
        long bytes,
        boolean expiresSoon,
        long parkedTotal,
        long discardedTotal,
        long replayedTotal,
        long skippedTotal,
        long expiredTotal,
        long obsoleteTotal) {
    public static final FailedFigures NONE = new FailedFigures(0, 0, 0, false, 0, 0, 0, 0, 0, 0);
}
