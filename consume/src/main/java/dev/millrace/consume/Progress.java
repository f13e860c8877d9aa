package dev.millrace.consume;

import dev.millrace.storage.event.TableName;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A consumer's figures: written by its thread once a window, read and waited on by any. */
final class Progress {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition moved = lock.newCondition();
    private final Map<TableName, Long> tables = new HashMap<>();
    private ConsumeStatus.State state = ConsumeStatus.State.NEW;
    private volatile long aliveAtNanos = System.nanoTime();
    private volatile boolean cameUp;
    private String why = "";
    private final Map<TableName, Long> passedOver = new HashMap<>();
    private long rowsLoaded;
    private long eventsApplied;
    private long windows;
    private long eventsLost;
    private long appliedIndex;
    private boolean microBatches;
    private long lastCommitMillis;
    private long lastModifiedAtMicros = Long.MIN_VALUE;
    private long takenAtMicros = Long.MAX_VALUE;

    void begun(long index) {
        lock.lock();
        try {
            appliedIndex = index;
            cameUp = true;
            why = "";
            moved.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void lost(long events) {
        lock.lock();
        try {
            eventsLost = events;
        } finally {
            lock.unlock();
        }
    }

    void state(ConsumeStatus.State newState) {
        aliveAtNanos = System.nanoTime();
        lock.lock();
        try {
            state = newState;
        } finally {
            lock.unlock();
        }
    }

    /** Whether that is a change. */
    boolean microBatches(boolean now) {
        lock.lock();
        try {
            boolean changed = microBatches != now;
            microBatches = now;
            return changed;
        } finally {
            lock.unlock();
        }
    }

    /** The oldest of what was taken out of the log and isn't applied; {@link Long#MAX_VALUE} none. A failure leaves it as it is. */
    void taken(long oldestAtMicros) {
        lock.lock();
        try {
            takenAtMicros = oldestAtMicros;
        } finally {
            lock.unlock();
        }
    }

    void alive() {
        aliveAtNanos = System.nanoTime();
    }

    void failed(String reason) {
        lock.lock();
        try {
            state = ConsumeStatus.State.FAILED;
            why = reason;
        } finally {
            lock.unlock();
        }
    }

    /** Failed events were replayed. */
    void replayed(Tables loaded) {
        lock.lock();
        try {
            count(loaded);
        } finally {
            lock.unlock();
        }
    }

    private void count(Tables loaded) {
        for (TableState table : loaded.all()) {
            if (table.rows > 0) {
                tables.merge(table.mapping.source(), table.rows, Long::sum);
                rowsLoaded += table.rows;
                table.rows = 0;
            }
            if (table.passed > 0) {
                passedOver.merge(table.mapping.source(), table.passed, Long::sum);
                table.passed = 0;
            }
        }
    }

    void loaded(Window window, Tables loaded, long nowMillis, long modifiedAtMicros) {
        lock.lock();
        try {
            count(loaded);
            eventsApplied += window.events();
            windows++;
            lastCommitMillis = nowMillis;
            lastModifiedAtMicros = Math.max(lastModifiedAtMicros, modifiedAtMicros);
        } finally {
            lock.unlock();
        }
    }

    /** All that stands up to there is done with, for those who wait for it. */
    void applied(long index) {
        lock.lock();
        try {
            appliedIndex = index;
            moved.signalAll();
        } finally {
            lock.unlock();
        }
    }

    long appliedIndex() {
        lock.lock();
        try {
            return appliedIndex;
        } finally {
            lock.unlock();
        }
    }

    boolean await(long index, long timeoutNanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = timeoutNanos;
            while (appliedIndex < index) {
                if (left <= 0) {
                    return false;
                }
                left = moved.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** @param gatheredAtMicros the oldest of what is not taken yet */
    ConsumeStatus status(long gatheredAtMicros) {
        lock.lock();
        try {
            return new ConsumeStatus(
                    state,
                    rowsLoaded,
                    eventsApplied,
                    eventsLost,
                    windows,
                    appliedIndex,
                    lastCommitMillis,
                    lastModifiedAtMicros,
                    microBatches,
                    Math.min(takenAtMicros, gatheredAtMicros),
                    tables,
                    passedOver,
                    why);
        } finally {
            lock.unlock();
        }
    }

    long aliveAtNanos() {
        return aliveAtNanos;
    }

    boolean cameUp() {
        return cameUp;
    }
}
