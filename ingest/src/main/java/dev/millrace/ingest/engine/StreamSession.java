package dev.millrace.ingest.engine;

import dev.millrace.ingest.source.ChunkedSource;
import dev.millrace.ingest.source.Source;
import dev.millrace.ingest.source.SourceObject;
import dev.millrace.ingest.source.StreamProgress;
import dev.millrace.ingest.source.StreamReader;
import dev.millrace.ingest.source.StreamingSource;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.EncodedBatch;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.fault.FaultPoint;
import dev.millrace.storage.log.Topic;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of an engine: restores the offset from the log, opens the stream, and then in turns settles what has become durable,
 * acknowledges it, completes and begins loads, reads a batch and appends it, until told to stop or something fails. Confined to the thread
 * that calls {@link #run}; workers only meet it in {@link LoadBook}.
 *
 * <p>The order of acknowledgement is read, finish, append, durable, acknowledge. The stream does not wait for a sync: it acknowledges on
 * a later turn what has become durable.
 */
final class StreamSession {
    /** What a session is given by its engine. */
    record Parts(
            String pipeline, Source source, List<String> objects, Topic topic, Stores stores, IngestOptions options) {}

    private static final Logger LOG = LoggerFactory.getLogger(StreamSession.class);
    private static final long BUDGET_LOOK_MILLIS = 100;
    private static final long WORKERS_END_MILLIS = 30_000;

    private final Parts parts;
    private final Topic topic;
    private final IngestOptions options;
    private final StreamingSource source;
    private final Executor executor;
    private final ReloadRequests reloads;
    private final Counters counters;
    private final BooleanSupplier stopped;
    private final LongSupplier consumed;
    private final NewObjects newObjects;
    private final Journal journal;
    private final BatchWriter writer;
    private LoadBook book;
    private volatile LoadBook openBook;
    private LoadWork.Context work;
    private ChunkReaders readers;
    private StreamTap tap;
    private StreamReader reader;
    private byte[] acknowledged;
    private long keptAliveAtNanos = System.nanoTime();
    private byte[] storedOffset;
    private long storedAtNanos = System.nanoTime();
    private LogRoom room;
    private Set<TableName> reloading = Set.of();
    private long reloadingIndex;
    private volatile String waiting = "";
    private volatile boolean backPressure;

    StreamSession(
            Parts parts,
            NewObjects newObjects,
            Executor executor,
            ReloadRequests reloads,
            Counters counters,
            BooleanSupplier stopped,
            LongSupplier consumed) {
        this.parts = parts;
        this.newObjects = newObjects;
        this.topic = parts.topic();
        this.options = parts.options();
        this.source = (StreamingSource) parts.source();
        this.executor = executor;
        this.reloads = reloads;
        this.counters = counters;
        this.stopped = stopped;
        this.consumed = consumed;
        this.journal = new Journal(topic, parts.stores().offsets(), options.offsetMillis());
        this.writer = new BatchWriter();
    }

    /** The book once the stream is open, null before; any thread. */
    LoadBook book() {
        return openBook;
    }

    /** Why the stream is not reading now, empty while it is; any thread. */
    String waiting() {
        return waiting;
    }

    boolean backPressure() {
        return backPressure;
    }

    /**
     * @param opened called when the stream is open
     * @return whether it has ended in order for new objects to join in the next one; else because it was told to stop
     */
    boolean run(Runnable opened) throws InterruptedException {
        try {
            open();
            opened.run();
            while (!stopped.getAsBoolean() && !givesWay()) {
                turn();
            }
            endWorkers();
            journal.finish(consumed.getAsLong());
            acknowledgeDurable();
            settleReloads();
            return !stopped.getAsBoolean();
        } finally {
            endWorkers();
            closeLogged("chunk readers", readers);
            closeLogged("stream", reader);
        }
    }

    /** Wakes a run that waits; any thread. */
    void wake() {
        LoadBook current = openBook;
        if (current != null) {
            current.lock().change(() -> {});
        }
    }

    // ---- start

    private void open() throws InterruptedException {
        Barrier barrier = new Barrier(Barrier.ALL_RULES);
        Map<String, byte[]> entries = journal.restore(barrier, BatchReader::new);
        List<SourceObject> chosen = newObjects.choose(table -> LoadRestore.begun(table, entries));
        List<TableName> names = chosen.stream().map(SourceObject::table).toList();
        reloads.restore();
        Map<String, Optional<byte[]>> delta = new LinkedHashMap<>();
        byte[] offset = entries.get(ProgressCodec.STREAM);
        if (offset == null) {
            offset = source.prepare(names);
            delta.put(ProgressCodec.STREAM, Optional.of(offset));
        }
        List<TableLoad> loads = LoadRestore.chosen(chosen, entries, delta, (ChunkedSource) parts.source());
        if (!delta.isEmpty()) {
            journal.append(writer.finish(parts.stores().clock().millis(), false, true, OffsetDelta.NONE), delta, null);
        }
        book = new LoadBook(journal, barrier, loads, options.chunkWorkers(), counters);
        room = new LogRoom(book, journal, writer, parts.stores().clock(), consumed);
        book.startAt(offset);
        storedOffset = offset;
        acknowledged = offset;
        readers = new ChunkReaders((ChunkedSource) parts.source());
        work = new LoadWork.Context(book, readers, parts.stores(), reloads, options, this::submitJobs);
        tap = new StreamTap(book, parts.stores().schemas(), reloads);
        reader = source.openStream(names, offset, tap);
        openBook = book;
        newObjects.opened();
        counters.opened();
        LOG.info("{}: streaming {} tables from {}", parts.pipeline(), names.size(), source.describe(offset));
    }

    // ---- turns

    /** Whether new objects wait, and the stream stands between transactions with no chunk being read. */
    private boolean givesWay() {
        return newObjects.ready(book.streamOffset())
                && book.atTransactionEnd()
                && book.jobs().idle();
    }

    private void turn() throws InterruptedException {
        counters.alive();
        book.jobs().throwFailure(parts.pipeline());
        newObjects.lookIfDue(executor);
        journal.settle(consumed.getAsLong());
        acknowledgeDurable();
        settleReloads();
        if (book.atTransactionEnd()) {
            applyReloads();
            completeLoads();
        }
        book.beginLoads(source);
        if (topic.overBudget()) {
            backPressure = true;
            waiting = "the log has used up its disk budget; reading goes on when the destination has caught up";
            keepAlive();
            room.make(this::submit);
            book.lock().await(stopped, BUDGET_LOOK_MILLIS);
            return;
        }
        backPressure = false;
        if (topic.crowded()) {
            waiting =
                    "an outsize row is on its way to the destination; reading goes on when it is there, or in half a minute";
            keepAlive();
            book.lock().await(stopped, BUDGET_LOOK_MILLIS);
            return;
        }
        submitJobs();
        room.noteSeen(options.idleAcknowledgeMillis());
        if (!book.jobs().tryDecode()) {
            keepAlive();
            book.jobs().awaitDecode(stopped, options.barrierSliceMillis());
            return;
        }
        waiting = "";
        StreamProgress progress;
        try {
            progress = reader.read(
                    writer, options.batchEvents(), options.batchBytes(), options.batchMillis(), idleMillis());
        } finally {
            book.jobs().decoded();
        }
        take(progress);
    }

    private long idleMillis() {
        return book.allLoaded() ? options.idleMillis() : Math.min(options.idleMillis(), 20);
    }

    private void take(StreamProgress progress) throws InterruptedException {
        LoadBook.Met met = tap.takeMet();
        long sinceStored = System.nanoTime() - storedAtNanos;
        // the end of a transaction that has begun in an earlier batch is told at once: its rows wait for it
        boolean ended = progress.endsTransaction() && !book.atTransactionEnd();
        boolean idle = progress.events() == 0 && !ended && met.isEmpty() && !book.droppedChanged();
        if (idle
                && (!progress.endsTransaction()
                        || same(progress.offset(), storedOffset)
                        || sinceStored < TimeUnit.MILLISECONDS.toNanos(options.idleAcknowledgeMillis()))) {
            if (progress.endsTransaction()) {
                book.idle(progress.offset());
            }
            return;
        }
        if (progress.events() > 0) {
            counters.committed(writer.modifiedAtMicros());
        }
        EncodedBatch batch =
                writer.finish(parts.stores().clock().millis(), false, progress.endsTransaction(), OffsetDelta.NONE);
        append(batch, progress.transactions(), progress.offset(), progress.endsTransaction(), met);
    }

    /** Appends when every chunk in flight sees the batch's transactions; the connection is kept alive while it waits for that. */
    private void append(EncodedBatch batch, long[] transactions, byte[] offset, boolean ends, LoadBook.Met met)
            throws InterruptedException {
        while (!book.tryAppendStream(batch, transactions, offset, ends, met)) {
            if (stopped.getAsBoolean()) {
                // not appended, not acknowledged: the source sends it again
                return;
            }
            book.jobs().throwFailure(parts.pipeline());
            journal.settle(consumed.getAsLong());
            acknowledgeDurable();
            waiting = "changes are held back until a chunk has been read";
            keepAlive();
            book.awaitMayAppend(transactions, stopped, options.barrierSliceMillis());
        }
        waiting = "";
        storedOffset = offset;
        storedAtNanos = System.nanoTime();
    }

    /** Tells the source that we are here, while nothing is read. */
    private void keepAlive() {
        counters.alive();
        if (System.nanoTime() - keptAliveAtNanos >= TimeUnit.MILLISECONDS.toNanos(options.barrierSliceMillis())) {
            reader.acknowledge(acknowledged);
            keptAliveAtNanos = System.nanoTime();
        }
    }

    private void acknowledgeDurable() {
        byte[] durable = journal.durableStream();
        if (durable != null && !same(durable, acknowledged)) {
            FaultPoint.BEFORE_ACKNOWLEDGE.pass();
            reader.acknowledge(durable);
            acknowledged = durable;
            FaultPoint.AFTER_ACKNOWLEDGE.pass();
        }
    }

    private void applyReloads() throws InterruptedException {
        if (!reloading.isEmpty()) {
            return;
        }
        Set<TableName> tables = reloads.waiting();
        Set<TableName> known = new HashSet<>(tables);
        known.removeIf(table -> !book.knows(table));
        reloads.tellUnknown(known, book.status());
        if (!known.isEmpty()) {
            EncodedBatch empty = writer.finish(parts.stores().clock().millis(), false, true, OffsetDelta.NONE);
            append(empty, new long[0], book.streamOffset(), true, new LoadBook.Met(Map.of(), known));
        }
        reloads.applied(tables);
        reloading = tables;
        reloadingIndex = topic.appendedIndex();
    }

    private void settleReloads() {
        if (!reloading.isEmpty() && topic.durableIndex() >= reloadingIndex) {
            reloads.done(reloading);
            reloading = Set.of();
        }
    }

    private void completeLoads() {
        for (TableLoad load : book.completable(source)) {
            writer.beginTransaction(0, Long.MIN_VALUE, "load:" + load.generation + ":completed", 0);
            writer.control(Operation.LOAD_COMPLETED, writer.schema(load.schema));
            long now = parts.stores().clock().millis();
            book.appendCompleted(load, writer.finish(now, true, true, OffsetDelta.NONE), now);
            LOG.info("{}: table {} is loaded, {} rows", parts.pipeline(), load.table, load.rows);
        }
        if (book.allLoaded()) {
            readers.closeIdle();
        }
    }

    /** Hands out the jobs that can begin; also called by workers when they have made new ones possible. */
    private void submitJobs() {
        if (topic.overBudget() || topic.crowded() || newObjects.ready(book.streamOffset())) {
            return;
        }
        for (LoadWork.Job job = book.jobs().next();
                job != null;
                job = book.jobs().next()) {
            submit(job);
        }
    }

    private void submit(LoadWork.Job job) {
        try {
            executor.execute(new LoadWork(work, job));
        } catch (RejectedExecutionException e) {
            LOG.debug("No worker takes a chunk now; tried again later", e);
            book.jobs().end(job, job, false, options.barrierSliceMillis());
        }
    }

    /** What the consumer has to be past, and no more, for the topic to be released up to it; any thread. */
    long releasable() {
        return journal.releasable();
    }

    // ---- end

    /** Makes what workers do void and waits for them, in bounded time; an interrupt is kept for the caller. */
    private void endWorkers() {
        if (book == null) {
            return;
        }
        book.jobs().close();
        boolean interrupted = Thread.interrupted();
        try {
            if (!book.jobs().awaitNoneRunning(WORKERS_END_MILLIS)) {
                LOG.warn(
                        "{}: chunks are still being read {} ms after the end of the run",
                        parts.pipeline(),
                        WORKERS_END_MILLIS);
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeLogged(String what, AutoCloseable open) {
        if (open == null) {
            return;
        }
        try {
            open.close();
        } catch (Exception e) {
            LOG.warn("{}: the {} could not be closed", parts.pipeline(), what, e);
        }
    }

    private static boolean same(byte[] a, byte[] b) {
        return Arrays.equals(a, b);
    }
}
