package dev.millrace.ingest.engine;

import dev.millrace.ingest.engine.LoadStatus.State;
import dev.millrace.ingest.source.Snapshot;
import dev.millrace.ingest.source.StreamingSource;
import dev.millrace.storage.batch.EncodedBatch;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * One run's loads under its stream: every append of the stream and of the workers goes through here under one lock, with the change of
 * state that belongs to it in the same step and in the batch's delta. A batch's append and its delta therefore never part, deltas stand in
 * the log in the order in which they were made, and the state after a crash is what the durable log says.
 *
 * <p>No method blocks but for the lock and for a topic's append under it. When an append throws, the state here is ahead of the log: the
 * run ends, and the next one begins from the log.
 */
final class LoadBook {
    private final LoadLock lock = new LoadLock();
    private final Journal journal;
    private final Barrier barrier;
    private final JobBoard.PruneClock prunes;
    private final JobBoard jobs;
    private final LoadStarts starts;
    private final Map<TableName, TableLoad> tables = new LinkedHashMap<>();
    private final Counters counters;
    private byte[] streamOffset;
    private long seenNoted;
    private volatile boolean filtering;

    LoadBook(Journal journal, Barrier barrier, List<TableLoad> loads, int workers, Counters counters) {
        this.journal = journal;
        this.barrier = barrier;
        this.counters = counters;
        prunes = new JobBoard.PruneClock(barrier);
        jobs = new JobBoard(lock, loads, prunes, workers);
        starts = new LoadStarts(lock, loads, barrier.keeps(Barrier.Rule.START));
        loads.forEach(load -> tables.put(load.table, load));
        refreshFiltering();
    }

    JobBoard jobs() {
        return jobs;
    }

    LoadLock lock() {
        return lock;
    }

    // ---- workers: snapshots

    /** To be called before a snapshot is taken that shall {@link #enter}, which is given what this returns; ended by {@link #asked}. */
    int asks() {
        return lock.read(barrier::asks);
    }

    void asked() {
        lock.read(() -> {
            barrier.asked();
            return null;
        });
    }

    /** Puts the job's chunk in flight with this snapshot; false: take another one. */
    boolean enter(LoadWork.Job job, Snapshot snapshot, int asked) {
        return lock.change(() -> {
            jobs.check(job);
            boolean entered = barrier.enter(snapshot, asked);
            prunes.pruned();
            if (entered && job.kind() == LoadWork.Kind.START) {
                job.load().piece = snapshot;
            }
            return entered;
        });
    }

    /** The chunk is no longer in flight, appended or not. */
    void leave(Snapshot snapshot) {
        lock.change(() -> barrier.leave(snapshot));
    }

    void prune(Snapshot snapshot) {
        lock.change(() -> prunes.prune(snapshot));
    }

    // ---- workers: progress

    record Plan(byte[] after, long rows) {}

    Plan plan(LoadWork.Job job, long chunkBytes) {
        return lock.read(() -> {
            jobs.check(job);
            return new Plan(job.load().planPosition(), job.load().rowsPerChunk(chunkBytes));
        });
    }

    /** The job's range: from the plan's position up to this key, null for the rest. */
    LoadWork.Job planned(LoadWork.Job job, byte[] upTo) {
        return lock.change(() -> {
            jobs.check(job);
            return new LoadWork.Job(
                    job.kind(), job.load(), job.generation(), job.load().planned(upTo), List.of());
        });
    }

    /** Appends LOAD_STARTED. */
    void appendStarted(LoadWork.Job job, Schema schema, EncodedBatch batch, long nowMillis) {
        lock.change(() -> {
            jobs.check(job);
            job.load().started(schema, nowMillis);
            appendLoad(batch, progress(job.load()));
        });
    }

    /** The version of the shape in which the job's load began. */
    int startedVersion(LoadWork.Job job) {
        return lock.read(() -> {
            jobs.check(job);
            return job.load().schemaVersion;
        });
    }

    /** Appends a part of the job's rows that is not its last. */
    void appendPart(LoadWork.Job job, EncodedBatch batch) {
        lock.change(() -> {
            jobs.check(job);
            appendLoad(batch, Map.of());
            job.load().partAppended(job, batch.header().eventCount());
        });
    }

    /** Appends the job's last rows with the progress they make; the chunk leaves the flight in the same step. */
    void appendLast(LoadWork.Job job, Snapshot snapshot, EncodedBatch batch, long rows, long bytes) {
        lock.change(() -> {
            jobs.check(job);
            TableLoad load = job.load();
            load.forgetParts(job);
            Map<String, Optional<byte[]>> delta = new LinkedHashMap<>();
            switch (job.kind()) {
                case START -> load.pieceLanded(rows);
                case CHUNK -> load.landed(job.range(), rows, bytes);
                case REREAD -> {
                    load.landed(job.rereads());
                    job.rereads()
                            .forEach(
                                    each -> delta.put(ProgressCodec.reread(load.table, each.number), Optional.empty()));
                }
                case SETTLE, PRUNE -> throw new IllegalStateException("reads no rows");
            }
            if (job.kind() != LoadWork.Kind.REREAD) {
                delta.putAll(progress(load));
            }
            appendLoad(batch, delta);
            barrier.leave(snapshot);
        });
    }

    /** All of the table has landed, and this snapshot was taken behind it. */
    void settled(LoadWork.Job job, Snapshot snapshot, Schema schema) {
        lock.change(() -> {
            jobs.check(job);
            prunes.prune(snapshot);
            job.load().settled(snapshot, schema);
        });
    }

    private void appendLoad(EncodedBatch batch, Map<String, Optional<byte[]>> delta) {
        journal.append(batch, delta, null);
        counters.read(batch.header().eventCount(), batch.header().rawLength());
    }

    private static Map<String, Optional<byte[]>> progress(TableLoad load) {
        Map<String, Optional<byte[]>> delta = new LinkedHashMap<>();
        delta.put(ProgressCodec.load(load.table), Optional.of(ProgressCodec.encode(load)));
        return delta;
    }

    // ---- the stream's thread only

    /** Where the stream stands at the start of the run; all before it is appended. */
    void startAt(byte[] offset) {
        lock.change(() -> {
            streamOffset = offset;
        });
    }

    void admit(long transactionId) {
        lock.read(() -> {
            barrier.admit(transactionId);
            return null;
        });
    }

    /** Whether an event goes into the topic; the answer holds for all of the transaction's events on the table. */
    boolean wants(TableName table, long transactionId) {
        if (!filtering) {
            return true;
        }
        return lock.read(() -> {
            TableLoad load = tables.get(table);
            if (load == null || !load.filtersEvents()) {
                return true;
            }
            if (load.piece == null) {
                barrier.dropped(transactionId);
                return false;
            }
            return !load.piece.sees(transactionId);
        });
    }

    boolean droppedChanged() {
        return lock.read(barrier::droppedChanged);
    }

    /** A row got this key in this transaction. */
    record Move(long transactionId, byte[] newKey) {}

    /** What the stream met while it decoded a batch. */
    record Met(Map<TableName, List<Move>> moved, Set<TableName> contentChanged) {
        static final Met NOTHING = new Met(Map.of(), Set.of());

        boolean isEmpty() {
            return moved.isEmpty() && contentChanged.isEmpty();
        }
    }

    /** As {@link dev.millrace.storage.log.Topic#crowded}; any thread. */
    boolean crowded() {
        return journal.crowded();
    }

    /**
     * Appends a batch of the stream, unless a chunk in flight does not see one of its transactions.
     *
     * @return false: not appended; try again when something has changed
     */
    boolean tryAppendStream(EncodedBatch batch, long[] transactions, byte[] offset, boolean ends, Met met) {
        return lock.change(() -> {
            if (!barrier.mayAppend(transactions)) {
                return false;
            }
            Map<String, Optional<byte[]>> delta = new LinkedHashMap<>();
            delta.put(ProgressCodec.STREAM, Optional.of(offset));
            met.moved().forEach((table, keys) -> moved(delta, tables.get(table), keys));
            met.contentChanged().forEach(table -> restart(delta, tables.get(table)));
            if (barrier.droppedChanged()) {
                delta.put(ProgressCodec.DROPPED, Optional.ofNullable(barrier.droppedUnseen()));
            }
            if (prunes.takeNews()) {
                putSeen(delta, barrier.horizon(journal.appendedIndex()));
            }
            barrier.appended(journal.append(batch, delta, ends));
            prunes.appended(batch.header().rawLength());
            streamOffset = offset;
            counters.read(batch.header().eventCount(), batch.header().rawLength());
            refreshFiltering();
            return true;
        });
    }

    private void putSeen(Map<String, Optional<byte[]>> delta, long horizon) {
        seenNoted = horizon;
        delta.put(
                ProgressCodec.SEEN,
                Optional.of(ByteBuffer.allocate(8).putLong(horizon).array()));
    }

    /**
     * Notes in an empty batch up to where every transaction has been seen by a snapshot, if that is news and keeps the topic from being released
     * up to {@code consumedIndex}: the stream's own batches note it too, but there may be none for long.
     */
    void noteSeen(Supplier<EncodedBatch> empty, long consumedIndex) {
        lock.change(() -> {
            long horizon = barrier.horizon(journal.appendedIndex() + 1);
            if (seenNoted < consumedIndex && horizon > seenNoted) {
                Map<String, Optional<byte[]>> delta = new LinkedHashMap<>();
                putSeen(delta, horizon);
                journal.append(empty.get(), delta, null);
            }
        });
    }

    /** Waits until a batch with these transactions may be appended, for a failure, or for {@code stopped}, not longer than told. */
    boolean awaitMayAppend(long[] transactions, BooleanSupplier stopped, long millis) throws InterruptedException {
        return lock.await(
                () -> barrier.mayAppend(transactions) || jobs.failure() != null || stopped.getAsBoolean(), millis);
    }

    /**
     * Notes which of these keys have to be read again. Asked when the batch is appended and not when it was decoded: a move earlier in the
     * batch makes its row wrong until it is read again, and each that carries the row on from there has to be read again as well.
     */
    private void moved(Map<String, Optional<byte[]>> delta, TableLoad load, List<Move> moves) {
        for (Move move : moves) {
            if (barrier.keeps(Barrier.Rule.REREAD) && load.needsReread(move.transactionId())) {
                TableLoad.Reread reread = load.addReread(move.newKey());
                delta.put(ProgressCodec.reread(load.table, reread.number), Optional.of(move.newKey()));
            }
        }
        if (load.tooManyRereads()) {
            restart(delta, load);
        }
    }

    private static void restart(Map<String, Optional<byte[]>> delta, TableLoad load) {
        load.rereads.keySet().forEach(number -> delta.put(ProgressCodec.reread(load.table, number), Optional.empty()));
        load.restart();
        delta.putAll(progress(load));
    }

    /** The stream has passed everything up to {@code offset} without an event. */
    void idle(byte[] offset) {
        lock.change(() -> {
            streamOffset = offset;
        });
    }

    boolean atTransactionEnd() {
        return lock.read(journal::endsTransaction);
    }

    /** Tables whose loads have become whole: the stream stands at a transaction's end and has passed all they were read in. */
    List<TableLoad> completable(StreamingSource source) {
        return lock.read(() -> {
            if (!journal.endsTransaction()) {
                return List.of();
            }
            return tables.values().stream()
                    .filter(load -> load.settled != null && load.rereads.isEmpty())
                    .filter(load -> source.reached(streamOffset, load.settled.position()))
                    .toList();
        });
    }

    /** Lets loads begin whose time has come; asks the source where it stands when some are new. */
    void beginLoads(StreamingSource source) {
        starts.look(source, streamOffset);
    }

    /** Appends LOAD_COMPLETED for one of {@link #completable}. */
    void appendCompleted(TableLoad load, EncodedBatch batch, long nowMillis) {
        lock.change(() -> {
            load.completed(nowMillis);
            appendLoad(batch, progress(load));
            refreshFiltering();
        });
    }

    private void refreshFiltering() {
        filtering = tables.values().stream().anyMatch(TableLoad::filtersEvents);
    }

    // ---- any thread

    boolean knows(TableName table) {
        return tables.containsKey(table);
    }

    boolean allLoaded() {
        return lock.read(() -> tables.values().stream().allMatch(load -> load.state == State.LOADED));
    }

    /** The topic's last index, when every table is loaded and the stream has passed {@code position}; else -1. */
    long caughtUp(StreamingSource source, byte[] position) {
        return lock.read(() -> {
            boolean there = streamOffset != null && allLoaded() && source.reached(streamOffset, position);
            return there ? journal.appendedIndex() : -1L;
        });
    }

    byte[] streamOffset() {
        return lock.read(() -> streamOffset);
    }

    List<LoadStatus> status() {
        return lock.read(() -> tables.values().stream().map(TableLoad::status).toList());
    }
}
