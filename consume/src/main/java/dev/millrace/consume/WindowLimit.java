package dev.millrace.consume;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How large a window may be now.
 *
 * <p>It is what the options say while the consumer keeps up. When {@value #WINDOWS_TO_WIDEN} windows in a row were full, the log having more,
 * it has fallen behind: windows become micro-batches, wider, so that the cost of a transaction is shared by more rows and more changes of
 * one row come to one. It goes back when as many windows in a row were less than half of what the options say, or the log had no more: far
 * enough below the first for the two not to alternate.
 *
 * <p>Where the destination can't take so much at a time, the limit is half of what was too much, and grows again slowly, by windows that were
 * about as large and were taken, so that the same failure is not paid for every window; it is not widened meanwhile. Thread-safe.
 */
final class WindowLimit {
    private static final Logger LOG = LoggerFactory.getLogger(WindowLimit.class);
    /** No smaller than this part of the options' limits: what is too much even then is divided for itself. */
    private static final double LEAST = 1.0 / 256;

    private static final double GROWTH = 1.25;
    private static final int WINDOWS_BEFORE_GROWTH = 8;
    static final int WINDOWS_TO_WIDEN = 3;

    /** No micro-batch has more than this part of the heap, unless a window of the usual size does. */
    private static final int HEAP_SHARE = 16;

    private final ConsumeOptions options;
    private final long widestBytes;
    private double share = 1;
    private int taken;
    private boolean wide;
    private int fullInARow;
    private int smallInARow;

    WindowLimit(ConsumeOptions options) {
        this(options, Runtime.getRuntime().maxMemory());
    }

    WindowLimit(ConsumeOptions options, long heapBytes) {
        this.options = options;
        // two are in memory, and together have no more than a transaction may
        long twice = options.windowBytes() * Math.max(1, options.hardFactor() / 2);
        this.widestBytes = Math.max(options.windowBytes(), Math.min(twice, heapBytes / HEAP_SHARE));
    }

    synchronized long rows() {
        long most = wide ? (long) options.windowRows() * options.hardFactor() : options.windowRows();
        return Math.max(1, (long) (most * share));
    }

    synchronized long bytes() {
        return Math.max(1, (long) ((wide ? widestBytes : options.windowBytes()) * share));
    }

    /** Whether windows are micro-batches now. */
    synchronized boolean wide() {
        return wide;
    }

    /** The destination had not the memory for a load of this size. */
    synchronized void tooMuch(long events, long bytes) {
        share = Math.max(LEAST, Math.min(share, part(events, bytes)) / 2);
        taken = 0;
        narrow();
    }

    /** A window of this size was applied. */
    synchronized void applied(long events, long bytes) {
        if (share < 1) {
            if (part(events, bytes) >= share / 2 && ++taken >= WINDOWS_BEFORE_GROWTH) {
                share = Math.min(1, share * GROWTH);
                taken = 0;
            }
            return;
        }
        fullInARow = part(events, bytes) >= 1 ? fullInARow + 1 : 0;
        smallInARow = part(events, bytes) < 0.5 ? smallInARow + 1 : 0;
        if (!wide && fullInARow >= WINDOWS_TO_WIDEN) {
            wide = true;
        } else if (wide && smallInARow >= WINDOWS_TO_WIDEN) {
            narrow();
        }
    }

    /** The log has no more. */
    synchronized void caughtUp() {
        narrow();
    }

    /** Says so where windows have become wider, or are as usual again. */
    void tell(String pipeline, Progress progress) {
        boolean now = wide();
        if (progress.microBatches(now)) {
            LOG.info(
                    now
                            ? "{}: behind what is read, so it is loaded in micro-batches: windows of up to {} events"
                            : "{}: caught up, loaded in real time again: windows of up to {} events",
                    pipeline,
                    rows());
        }
    }

    private void narrow() {
        wide = false;
        fullInARow = 0;
        smallInARow = 0;
    }

    /** Of what the options say. */
    private double part(long events, long bytes) {
        return Math.max((double) events / options.windowRows(), (double) bytes / options.windowBytes());
    }
}
