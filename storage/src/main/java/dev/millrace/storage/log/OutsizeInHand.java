package dev.millrace.storage.log;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How many outsize batches readers of the log have in hand, over all topics, since they share one heap. A batch is in hand from before it is read
 * until its reader asks for the next one, by when it has been applied; and one that was appended lately is about to be: a source that begins
 * to send its next row before the reader has come to this one would have it in memory beside it. Thread-safe.
 */
final class OutsizeInHand {
    /** Bodies from this size on count: a window that is gathered without asking is smaller. */
    static final int BYTES = 32 << 20;

    /** Whoever waits for a destination that is away must not keep a source's log from being read. */
    static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** So long a reader that is not behind, if there is one, is waited for to come to a batch that was appended. */
    static final long EXPECTED_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** After so long whoever reads a source has noticed, or is in the middle of a row. */
    static final long SETTLE_MILLIS = 300;

    private final LongSupplier nanos;
    private int count;
    private long sinceNanos;
    private boolean expected;
    private long expectedNanos;

    OutsizeInHand(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** One is in the log. */
    synchronized void appended() {
        expected = true;
        expectedNanos = nanos.getAsLong();
    }

    synchronized void taken() {
        expected = false;
        if (count++ == 0) {
            sinceNanos = nanos.getAsLong();
        }
    }

    synchronized void done() {
        count--;
    }

    /** Whether any is in hand, and for less than {@link #PATIENCE_NANOS}, or is expected to be. */
    synchronized boolean any() {
        return count > 0 && nanos.getAsLong() - sinceNanos < PATIENCE_NANOS
                || expected && nanos.getAsLong() - expectedNanos < EXPECTED_NANOS;
    }
}
