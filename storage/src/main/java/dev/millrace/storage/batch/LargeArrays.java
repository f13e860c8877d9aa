package dev.millrace.storage.batch;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Arrays for outsize values. Where the heap has no room for one now, that may be for another end's outsize value, which is let go of as soon as it
 * is in the log or at the destination; so a large array is tried for a while before the lack counts. Stateless; any thread.
 */
public final class LargeArrays {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long BETWEEN_TRIES_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private LargeArrays() {}

    /**
     * An array of zeros. Waits, for half a minute at most, where it is outsize and there is no room; an interrupt ends that.
     *
     * @throws OutOfMemoryError when there is no room
     */
    public static byte[] allocate(int length) {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (true) {
            try {
                return new byte[length];
            } catch (OutOfMemoryError e) {
                boolean hopeless = length < BatchFormat.OUTSIZE_BYTES
                        || length >= Runtime.getRuntime().maxMemory();
                if (hopeless || Thread.currentThread().isInterrupted() || System.nanoTime() - end >= 0) {
                    throw e;
                }
            }
            LockSupport.parkNanos(BETWEEN_TRIES_NANOS);
        }
    }

    /** A copy of {@code length} bytes, in an array of that length; waits as {@link #allocate} does. */
    public static byte[] copy(byte[] from, int offset, int length) {
        byte[] copy = allocate(length);
        System.arraycopy(from, offset, copy, 0, length);
        return copy;
    }
}
