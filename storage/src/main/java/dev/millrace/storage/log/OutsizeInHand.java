package dev.millrace.storage.log;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How many outsize batches readers of the log have in hand, over all topics, since they share one heap. A batch is in hand from before it is read
 * until its reader asks for the next one, by when it has been applied. Thread-safe.
 */
final class OutsizeInHand {
    /** Bodies from this size on count: a window that is gathered without asking is smaller. */
    static final int BYTES = 32 << 20;

    /** Whoever waits for a destination that is away must not keep a source's log from being read. */
    static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** After so long whoever reads a source has noticed, or is in the middle of a row. */
    static final long SETTLE_MILLIS = 300;

    private final LongSupplier nanos;
    private int count;
    private long sinceNanos;

    OutsizeInHand(LongSupplier nanos) {
        this.nanos = nanos;
    }

    synchronized void taken() {
        if (count++ == 0) {
            sinceNanos = nanos.getAsLong();
        }
    }

    synchronized void done() {
        count--;
    }

    /** Whether any is in hand, and for less than {@link #PATIENCE_NANOS}. */
    synchronized boolean any() {
        return count > 0 && nanos.getAsLong() - sinceNanos < PATIENCE_NANOS;
    }
}
