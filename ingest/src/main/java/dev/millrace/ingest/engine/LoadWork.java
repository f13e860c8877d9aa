package dev.millrace.ingest.engine;

import dev.millrace.ingest.source.ChunkReader;
import dev.millrace.ingest.source.Snapshot;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.EncodedBatch;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.fault.FaultPoint;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One job of a historical load, done on a worker's thread: a table's start, a chunk, some keys to read again, or a snapshot. Reads from
 * the source without the lock, and appends through {@link LoadBook}. A job whose table was sent back to the beginning meanwhile ends
 * without a trace; any other failure ends the run.
 */
final class LoadWork implements Runnable {
    /** START of a table without a key is its whole load. */
    enum Kind {
        START,
        CHUNK,
        REREAD,
        SETTLE,
        PRUNE
    }

    /** What to do; identity counts. {@code load} is null for PRUNE, {@code range} for a chunk still to be planned. */
    static final class Job {
        private final Kind kind;
        private final TableLoad load;
        private final int generation;
        private final TableLoad.Range range;
        private final List<TableLoad.Reread> rereads;

        /** Rows appended of a job that has not landed; under the run's lock. */
        private long partRows;

        Job(Kind kind, TableLoad load, int generation, TableLoad.Range range, List<TableLoad.Reread> rereads) {
            this.kind = kind;
            this.load = load;
            this.generation = generation;
            this.range = range;
            this.rereads = rereads;
        }

        void partAppended(long rows) {
            partRows += rows;
        }

        long partRows() {
            return partRows;
        }

        Kind kind() {
            return kind;
        }

        TableLoad load() {
            return load;
        }

        int generation() {
            return generation;
        }

        TableLoad.Range range() {
            return range;
        }

        List<TableLoad.Reread> rereads() {
            return rereads;
        }
    }

    /** What all jobs of a run share. */
    record Context(
            LoadBook book,
            ChunkReaders readers,
            Stores stores,
            ReloadRequests reloads,
            IngestOptions options,
            Runnable more) {}

    private static final Logger LOG = LoggerFactory.getLogger(LoadWork.class);
    private static final int TRIES_BEFORE_HOLD = 3;
    private static final long LONGEST_PAUSE_MILLIS = 100;
    private static final long RETRY_MILLIS = 200;

    private final Context context;
    private final LoadBook book;
    private final Job taken;
    private Job job;
    private ChunkReader reader;
    private BatchWriter writer;
    private long partBytes;
    private long retryMillis;

    LoadWork(Context context, Job job) {
        this.context = context;
        this.book = context.book();
        this.taken = job;
        this.job = job;
    }

    @Override
    public void run() {
        if (!book.jobs().begin(taken)) {
            return;
        }
        boolean done = false;
        boolean usable = false;
        try {
            reader = context.readers().take();
            writer = new BatchWriter();
            done = perform();
            usable = true;
        } catch (StaleJobException e) {
            LOG.debug("A {} job became void", job.kind());
        } catch (InterruptedException e) {
            book.jobs().failed(e);
        } catch (RuntimeException | Error e) {
            if (book.jobs().closing()) {
                LOG.debug("A {} job ended with the run", job.kind(), e);
            }
            book.jobs().failed(e);
        } finally {
            if (reader != null) {
                giveBack(usable);
            }
            book.jobs().end(taken, job, done, retryMillis);
            // an interrupt was meant for this job; the thread is another's
            if (Thread.interrupted()) {
                LOG.debug("A {} job was interrupted", job.kind());
            }
        }
        context.more().run();
    }

    private void giveBack(boolean usable) {
        try {
            context.readers().giveBack(reader, usable);
        } catch (RuntimeException e) {
            LOG.warn("A connection for reading chunks could not be closed", e);
        }
    }

    private boolean perform() throws InterruptedException {
        return switch (job.kind()) {
            case START -> job.load().keyed ? start() : piece();
            case CHUNK -> chunk();
            case REREAD -> rereads();
            case SETTLE -> settle();
            case PRUNE -> prune();
        };
    }

    private boolean start() {
        Schema schema;
        reader.begin();
        try {
            schema = learn();
        } finally {
            reader.end();
        }
        appendStarted(schema);
        return true;
    }

    private boolean piece() throws InterruptedException {
        Snapshot snapshot = enter();
        if (snapshot == null) {
            return false;
        }
        try {
            Schema schema = learn();
            appendStarted(schema);
            beginRows("0");
            long rows =
                    reader.read(schema, null, null, writer, context.options().batchBytes(), this::appendPart);
            book.appendLast(job, snapshot, finish(), rows, partBytes);
            return true;
        } finally {
            leave(snapshot);
        }
    }

    private boolean chunk() throws InterruptedException {
        if (job.range() == null) {
            LoadBook.Plan plan = book.plan(job, context.options().chunkBytes());
            Optional<byte[]> upTo = reader.boundary(job.load().table, plan.after(), plan.rows());
            job = book.planned(job, upTo.orElse(null));
            context.more().run();
        }
        Snapshot snapshot = enter();
        if (snapshot == null) {
            return false;
        }
        try {
            Schema schema = learn();
            if (changedSinceStart(schema)) {
                return false;
            }
            TableLoad.Range range = job.range();
            beginRows(Long.toString(range.number));
            long rows = reader.read(
                    schema, range.after, range.upTo, writer, context.options().batchBytes(), this::appendPart);
            FaultPoint.MID_CHUNK.pass();
            long bytes = partBytes + writer.sizeBytes();
            book.appendLast(job, snapshot, finish(), rows, bytes);
            return true;
        } finally {
            leave(snapshot);
        }
    }

    private boolean rereads() throws InterruptedException {
        Snapshot snapshot = enter();
        if (snapshot == null) {
            return false;
        }
        try {
            Schema schema = learn();
            if (changedSinceStart(schema)) {
                return false;
            }
            long rows = 0;
            for (TableLoad.Reread reread : job.rereads()) {
                beginRows("r" + reread.number);
                rows += reader.readKey(schema, reread.key, writer);
                if (writer.sizeBytes() >= context.options().batchBytes()) {
                    appendPart();
                }
            }
            book.appendLast(job, snapshot, finish(), rows, partBytes);
            return true;
        } finally {
            leave(snapshot);
        }
    }

    private boolean settle() {
        Snapshot snapshot = reader.begin();
        Schema schema;
        try {
            schema = learn();
        } finally {
            reader.end();
        }
        if (changedSinceStart(schema)) {
            return false;
        }
        book.settled(job, snapshot, schema);
        return true;
    }

    private boolean prune() {
        Snapshot snapshot = reader.begin();
        reader.end();
        book.prune(snapshot);
        return true;
    }

    /**
     * A snapshot that sees every transaction the stream has decoded, in flight until {@link #leave}; null when none was to be had in time.
     * A stream that keeps up with a busy source is always a few transactions ahead of a snapshot: so after some tries it is asked to pause.
     */
    private Snapshot enter() throws InterruptedException {
        long end = System.nanoTime()
                + TimeUnit.MILLISECONDS.toNanos(context.options().snapshotMillis());
        for (int tries = 1; ; tries++) {
            boolean hold = tries % (TRIES_BEFORE_HOLD + 1) == TRIES_BEFORE_HOLD;
            if (hold) {
                book.jobs().hold(context.options().snapshotMillis());
            }
            int asked = book.asks();
            try {
                Snapshot snapshot = reader.begin();
                boolean entered = false;
                try {
                    FaultPoint.AFTER_SNAPSHOT.pass();
                    entered = book.enter(job, snapshot, asked);
                } finally {
                    if (!entered) {
                        reader.end();
                    }
                }
                if (entered) {
                    return snapshot;
                }
            } finally {
                book.asked();
                if (hold) {
                    book.jobs().releaseHold();
                }
            }
            if (System.nanoTime() - end >= 0) {
                retryMillis = RETRY_MILLIS;
                LOG.info(
                        "Table {}: a chunk waits for transactions that are logged at the source but not yet visible there",
                        job.load().table);
                return null;
            }
            if (book.jobs().awaitClosing(Math.min(LONGEST_PAUSE_MILLIS, 1L << Math.min(tries, 7)))) {
                throw new StaleJobException();
            }
        }
    }

    private void leave(Snapshot snapshot) {
        try {
            reader.end();
        } finally {
            book.leave(snapshot);
        }
    }

    private Schema learn() {
        TableName table = job.load().table;
        return context.stores().schemas().learn(table, reader.columns(table));
    }

    /** Rows read before a change of columns may lack what the change has filled in: the table begins again. */
    private boolean changedSinceStart(Schema schema) {
        if (schema.version() == book.startedVersion(job)) {
            return false;
        }
        context.reloads().add(job.load().table);
        retryMillis = RETRY_MILLIS;
        return true;
    }

    private void appendStarted(Schema schema) {
        beginRows("started");
        writer.control(Operation.LOAD_STARTED, writer.schema(schema));
        long now = context.stores().clock().millis();
        book.appendStarted(job, schema, writer.finish(now, true, true, OffsetDelta.NONE), now);
    }

    private void beginRows(String place) {
        writer.beginTransaction(0, Long.MIN_VALUE, "load:" + job.generation() + ":" + place, 0);
    }

    private void appendPart() {
        partBytes += writer.sizeBytes();
        book.appendPart(job, finish());
        FaultPoint.MID_CHUNK.pass();
        giveWay();
    }

    /** The next row may be outsize, and memory has no room for it beside another that is on its way to the destination. */
    private void giveWay() {
        try {
            while (book.crowded()) {
                if (book.jobs().awaitClosing(LONGEST_PAUSE_MILLIS)) {
                    throw new StaleJobException();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StaleJobException();
        }
    }

    private EncodedBatch finish() {
        return writer.finish(context.stores().clock().millis(), true, true, OffsetDelta.NONE);
    }
}
