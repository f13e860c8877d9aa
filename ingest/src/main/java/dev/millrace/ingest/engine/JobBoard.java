package dev.millrace.ingest.engine;

import dev.millrace.config.error.MillraceException;
import dev.millrace.ingest.source.Snapshot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands out a run's jobs, a few at a time and table by table in turn, and ends them: gives undone ones back, keeps the first failure,
 * interrupts the workers at the run's end. Also lets a worker ask the stream to pause its decoding for the moment of a snapshot. Any
 * thread, under the run's {@link LoadLock}.
 */
final class JobBoard {
    private static final Logger LOG = LoggerFactory.getLogger(JobBoard.class);

    private final LoadLock lock;
    private final List<TableLoad> tables;
    private final PruneClock prunes;
    private final int workers;
    private final List<LoadWork.Job> begun = new ArrayList<>();
    private final Map<LoadWork.Job, Thread> running = new LinkedHashMap<>();
    private int turn;
    private long notBeforeNanos = System.nanoTime();
    private boolean closing;
    private Throwable failure;
    private int holds;
    private boolean decoding;

    JobBoard(LoadLock lock, List<TableLoad> tables, PruneClock prunes, int workers) {
        this.lock = lock;
        this.tables = List.copyOf(tables);
        this.prunes = prunes;
        this.workers = workers;
    }

    /** The next job to hand to a worker, null when there is none or enough are under way. */
    LoadWork.Job next() {
        return lock.read(() -> {
            if (closing || failure != null || begun.size() >= workers || System.nanoTime() - notBeforeNanos < 0) {
                return null;
            }
            LoadWork.Job job =
                    prunes.due() ? new LoadWork.Job(LoadWork.Kind.PRUNE, null, 0, null, List.of()) : nextOfTables();
            if (job != null) {
                begun.add(job);
            }
            return job;
        });
    }

    /** A snapshot of its own for what waits to be seen, however little; null when nothing does, or it was tried a moment ago. */
    LoadWork.Job prune() {
        return lock.read(() -> {
            if (closing || failure != null || !prunes.wanted()) {
                return null;
            }
            LoadWork.Job job = new LoadWork.Job(LoadWork.Kind.PRUNE, null, 0, null, List.of());
            begun.add(job);
            return job;
        });
    }

    private LoadWork.Job nextOfTables() {
        for (int i = 0; i < tables.size(); i++) {
            int place = (turn + i) % tables.size();
            LoadWork.Job job = tables.get(place).nextJob();
            if (job != null) {
                turn = place + 1;
                return job;
            }
        }
        return null;
    }

    /** The worker's thread takes the job up; false: the run is over. */
    boolean begin(LoadWork.Job job) {
        return lock.change(() -> {
            if (closing) {
                begun.remove(job);
                return false;
            }
            running.put(job, Thread.currentThread());
            return true;
        });
    }

    /**
     * The worker has left the job {@code taken}, which has become {@code left}; undone, it is there to be taken again. New jobs begin after
     * {@code pauseMillis} at the earliest.
     */
    void end(LoadWork.Job taken, LoadWork.Job left, boolean done, long pauseMillis) {
        lock.change(() -> {
            running.remove(taken);
            begun.remove(taken);
            if (left.kind() == LoadWork.Kind.PRUNE) {
                prunes.ended();
            } else {
                left.load().ended(left, done);
            }
            if (pauseMillis > 0) {
                notBeforeNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(pauseMillis);
            }
        });
    }

    void failed(Throwable cause) {
        lock.change(() -> {
            if (!closing && failure == null) {
                failure = cause;
            }
        });
    }

    /** Throws the first failure of a worker, if there is one. */
    void throwFailure(String pipeline) throws InterruptedException {
        Throwable first = failure();
        if (first instanceof MillraceException known) {
            throw known;
        }
        if (first instanceof Error error) {
            throw error;
        }
        if (first instanceof InterruptedException) {
            throw new InterruptedException("a chunk worker was interrupted");
        }
        if (first != null) {
            throw MillraceException.internal(
                    "LOAD_FAILED", "Pipeline '" + pipeline + "' could not read a chunk", first.toString(), first);
        }
    }

    /** Whether no job is handed out. */
    boolean idle() {
        return lock.read(begun::isEmpty);
    }

    /** The first failure of a worker, null for none. */
    Throwable failure() {
        return lock.read(() -> failure);
    }

    /** Ends the run for the workers: what they do is void, and they are interrupted. */
    void close() {
        lock.change(() -> {
            closing = true;
            running.values().forEach(Thread::interrupt);
        });
    }

    boolean closing() {
        return lock.read(() -> closing);
    }

    /** Waits for the run's end, not longer than told; whether it has come. */
    boolean awaitClosing(long millis) throws InterruptedException {
        return lock.await(() -> closing, millis);
    }

    boolean awaitNoneRunning(long millis) throws InterruptedException {
        return lock.await(running::isEmpty, millis);
    }

    /** Under the lock: throws when what the job does is void. */
    void check(LoadWork.Job job) {
        if (closing || job.load() != null && job.generation() != job.load().generation) {
            throw new StaleJobException();
        }
    }

    /** Asks the stream not to decode further until {@link #releaseHold}; waits for that, not longer than told. */
    void hold(long millis) throws InterruptedException {
        lock.change(() -> {
            holds++;
        });
        try {
            if (!lock.await(() -> !decoding || closing, millis)) {
                LOG.debug("The stream decodes for longer than {} ms; a snapshot is taken beside it", millis);
            }
        } catch (InterruptedException e) {
            releaseHold();
            throw e;
        }
    }

    void releaseHold() {
        lock.change(() -> {
            holds--;
        });
    }

    /** The stream: whether decoding may go on now; if so it counts as decoding until {@link #decoded}. */
    boolean tryDecode() {
        return lock.read(() -> {
            decoding = holds == 0;
            return decoding;
        });
    }

    /** The stream, when it may not decode: waits for that to end, for a failure, or for {@code stopped}, not longer than told. */
    void awaitDecode(BooleanSupplier stopped, long millis) throws InterruptedException {
        if (!lock.await(() -> holds == 0 || failure != null || stopped.getAsBoolean(), millis)) {
            LOG.debug("Decoding has been held for {} ms", millis);
        }
    }

    void decoded() {
        lock.change(() -> {
            decoding = false;
        });
    }

    /** Tells when the barrier's memory of transactions is worth a snapshot of its own. Under the lock. */
    static final class PruneClock {
        private static final int UNSEEN = 20_000;
        private static final int BATCHES = 1_000;
        private static final long BYTES = 64L << 20;
        private static final long NANOS = TimeUnit.SECONDS.toNanos(60);
        private static final long WANTED_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

        private final Barrier barrier;
        private boolean begun;
        private boolean news;
        private int batches;
        private long bytes;
        private long atNanos = System.nanoTime();

        PruneClock(Barrier barrier) {
            this.barrier = barrier;
        }

        void prune(Snapshot snapshot) {
            barrier.prune(snapshot);
            pruned();
        }

        void pruned() {
            news = true;
            batches = 0;
            bytes = 0;
            atNanos = System.nanoTime();
        }

        void appended(long batchBytes) {
            batches++;
            bytes += batchBytes;
        }

        /** Whether a snapshot has pruned since this was last asked. */
        boolean takeNews() {
            boolean had = news;
            news = false;
            return had;
        }

        private boolean due() {
            boolean due = !begun
                    && barrier.unseenCount() > 0
                    && (barrier.unseenCount() >= UNSEEN
                            || batches >= BATCHES
                            || bytes >= BYTES
                            || System.nanoTime() - atNanos >= NANOS);
            begun |= due;
            return due;
        }

        private boolean wanted() {
            boolean wanted = !begun && barrier.unseenCount() > 0 && System.nanoTime() - atNanos >= WANTED_NANOS;
            begun |= wanted;
            return wanted;
        }

        private void ended() {
            begun = false;
        }
    }
}
