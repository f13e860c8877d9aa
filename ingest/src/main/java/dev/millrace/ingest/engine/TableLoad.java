package dev.millrace.ingest.engine;

import dev.millrace.ingest.engine.LoadStatus.State;
import dev.millrace.ingest.source.Snapshot;
import dev.millrace.ingest.source.SourceObject;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * One table's historical load: its state, the ranges planned, done and in flight, the keys to be read again. The plan grows from the
 * lowest key upwards; everything up to {@code low} is in the topic, ranges behind it may be done out of order.
 *
 * <p>PENDING → (stream has passed {@link #startBehind}; LOAD_STARTED) → LOADING → (every range appended) → CATCHING_UP → (stream has passed the settling snapshot) → LOADED. Any
 * state goes back to PENDING with the next generation when the table is to be loaded again.
 *
 * <p>No lock and no I/O of its own: every call is under {@link LoadBook}'s lock.
 */
final class TableLoad {
    private static final int MOST_RANGES = 64;
    private static final int REREADS_PER_JOB = 100;
    private static final int MOST_REREADS = 100_000;
    private static final long FEWEST_ROWS = 1_000;
    private static final long MOST_ROWS = 250_000;

    /** Open below, closed above; null is no bound. */
    static final class Range {
        final long number;
        final byte[] after;
        final byte[] upTo;
        boolean flying;
        boolean done;

        Range(long number, byte[] after, byte[] upTo) {
            this.number = number;
            this.after = after;
            this.upTo = upTo;
        }
    }

    /** A key that an update moved a row to. */
    static final class Reread {
        final long number;
        final byte[] key;
        boolean flying;

        Reread(long number, byte[] key) {
            this.number = number;
            this.key = key;
        }
    }

    final TableName table;
    final boolean keyed;
    final long estimatedRows;
    int generation = 1;
    State state = State.PENDING;
    byte[] low;
    boolean lastPlanned;
    long nextRange = 1;
    long rows;
    /** The version of the shape in which the load began; 0 before. */
    int schemaVersion;

    long startedAtMillis;
    long endedAtMillis;
    /** PENDING: the position the stream has to have passed before the load begins; null until {@link LoadStarts} has asked for one. */
    byte[] startBehind;
    /** PENDING: the stream has passed it. */
    boolean mayStart;
    /** A table without a key: the snapshot its one piece was read in, from the piece's start until the table is loaded. */
    Snapshot piece;

    final List<Range> ranges = new ArrayList<>();
    final TreeMap<Long, Reread> rereads = new TreeMap<>();
    /** Sees every transaction that any landed chunk's snapshot sees; null until all have landed. */
    Snapshot settled;

    Schema schema;

    private boolean starting;
    private boolean planning;
    private boolean settling;
    /** A key to be read again has come up since the settling snapshot was asked for. */
    private boolean unsettled;

    private long rowBytes;
    private long partRows;

    TableLoad(SourceObject object) {
        table = object.table();
        keyed = object.keyed();
        estimatedRows = object.estimatedRows();
        rowBytes = object.estimatedRows() > 0 && object.estimatedBytes() > 0
                ? Math.max(1, object.estimatedBytes() / object.estimatedRows())
                : 256;
    }

    /** One bounded piece of work that can begin now, marked as begun; null when there is none. */
    LoadWork.Job nextJob() {
        if (state == State.PENDING) {
            if (starting || !mayStart) {
                return null;
            }
            starting = true;
            return new LoadWork.Job(LoadWork.Kind.START, this, generation, null, List.of());
        }
        if (keyed && state != State.LOADED && hasWaitingReread()) {
            return rereadJob();
        }
        if (state == State.LOADING && keyed) {
            return rangeJob();
        }
        if (state == State.CATCHING_UP && settled == null && rereads.isEmpty() && !settling) {
            settling = true;
            unsettled = false;
            return new LoadWork.Job(LoadWork.Kind.SETTLE, this, generation, null, List.of());
        }
        return null;
    }

    /** A part of a job's rows is in the topic; they count as read, until the job ends and is counted as a whole or not at all. */
    void partAppended(LoadWork.Job job, long events) {
        job.partAppended(events);
        partRows += events;
    }

    /** The job has ended; when it did not do what it was for, it may be begun again. */
    void ended(LoadWork.Job job, boolean done) {
        if (job.generation() != generation) {
            return;
        }
        forgetParts(job);
        if (!done) {
            giveBack(job);
        }
    }

    /** The job's parts no longer count by themselves. */
    void forgetParts(LoadWork.Job job) {
        partRows -= job.partRows();
        job.partAppended(-job.partRows());
    }

    private void giveBack(LoadWork.Job job) {
        switch (job.kind()) {
            case START -> starting = false;
            case SETTLE -> settling = false;
            case REREAD -> job.rereads().forEach(reread -> reread.flying = false);
            case CHUNK -> {
                if (job.range() == null) {
                    planning = false;
                } else {
                    job.range().flying = false;
                }
            }
            case PRUNE -> throw new IllegalStateException("belongs to no table");
        }
    }

    /** The planner found the next bound (null: no more): the range is its own to read. */
    Range planned(byte[] upTo) {
        Range range = new Range(nextRange++, planPosition(), upTo);
        range.flying = true;
        ranges.add(range);
        lastPlanned = upTo == null;
        planning = false;
        return range;
    }

    /** The key behind which the next range begins; null for the table's beginning. */
    byte[] planPosition() {
        return ranges.isEmpty() ? low : ranges.get(ranges.size() - 1).upTo;
    }

    /** LOAD_STARTED goes into the topic now. */
    void started(Schema current, long nowMillis) {
        state = State.LOADING;
        schema = current;
        schemaVersion = current.version();
        startedAtMillis = nowMillis;
        starting = false;
    }

    /** A range's last row goes into the topic now. */
    void landed(Range range, long read, long bytes) {
        range.done = true;
        range.flying = false;
        rows += read;
        if (read > 0) {
            rowBytes = Math.max(1, bytes / read);
        }
        while (!ranges.isEmpty() && ranges.get(0).done) {
            low = ranges.remove(0).upTo;
        }
        if (ranges.isEmpty() && lastPlanned) {
            state = State.CATCHING_UP;
        }
    }

    void pieceLanded(long read) {
        rows += read;
        state = State.CATCHING_UP;
    }

    void landed(List<Reread> done) {
        done.forEach(reread -> rereads.remove(reread.number));
    }

    /** The snapshot was taken after everything landed, unless something new has come up since, even if that has landed by now. */
    void settled(Snapshot snapshot, Schema current) {
        settling = false;
        schema = current;
        if (state == State.CATCHING_UP && rereads.isEmpty() && !unsettled) {
            settled = snapshot;
        }
    }

    /** Whether a key moved in this transaction has to be read again. */
    boolean needsReread(long transactionId) {
        return keyed && state != State.LOADED && (settled == null || settled.sees(transactionId));
    }

    Reread addReread(byte[] key) {
        long number = rereads.isEmpty() ? 1 : rereads.lastKey() + 1;
        Reread reread = new Reread(number, key);
        rereads.put(number, reread);
        settled = null;
        unsettled = true;
        return reread;
    }

    /** So many rows have moved that it is cheaper to read the table again. */
    boolean tooManyRereads() {
        return rereads.size() > MOST_REREADS;
    }

    void completed(long nowMillis) {
        state = State.LOADED;
        endedAtMillis = nowMillis;
        piece = null;
        settled = null;
    }

    /** Back to the beginning; what is in flight for the generation before is void. */
    void restart() {
        generation++;
        state = State.PENDING;
        low = null;
        lastPlanned = false;
        nextRange = 1;
        rows = 0;
        partRows = 0;
        schemaVersion = 0;
        startedAtMillis = 0;
        endedAtMillis = 0;
        startBehind = null;
        mayStart = false;
        piece = null;
        settled = null;
        starting = false;
        planning = false;
        settling = false;
        ranges.clear();
        rereads.clear();
    }

    /** Whether it is at its beginning and not yet allowed to begin. */
    boolean awaitsStart() {
        return state == State.PENDING && !mayStart;
    }

    /** Whether the stream's events on this table must be asked for one by one. */
    boolean filtersEvents() {
        return !keyed && state != State.LOADED;
    }

    long rowsPerChunk(long chunkBytes) {
        return Math.max(FEWEST_ROWS, Math.min(MOST_ROWS, chunkBytes / rowBytes));
    }

    LoadStatus status() {
        return new LoadStatus(table, state, rows + partRows, estimatedRows, startedAtMillis, endedAtMillis);
    }

    private boolean hasWaitingReread() {
        return rereads.values().stream().anyMatch(reread -> !reread.flying);
    }

    private LoadWork.Job rereadJob() {
        List<Reread> some = rereads.values().stream()
                .filter(reread -> !reread.flying)
                .limit(REREADS_PER_JOB)
                .toList();
        some.forEach(reread -> reread.flying = true);
        return new LoadWork.Job(LoadWork.Kind.REREAD, this, generation, null, some);
    }

    private LoadWork.Job rangeJob() {
        for (Range range : ranges) {
            if (!range.done && !range.flying) {
                range.flying = true;
                return new LoadWork.Job(LoadWork.Kind.CHUNK, this, generation, range, List.of());
            }
        }
        if (planning || lastPlanned || ranges.size() >= MOST_RANGES) {
            return null;
        }
        planning = true;
        return new LoadWork.Job(LoadWork.Kind.CHUNK, this, generation, null, List.of());
    }
}
