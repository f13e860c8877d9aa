package dev.millrace.consume.testing;

import dev.millrace.storage.batch.EncodedBatch;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.log.LogDamage;
import dev.millrace.storage.log.LogReader;
import dev.millrace.storage.log.Topic;
import dev.millrace.storage.log.TopicName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A topic in memory: what is appended is durable at once. Thread-safe. */
public final class MemoryTopic implements Topic {
    private final List<StoredBatch> batches = new ArrayList<>();

    @Override
    public TopicName name() {
        return new TopicName("team", "test", TopicName.Mode.REALTIME);
    }

    @Override
    public synchronized long append(EncodedBatch batch) {
        batches.add(batch.stored(batches.size() + 1L));
        notifyAll();
        return batches.size();
    }

    @Override
    public synchronized long appendedIndex() {
        return batches.size();
    }

    @Override
    public long durableIndex() {
        return appendedIndex();
    }

    @Override
    public boolean awaitDurable(long index, long timeoutMillis) {
        return true;
    }

    @Override
    public LogReader reader(long afterIndex) {
        return new Reader(afterIndex);
    }

    @Override
    public void release(long index) {}

    @Override
    public long sizeBytes() {
        return 0;
    }

    @Override
    public boolean overBudget() {
        return false;
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

    private synchronized StoredBatch await(long index, long timeoutMillis) throws InterruptedException {
        long until = System.nanoTime() + timeoutMillis * 1_000_000;
        while (batches.size() < index) {
            long left = (until - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return null;
            }
            wait(left);
        }
        return batches.get((int) index - 1);
    }

    private final class Reader implements LogReader {
        private long index;

        Reader(long index) {
            this.index = index;
        }

        @Override
        public StoredBatch next(long timeoutMillis) throws InterruptedException {
            StoredBatch batch = await(index + 1, timeoutMillis);
            index += batch == null ? 0 : 1;
            return batch;
        }

        @Override
        public long index() {
            return index;
        }

        @Override
        public void close() {}
    }
}
