package dev.millrace.storage.testing;

import dev.millrace.storage.batch.EncodedBatch;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.log.LogDamage;
import dev.millrace.storage.log.LogReader;
import dev.millrace.storage.log.Topic;
import dev.millrace.storage.log.TopicName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A topic in memory, whose batches become durable at once or when told, and which forgets, on {@link #cutPower}, those that are not.
 * Released batches can't be read through {@link #reader} any more. Thread-safe.
 */
public final class MemoryTopic implements Topic {
    private final List<StoredBatch> batches = new ArrayList<>();
    private final boolean durableAtOnce;
    private long durable;
    private long released;
    private volatile boolean overBudget;
    private volatile boolean crowded;

    /** What is appended is durable at once. */
    public MemoryTopic() {
        this(true);
    }

    /** @param durableAtOnce whether what is appended is durable without {@link #sync} */
    public MemoryTopic(boolean durableAtOnce) {
        this.durableAtOnce = durableAtOnce;
    }

    public synchronized void sync(long index) {
        durable = Math.max(durable, Math.min(index, batches.size()));
        notifyAll();
    }

    public synchronized void cutPower() {
        while (batches.size() > durable) {
            batches.remove(batches.size() - 1);
        }
    }

    public synchronized List<StoredBatch> batches() {
        return List.copyOf(batches);
    }

    public synchronized long released() {
        return released;
    }

    public void crowded(boolean is) {
        crowded = is;
    }

    public void overBudget(boolean is) {
        overBudget = is;
    }

    @Override
    public TopicName name() {
        return new TopicName("default", "test", TopicName.Mode.REALTIME);
    }

    @Override
    public synchronized long append(EncodedBatch batch) {
        batches.add(batch.stored(batches.size() + 1L));
        if (durableAtOnce) {
            durable = batches.size();
        }
        notifyAll();
        return batches.size();
    }

    @Override
    public synchronized long appendedIndex() {
        return batches.size();
    }

    @Override
    public synchronized long durableIndex() {
        return durable;
    }

    @Override
    public synchronized boolean awaitDurable(long index, long timeoutMillis) throws InterruptedException {
        return await(() -> durable >= index, timeoutMillis);
    }

    /** Waits until so many batches are there. */
    public synchronized boolean awaitAppended(long index, long timeoutMillis) throws InterruptedException {
        return await(() -> batches.size() >= index, timeoutMillis);
    }

    private boolean await(BooleanSupplier reached, long timeoutMillis) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        while (!reached.getAsBoolean()) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                return false;
            }
            wait(left);
        }
        return true;
    }

    @Override
    public synchronized LogReader reader(long afterIndex) {
        if (afterIndex < released) {
            throw new IllegalStateException("batch " + (afterIndex + 1) + " is released up to " + released);
        }
        return new LogReader() {
            private long index = afterIndex;

            @Override
            public StoredBatch next(long timeoutMillis) throws InterruptedException {
                synchronized (MemoryTopic.this) {
                    return awaitDurable(index + 1, timeoutMillis) ? batches.get((int) index++) : null;
                }
            }

            @Override
            public long index() {
                return index;
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public synchronized void release(long index) {
        if (index > durable) {
            throw new IllegalStateException("release of " + index + " beyond " + durable);
        }
        released = Math.max(released, index);
    }

    @Override
    public long sizeBytes() {
        return 0;
    }

    @Override
    public boolean overBudget() {
        return overBudget;
    }

    @Override
    public boolean crowded() {
        return crowded;
    }

    @Override
    public Optional<LogDamage> damage() {
        return Optional.empty();
    }

    @Override
    public void restartAfter(long index) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
