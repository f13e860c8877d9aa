package dev.millrace.consume;

/**
 * How large a window may be now. It is what the options say until the destination can't take so much at a time; then it is half of what was too
 * much, and grows again slowly, by windows that were about as large and were taken, so that the same failure is not paid for every window.
 * Thread-safe.
 */
final class WindowLimit {
    /** No smaller than this part of the options' limits: what is too much even then is divided for itself. */
    private static final double LEAST = 1.0 / 256;

    private static final double GROWTH = 1.25;
    private static final int WINDOWS_BEFORE_GROWTH = 8;

    private final ConsumeOptions options;
    private double share = 1;
    private int taken;

    WindowLimit(ConsumeOptions options) {
        this.options = options;
    }

    synchronized long rows() {
        return Math.max(1, (long) (options.windowRows() * share));
    }

    synchronized long bytes() {
        return Math.max(1, (long) (options.windowBytes() * share));
    }

    /** The destination had not the memory for a load of this size. */
    synchronized void tooMuch(long events, long bytes) {
        share = Math.max(LEAST, Math.min(share, part(events, bytes)) / 2);
        taken = 0;
    }

    /** A window of this size was applied. */
    synchronized void applied(long events, long bytes) {
        if (share < 1 && part(events, bytes) >= share / 2 && ++taken >= WINDOWS_BEFORE_GROWTH) {
            share = Math.min(1, share * GROWTH);
            taken = 0;
        }
    }

    private double part(long events, long bytes) {
        return Math.max((double) events / options.windowRows(), (double) bytes / options.windowBytes());
    }
}
