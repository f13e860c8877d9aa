package dev.millrace.web;

/**
 * A pipeline's failed events in numbers.
 *
 * @param parked kept aside now
 * @param behind of these, those that only wait for an earlier event of their key
 * @param bytes what these take on disk
 * @param expiresSoon whether some are soon given up for their age
 * @param parkedTotal events that failed and were parked since the process began; the rest likewise
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
        long expiredTotal) {
    public static final FailedFigures NONE = new FailedFigures(0, 0, 0, false, 0, 0, 0, 0, 0);
}
