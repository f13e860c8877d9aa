package dev.millrace.consume;

import dev.millrace.storage.batch.BatchHeader;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.log.LogReader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Cuts a topic into windows. A window begins with the first batch that is there and takes what else is durable, up to the limits; it ends
 * where no source transaction is open. The rest of an open one is waited for, and read past the limits, within bounds.
 */
final class WindowReader {
    private final LogReader log;
    private final ConsumeOptions options;
    /** A streamed transaction has begun and its last batch is not read yet. */
    private boolean transactionOpen;

    WindowReader(LogReader log, ConsumeOptions options) {
        this.log = log;
        this.options = options;
    }

    /** The next window; null when nothing came within the time. */
    Window next(long timeoutMillis) throws InterruptedException {
        StoredBatch batch = log.next(timeoutMillis);
        if (batch == null) {
            return null;
        }
        List<StoredBatch> batches = new ArrayList<>();
        List<Integer> wholeAt = new ArrayList<>();
        long events = 0;
        long bytes = 0;
        long waitUntil = 0;
        while (batch != null) {
            batches.add(batch);
            BatchHeader header = batch.header();
            events += header.eventCount();
            bytes += header.rawLength();
            note(header);
            if (!transactionOpen) {
                wholeAt.add(batches.size());
            }
            boolean full = events >= options.windowRows() || bytes >= options.windowBytes();
            if (full && (!transactionOpen || beyondAll(events, bytes))) {
                break;
            }
            batch = log.next(0);
            if (batch == null && transactionOpen) {
                long now = System.nanoTime();
                waitUntil = waitUntil == 0 ? now + TimeUnit.MILLISECONDS.toNanos(options.windowMillis()) : waitUntil;
                batch = log.next(Math.max(0, TimeUnit.NANOSECONDS.toMillis(waitUntil - now)));
            }
        }
        return new Window(batches, events, wholeAt);
    }

    private void note(BatchHeader header) {
        if (!header.historicalLoad() && header.eventCount() > 0) {
            transactionOpen = !header.endsTransaction();
        }
    }

    private boolean beyondAll(long events, long bytes) {
        return events / options.hardFactor() >= options.windowRows()
                || bytes / options.hardFactor() >= options.windowBytes();
    }
}
