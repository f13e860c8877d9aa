package dev.millrace.consume;

import dev.millrace.storage.batch.BatchHeader;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.log.LogReader;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts a topic into windows and gathers the next one while the consumer loads the one before. A window takes what is durable, up to the
 * limits, and ends where no source transaction is open. It is there as soon as the log has no more: nothing waits for a fuller one. The
 * rest of an open transaction is waited for, and read past the limits, within bounds; what stands before it is not kept back for long.
 *
 * <p>Its thread owns the log's reader. The window under way is guarded by the lock, which is held while a batch is added to it and given
 * away with it. Hazards:
 *
 * <ul>
 *   <li>A window is taken only while its thread has found the log at its end, or the window full: else a consumer that is quicker than the
 *       gathering would get it in slices, and pay a transaction for each.
 *   <li>The limits are those of one window, but two are in memory; where one has outgrown them, the other waits until it is applied.
 *   <li>What was gathered before a failure is delivered before the failure is told, unless the failure has spoilt it.
 * </ul>
 */
final class Prefetch implements AutoCloseable {
    /** Gathers a part of a window that can't be cut any more once more. */
    @FunctionalInterface
    interface Again {
        Gathered gather(Window part) throws InterruptedException;
    }

    private static final Logger LOG = LoggerFactory.getLogger(Prefetch.class);

    /** How long a quiet log is waited on before the end is looked for; what is new in the log wakes it at once. */
    private static final long LOOK_MILLIS = 100;

    private static final long CLOSE_MILLIS = 30_000;

    /** Of the time for the rest of a transaction: after a start the source has to be reached before it can send that. */
    private static final int CUT_AFTER = 30;

    private static final long REST_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final LogReader log;
    private final ConsumeOptions options;
    private final WindowLimit limit;
    private final LongFunction<Gathered> gathered;
    private final Gatherer gatherer;
    private final Again again;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Thread thread;

    private Gathered open;
    /** A streamed transaction has begun and its last batch is not gathered yet. */
    private boolean transactionOpen;
    /** There was nothing more in the log when it was looked at last. */
    private boolean exhausted;

    private long exhaustedAtNanos;
    /** Bytes of the window that is being loaded. */
    private long loadingBytes;

    private boolean asked;
    private boolean closing;
    private Throwable failure;
    private volatile long oldestAtMicros = Long.MAX_VALUE;

    /**
     * @param gathered makes an empty window behind a log index
     * @param limit how large windows may be; the options still bound how much of one transaction is waited for, and what is in memory
     */
    Prefetch(
            String pipeline,
            LogReader log,
            Gatherer gatherer,
            ConsumeOptions options,
            WindowLimit limit,
            LongFunction<Gathered> gathered,
            Again again) {
        this.log = log;
        this.gatherer = gatherer;
        this.options = options;
        this.limit = limit;
        this.gathered = gathered;
        this.again = again;
        this.open = gathered.apply(log.index());
        this.thread = new Thread(this::gather, pipeline + "-gather");
        thread.setDaemon(true);
    }

    void start() {
        log.beforeOutsize(this::beAlone);
        thread.start();
    }

    /**
     * The next window; the one taken before is done with. Null when nothing came within the time.
     *
     * @throws RuntimeException what the gathering failed of: the log is damaged, or a row can't be applied
     */
    Gathered take(long timeoutMillis) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            loadingBytes = 0;
            asked = true;
            changed.signalAll();
            long left = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
            while (!ready()) {
                if (failure != null) {
                    open = wholePart();
                    transactionOpen = false;
                } else if (transactionOpen && open.anyWhole() && (beyondAll() || waitedForTheRest(1))) {
                    return cut();
                } else if (open.isEmpty() || exhausted) {
                    if (left <= 0) {
                        return null;
                    }
                    long slice = open.isEmpty() ? left : Math.min(left, REST_LOOK_NANOS);
                    left -= slice - changed.awaitNanos(slice);
                } else {
                    changed.await();
                }
            }
            return given(open, gathered.apply(open.lastIndex()));
        } finally {
            asked = false;
            lock.unlock();
        }
    }

    /** What stands before the open transaction, whose beginning is gathered next. */
    private Gathered cut() throws InterruptedException {
        Window window = open.window();
        open = gathered.apply(open.lastIndex()); // it may be as large as one can be: not beside what it is cut into
        return given(again.gather(window.whole().orElseThrow()), again.gather(window.rest()));
    }

    private Gathered given(Gathered taken, Gathered next) {
        open = next;
        oldestAtMicros = next.isEmpty() ? Long.MAX_VALUE : next.oldestAtMicros();
        loadingBytes = taken.bytes();
        changed.signalAll();
        return taken;
    }

    private boolean ready() {
        if (open.isEmpty()) {
            return false;
        }
        if (transactionOpen) {
            return beyondAll() ? !open.anyWhole() : failure == null && waitedForTheRest(CUT_AFTER);
        }
        return full() || exhausted || failure != null;
    }

    /** Whether the log has had no more for so many times {@link ConsumeOptions#windowMillis}. */
    private boolean waitedForTheRest(int times) {
        return exhausted
                && System.nanoTime() - exhaustedAtNanos
                        >= times * TimeUnit.MILLISECONDS.toNanos(options.windowMillis());
    }

    private boolean full() {
        return open.events() >= limit.rows() || open.bytes() >= limit.bytes();
    }

    private boolean beyondAll() {
        return open.events() / options.hardFactor() >= options.windowRows()
                || open.bytes() / options.hardFactor() >= options.windowBytes();
    }

    /** Whether the next batch has to wait until the window under way, or the one before it, is done with. */
    private boolean mayNotGoOn() {
        if (full() && !transactionOpen || beyondAll()) {
            return true;
        }
        return !asked && (loadingBytes + open.bytes()) / options.hardFactor() >= options.windowBytes();
    }

    /** The transaction that is open will not end any more: what stands before it is the last window, and not spoilt by its beginning. */
    private Gathered wholePart() throws InterruptedException {
        return again.gather(open.window().whole().orElseThrow(this::failed));
    }

    /** {@link Gathered#oldestAtMicros} of what is gathered and not taken yet. Any thread. */
    long oldestAtMicros() {
        return oldestAtMicros;
    }

    private RuntimeException failed() {
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof RuntimeException known) {
            return known;
        }
        return new IllegalStateException("the gathering of windows was broken off", failure);
    }

    private void gather() {
        try {
            long waitMillis = 0;
            while (awaitRoom()) {
                StoredBatch batch = log.next(waitMillis);
                waitMillis = batch == null ? LOOK_MILLIS : 0;
                took(batch);
            }
        } catch (RuntimeException | Error | InterruptedException e) {
            fail(e);
        }
    }

    /** False when there is nothing to go on for. */
    private boolean awaitRoom() throws InterruptedException {
        lock.lock();
        try {
            while (!closing && mayNotGoOn()) {
                changed.await();
            }
            return !closing;
        } finally {
            lock.unlock();
        }
    }

    /** Before a batch that hardly fits beside others: windows before it are given away and done with, but for its own transaction's beginning. */
    private void beAlone() throws InterruptedException {
        lock.lock();
        try {
            while (!closing && (loadingBytes > 0 || !open.isEmpty() && !transactionOpen)) {
                if (!transactionOpen && !exhausted) {
                    exhausted = true;
                    exhaustedAtNanos = System.nanoTime();
                    changed.signalAll();
                }
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** @param batch null when the log has no more */
    private void took(StoredBatch batch) {
        lock.lock();
        try {
            if (batch == null) {
                if (exhausted) {
                    return;
                }
                exhausted = true;
                exhaustedAtNanos = System.nanoTime();
            } else {
                exhausted = false;
                add(batch);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void add(StoredBatch batch) {
        boolean added = false;
        try {
            open.add(batch, gatherer);
            added = true;
        } finally {
            if (!added) {
                open = gathered.apply(open.lastIndex()); // half a batch is in it
            }
        }
        oldestAtMicros = open.oldestAtMicros();
        BatchHeader header = batch.header();
        if (!header.historicalLoad() && (header.eventCount() > 0 || header.endsTransaction())) {
            transactionOpen = !header.endsTransaction();
        }
        if (!transactionOpen) {
            open.whole();
        }
    }

    private void fail(Throwable cause) {
        lock.lock();
        try {
            failure = cause;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the thread; bounded. The log's reader may be closed then. */
    @Override
    public void close() {
        lock.lock();
        try {
            closing = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CLOSE_MILLIS);
        long left = CLOSE_MILLIS;
        while (thread.isAlive() && left > 0) {
            try {
                thread.join(left);
            } catch (InterruptedException e) {
                interrupted = true;
            }
            left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        }
        if (thread.isAlive()) {
            LOG.warn("{} still gathers after {} ms; it is left to end by itself", thread.getName(), CLOSE_MILLIS);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
