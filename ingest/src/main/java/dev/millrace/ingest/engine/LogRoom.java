package dev.millrace.ingest.engine;

import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.OffsetDelta;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Sees to it that what the destination has applied can be deleted from the log: its transactions have to be seen by a snapshot, that has to be
 * noted in the log, and the offsets behind it have to be on disk. The stream's own batches do all that by the way, but a stream that stands
 * still because the log is full, or a source at which nothing happens, has none. Confined to the stream's thread.
 */
final class LogRoom {
    private static final long URGENT_MILLIS = 100;

    private final LoadBook book;
    private final Journal journal;
    private final BatchWriter writer;
    private final Clock clock;
    private final LongSupplier consumed;
    private long notedAtNanos = System.nanoTime();

    /** @param writer empty whenever a method here is called */
    LogRoom(LoadBook book, Journal journal, BatchWriter writer, Clock clock, LongSupplier consumed) {
        this.book = book;
        this.journal = journal;
        this.writer = writer;
        this.clock = clock;
        this.consumed = consumed;
    }

    /** The log is full: makes as much room as there can be now. {@code submit} hands a job to a worker. */
    void make(Consumer<LoadWork.Job> submit) {
        noteSeen(URGENT_MILLIS);
        LoadWork.Job prune = book.jobs().prune();
        if (prune != null) {
            submit.accept(prune);
        }
        journal.free(consumed.getAsLong());
    }

    /** Notes what has been seen, if that is of use, not more often than told. */
    void noteSeen(long everyMillis) {
        if (System.nanoTime() - notedAtNanos >= TimeUnit.MILLISECONDS.toNanos(everyMillis)) {
            notedAtNanos = System.nanoTime();
            book.noteSeen(() -> writer.finish(clock.millis(), false, true, OffsetDelta.NONE), consumed.getAsLong());
        }
    }
}
