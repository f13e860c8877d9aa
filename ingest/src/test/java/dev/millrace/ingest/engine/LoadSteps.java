package dev.millrace.ingest.engine;

import dev.millrace.ingest.source.ChunkReader;
import dev.millrace.ingest.source.Snapshot;
import dev.millrace.ingest.source.SourceObject;
import dev.millrace.ingest.source.StreamProgress;
import dev.millrace.ingest.source.StreamReader;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.EncodedBatch;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.state.Schemas;
import dev.millrace.storage.state.StateOffsets;
import dev.millrace.storage.testing.MemoryState;
import dev.millrace.storage.testing.MemoryTopic;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * An engine's run cut into steps that one thread takes in any order: the real book, barrier, journal and codec, with the blocking parts of
 * the stream's thread and of the workers replaced by steps that may be refused. One object is one run; a crash is a new one.
 */
final class LoadSteps {
    private record Flight(LoadWork.Job job, Snapshot snapshot, Deque<EncodedBatch> batches, long rows) {}

    /** A job whose snapshot is taken and not yet in flight. */
    private record Asking(LoadWork.Job job, LoadWork.Job left, Snapshot snapshot, ChunkReader reader, int asked) {}

    private record Held(EncodedBatch batch, StreamProgress progress, LoadBook.Met met) {}

    private final FakeSource source;
    private final MemoryTopic topic;
    private final SplittableRandom random;
    private final Journal journal;
    private final LoadBook book;
    private final StreamTap tap;
    private final StreamReader stream;
    private final Schemas schemas;
    private final ReloadRequests reloads;
    private final BatchWriter streamWriter = new BatchWriter();
    private final List<Flight> flights = new ArrayList<>();
    private final List<Asking> asking = new ArrayList<>();
    private Held held;
    private Set<TableName> reloading = Set.of();
    private long reloadingIndex;

    LoadSteps(
            FakeSource source,
            MemoryTopic topic,
            MemoryState state,
            SplittableRandom random,
            Set<Barrier.Rule> rules,
            boolean remembers)
            throws InterruptedException {
        this.source = source;
        this.topic = topic;
        this.random = random;
        schemas = new Schemas(state, "test");
        journal = new Journal(topic, new StateOffsets(state, "test"), 0);
        Barrier barrier = new Barrier(rules);
        Map<String, byte[]> entries = journal.restore(remembers ? barrier : new Barrier(rules), BatchReader::new);
        List<TableLoad> loads = new ArrayList<>();
        Map<String, Optional<byte[]>> delta = new LinkedHashMap<>();
        byte[] offset = entries.get(ProgressCodec.STREAM);
        if (offset == null) {
            offset = source.prepare(List.of());
            delta.put(ProgressCodec.STREAM, Optional.of(offset));
        }
        for (SourceObject object : source.select(List.of())) {
            loads.add(LoadRestore.one(object, entries, source));
        }
        if (!delta.isEmpty()) {
            journal.append(new BatchWriter().finish(0, false, true, OffsetDelta.NONE), delta, null);
        }
        book = new LoadBook(journal, barrier, loads, 3, new Counters());
        book.startAt(offset);
        reloads = new ReloadRequests(state, "test");
        reloads.restore();
        tap = new StreamTap(book, schemas, reloads);
        stream = source.openStream(source.tables, offset, tap);
    }

    boolean finished() {
        return reloads.waiting().isEmpty()
                && book.allLoaded()
                && held == null
                && source.reached(book.streamOffset(), source.currentPosition());
    }

    /** The stream reads some, or tries again to append what it holds. */
    void stream() throws InterruptedException {
        if (held == null) {
            StreamProgress progress = stream.read(streamWriter, 1 + random.nextInt(12), 1 << 20, 0, 0);
            LoadBook.Met met = tap.takeMet();
            boolean idle = progress.events() == 0 && met.isEmpty() && !book.droppedChanged();
            if (idle && (!progress.endsTransaction() || random.nextInt(4) > 0)) {
                if (progress.endsTransaction()) {
                    book.idle(progress.offset());
                }
                return;
            }
            held = new Held(streamWriter.finish(0, false, progress.endsTransaction(), OffsetDelta.NONE), progress, met);
        }
        StreamProgress progress = held.progress();
        if (book.tryAppendStream(
                held.batch(), progress.transactions(), progress.offset(), progress.endsTransaction(), held.met())) {
            held = null;
        }
    }

    /** What the stream's thread does between reads. */
    void complete() {
        if (held != null) {
            return;
        }
        if (book.atTransactionEnd()) {
            applyReloads();
            book.completable(source).forEach(this::complete);
        }
        if (random.nextInt(3) > 0) {
            book.beginLoads(source);
        }
    }

    private void complete(TableLoad load) {
        BatchWriter writer = new BatchWriter();
        writer.beginTransaction(0, Long.MIN_VALUE, "completed", 0);
        writer.control(Operation.LOAD_COMPLETED, writer.schema(load.schema));
        book.appendCompleted(load, writer.finish(0, true, true, OffsetDelta.NONE), 1);
    }

    /** Asked for by a user, or because the table's content has changed without events. */
    void reload(TableName table) {
        reloads.add(table);
    }

    private void applyReloads() {
        Set<TableName> tables = reloads.waiting();
        if (!reloading.isEmpty() || tables.isEmpty()) {
            return;
        }
        EncodedBatch empty = new BatchWriter().finish(0, false, true, OffsetDelta.NONE);
        if (!book.tryAppendStream(empty, new long[0], book.streamOffset(), true, new LoadBook.Met(Map.of(), tables))) {
            throw new AssertionError("a batch without transactions was held back");
        }
        reloads.applied(tables);
        reloading = tables;
        reloadingIndex = topic.appendedIndex();
    }

    void settle() {
        topic.sync(topic.durableIndex() + random.nextInt(4));
        journal.settle(topic.durableIndex());
        if (!reloading.isEmpty() && topic.durableIndex() >= reloadingIndex) {
            reloads.done(reloading);
            reloading = Set.of();
        }
    }

    /** A worker takes a job and a snapshot for it, or goes on with one that it has. */
    void take() throws InterruptedException {
        if (asking.isEmpty() || random.nextInt(3) > 0) {
            begin();
        }
        if (!asking.isEmpty() && random.nextInt(3) > 0) {
            enter(asking.remove(random.nextInt(asking.size())));
        }
    }

    private void begin() throws InterruptedException {
        LoadWork.Job job = book.jobs().next();
        if (job == null || !book.jobs().begin(job)) {
            return;
        }
        ChunkReader reader = source.openChunkReader();
        if (job.kind() == LoadWork.Kind.START && job.load().keyed) {
            started(job, schemas.learn(job.load().table, reader.columns(job.load().table)), new BatchWriter());
            book.jobs().end(job, job, true, 0);
            return;
        }
        LoadWork.Job left = job;
        if (job.kind() == LoadWork.Kind.CHUNK && job.range() == null) {
            left = book.planned(
                    job,
                    reader.boundary(job.load().table, book.plan(job, 1).after(), 1)
                            .orElse(null));
        }
        int asked = book.asks();
        asking.add(new Asking(job, left, reader.begin(), reader, asked));
    }

    /** The job ends as far as the board goes: its chunk then lands, in parts. */
    private void enter(Asking taken) throws InterruptedException {
        LoadWork.Job job = taken.left();
        boolean done = false;
        try {
            Schema schema = schemas.learn(job.load().table, taken.reader().columns(job.load().table));
            if (job.kind() == LoadWork.Kind.SETTLE) {
                book.settled(job, taken.snapshot(), schema);
                done = true;
            } else if (book.enter(job, taken.snapshot(), taken.asked())) {
                flights.add(read(job, taken.snapshot(), taken.reader(), schema, new BatchWriter()));
                done = true;
            }
        } catch (StaleJobException e) {
            book.leave(taken.snapshot());
        } finally {
            book.asked();
        }
        book.jobs().end(taken.job(), job, done, 0);
    }

    private Flight read(LoadWork.Job job, Snapshot snapshot, ChunkReader reader, Schema schema, BatchWriter writer)
            throws InterruptedException {
        if (job.kind() == LoadWork.Kind.START) {
            started(job, schema, writer);
        }
        writer.beginTransaction(0, Long.MIN_VALUE, "rows", 0);
        Deque<EncodedBatch> batches = new ArrayDeque<>();
        Runnable full = () -> batches.add(writer.finish(0, true, true, OffsetDelta.NONE));
        long rows = 0;
        switch (job.kind()) {
            case START -> rows = reader.read(schema, null, null, writer, 1 + random.nextInt(60), full);
            case CHUNK ->
                rows = reader.read(schema, job.range().after, job.range().upTo, writer, 1 + random.nextInt(90), full);
            case REREAD -> {
                for (TableLoad.Reread reread : job.rereads()) {
                    rows += reader.readKey(schema, reread.key, writer);
                }
            }
            case SETTLE, PRUNE -> throw new IllegalStateException();
        }
        full.run();
        return new Flight(job, snapshot, batches, rows);
    }

    private void started(LoadWork.Job job, Schema schema, BatchWriter writer) {
        writer.beginTransaction(0, Long.MIN_VALUE, "started", 0);
        writer.control(Operation.LOAD_STARTED, writer.schema(schema));
        book.appendStarted(job, schema, writer.finish(0, true, true, OffsetDelta.NONE), 1);
    }

    /** A worker appends the next part of some chunk in flight. */
    void land() {
        if (flights.isEmpty()) {
            return;
        }
        Flight flight = flights.get(random.nextInt(flights.size()));
        try {
            EncodedBatch next = flight.batches().poll();
            if (!flight.batches().isEmpty()) {
                book.appendPart(flight.job(), next);
                return;
            }
            book.appendLast(flight.job(), flight.snapshot(), next, flight.rows(), 1);
        } catch (StaleJobException e) {
            book.leave(flight.snapshot());
        }
        flights.remove(flight);
    }
}
