package dev.millrace.app.benchmark;

import dev.millrace.storage.event.TableName;
import java.util.concurrent.TimeUnit;

/**
 * How much of the object one measurement reads.
 *
 * @param upTo the greatest key, null for all
 * @param rows the most rows, exact only where there is a key
 * @param endNanos when to stop reading, by {@link System#nanoTime}
 */
record Extent(TableName table, byte[] upTo, long rows, long endNanos) {
    boolean timeIsUp() {
        return System.nanoTime() - endNanos >= 0;
    }

    /** The same, stopping so long from now. */
    Extent within(double seconds) {
        return new Extent(table, upTo, rows, System.nanoTime() + (long) (seconds * TimeUnit.SECONDS.toNanos(1)));
    }
}
