package dev.millrace.ingest.engine;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.EncodedBatch;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.fault.FaultPoint;
import dev.millrace.storage.log.LogReader;
import dev.millrace.storage.log.Topic;
import dev.millrace.storage.state.Offsets;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The topic as the engine writes it, and the offset as a view of it: what was appended is saved to the offsets once it is durable, lazily,
 * and the topic is released up to where offsets, consumer and the barrier's horizon no longer need it.
 *
 * <p>{@link #append} is called under {@link LoadBook}'s lock, by the stream and the workers, so that deltas stand in the log in the order
 * in which they were made; everything else by the stream's thread alone.
 */
final class Journal {
    private static final int MOST_UNSAVED = 1_000;
    private static final int SAVES_PER_SYNC = 10;
    private static final long PATIENCE_MILLIS = 60_000;
    private static final long NEXT_TIMEOUT_MILLIS = 1_000;

    private record Appended(long index, Map<String, Optional<byte[]>> delta) {}

    private final Topic topic;
    private final Offsets offsets;
    private final long saveNanos;
    private final long patienceMillis;
    private final ArrayDeque<Appended> undurable = new ArrayDeque<>();
    private final Map<String, Optional<byte[]>> unsaved = new LinkedHashMap<>();
    private int unsavedBatches;
    private long unsavedIndex;
    private long savedAtNanos = System.nanoTime();
    private int savesSinceSync;
    private long syncedIndex;
    private long seenSaved;
    private long seenSynced;
    private volatile long releasable;
    private long released;
    private byte[] durableStream;
    private boolean endsTransaction = true;

    Journal(Topic topic, Offsets offsets, long saveMillis) {
        this(topic, offsets, saveMillis, PATIENCE_MILLIS);
    }

    /** @param patienceMillis how long the disk may take to store what was appended, at the beginning and at the end */
    Journal(Topic topic, Offsets offsets, long saveMillis, long patienceMillis) {
        this.topic = topic;
        this.offsets = offsets;
        this.saveNanos = TimeUnit.MILLISECONDS.toNanos(saveMillis);
        this.patienceMillis = patienceMillis;
    }

    /**
     * The offset after the topic's last batch: the saved entries and the deltas after them. Transactions that might still be invisible at the
     * source are put into {@code barrier}.
     */
    Map<String, byte[]> restore(Barrier barrier, Supplier<BatchReader> readers) throws InterruptedException {
        Map<String, byte[]> entries = new HashMap<>(offsets.entries());
        long saved = offsets.logIndex();
        long seen = seen(entries);
        long end = requireWhole(saved);
        if (Math.min(saved, seen) < end) {
            replay(Math.min(saved, seen), end, saved, entries, barrier, readers);
        }
        barrier.forgetUpTo(seen(entries));
        byte[] dropped = entries.get(ProgressCodec.DROPPED);
        if (dropped != null) {
            barrier.restoreDropped(dropped);
        }
        seenSaved = seen;
        durableStream = entries.get(ProgressCodec.STREAM);
        if (unsavedIndex > saved) {
            entries.forEach((key, value) -> unsaved.put(key, Optional.of(value)));
            offsets.entries().keySet().stream()
                    .filter(key -> !entries.containsKey(key))
                    .forEach(key -> unsaved.put(key, Optional.empty()));
            save();
        }
        sync();
        return entries;
    }

    /** That the topic has everything the offset was taken after, durably; returns its end. */
    private long requireWhole(long saved) throws InterruptedException {
        long end = topic.appendedIndex();
        if (saved > end) {
            throw MillraceException.resource(
                    "LOG_BEHIND",
                    "The log of " + topic.name() + " ends before the stored offset",
                    "the log's last batch is " + end + ", the offset was taken after batch " + saved
                            + ": the log folder is older than the state folder, or was damaged",
                    "Restore both together, or load everything again: millrace reload --all --pipeline "
                            + topic.name().pipeline(),
                    null);
        }
        awaitDurable(end);
        return end;
    }

    private void awaitDurable(long end) throws InterruptedException {
        if (!topic.awaitDurable(end, patienceMillis)) {
            throw MillraceException.resource(
                    "LOG_SLOW",
                    "The log of " + topic.name() + " could not be synced",
                    "the disk took longer than " + patienceMillis + " ms",
                    "Check the disk.",
                    null);
        }
    }

    /** Applies the deltas of the batches after {@code saved}, and puts transactions not yet seen by a snapshot into the barrier. */
    private void replay(
            long from,
            long end,
            long saved,
            Map<String, byte[]> entries,
            Barrier barrier,
            Supplier<BatchReader> readers)
            throws InterruptedException {
        Optional<BatchReader> bodies = Optional.empty();
        try (LogReader log = topic.reader(from)) {
            while (log.index() < end) {
                StoredBatch batch = log.next(NEXT_TIMEOUT_MILLIS);
                if (batch == null) {
                    break;
                }
                if (batch.logIndex() > saved) {
                    batch.header().offsetDelta().applyTo(entries);
                }
                if (!batch.header().historicalLoad()
                        && batch.header().eventCount() > 0
                        && batch.logIndex() > seen(entries)) {
                    BatchReader body = bodies.orElseGet(readers);
                    bodies = Optional.of(body);
                    restoreTransactions(batch, body, barrier);
                }
                unsavedIndex = batch.logIndex();
                endsTransaction = batch.header().endsTransaction();
            }
        }
    }

    /** Appends with this delta; {@code ends}: the stream stands at a transaction's end behind it, null as before. */
    long append(EncodedBatch batch, Map<String, Optional<byte[]>> delta, Boolean ends) {
        boolean end = ends == null ? endsTransaction : ends;
        OffsetDelta offsetDelta = delta.isEmpty() ? OffsetDelta.NONE : new OffsetDelta(delta);
        long index = topic.append(batch.under(batch.header().with(end, offsetDelta)));
        endsTransaction = end;
        synchronized (undurable) {
            undurable.add(new Appended(index, delta));
        }
        return index;
    }

    boolean endsTransaction() {
        return endsTransaction;
    }

    /** As {@link Topic#crowded}. */
    boolean crowded() {
        return topic.crowded();
    }

    long appendedIndex() {
        return topic.appendedIndex();
    }

    long durableIndex() {
        return topic.durableIndex();
    }

    /** The newest stream offset that is durable; null before the first. */
    byte[] durableStream() {
        return durableStream;
    }

    /** Takes note of what has become durable, and saves offsets when it is time. */
    void settle(long consumedIndex) {
        collectDurable();
        if (unsavedBatches >= MOST_UNSAVED || unsavedBatches > 0 && System.nanoTime() - savedAtNanos >= saveNanos) {
            save();
            if (++savesSinceSync >= SAVES_PER_SYNC) {
                sync();
            }
        }
        if (savesSinceSync > 0 && System.nanoTime() - savedAtNanos >= SAVES_PER_SYNC * saveNanos) {
            sync();
        }
        release(consumedIndex);
    }

    /** As {@link #settle}, but at once: there is no room left, and what has been consumed may only go once the offsets behind it are on disk. */
    void free(long consumedIndex) {
        collectDurable();
        if (consumedIndex > Math.min(syncedIndex, seenSynced)) {
            if (unsavedBatches > 0) {
                save();
            }
            sync();
        }
        release(consumedIndex);
    }

    /** What the consumer has to be past, and no more, for the topic to be released up to it; any thread. */
    long releasable() {
        return releasable;
    }

    /**
     * At the end of a run: everything appended becomes durable and saved.
     *
     * @throws MillraceException RESOURCE LOG_SLOW when the disk takes too long; {@link #durableStream} is then what it was, so that nothing is
     *     acknowledged that isn't stored, and the source sends what a power cut would take from the log
     */
    void finish(long consumedIndex) throws InterruptedException {
        awaitDurable(topic.appendedIndex());
        collectDurable();
        if (unsavedBatches > 0) {
            save();
        }
        sync();
        release(consumedIndex);
    }

    private void collectDurable() {
        long durable = topic.durableIndex();
        synchronized (undurable) {
            while (!undurable.isEmpty() && undurable.peek().index() <= durable) {
                Appended appended = undurable.poll();
                appended.delta().forEach((key, value) -> {
                    unsaved.remove(key);
                    unsaved.put(key, value);
                });
                Optional<byte[]> stream = appended.delta().get(ProgressCodec.STREAM);
                if (stream != null) {
                    durableStream = stream.orElseThrow();
                }
                unsavedIndex = appended.index();
                unsavedBatches++;
            }
        }
    }

    private void save() {
        FaultPoint.BEFORE_OFFSET.pass();
        offsets.apply(new OffsetDelta(unsaved), unsavedIndex);
        Optional<byte[]> seen = unsaved.get(ProgressCodec.SEEN);
        if (seen != null && seen.isPresent()) {
            seenSaved = ByteBuffer.wrap(seen.get()).getLong();
        }
        unsaved.clear();
        unsavedBatches = 0;
        savedAtNanos = System.nanoTime();
    }

    private void sync() {
        if (unsavedBatches == 0) {
            offsets.sync();
            syncedIndex = offsets.logIndex();
            seenSynced = seenSaved;
            releasable = Math.min(syncedIndex, seenSynced);
        }
        savesSinceSync = 0;
    }

    private void release(long consumedIndex) {
        long index = Math.min(consumedIndex, releasable);
        if (index > released) {
            topic.release(index);
            released = index;
        }
    }

    private static long seen(Map<String, byte[]> entries) {
        byte[] seen = entries.get(ProgressCodec.SEEN);
        if (seen != null && seen.length != Long.BYTES) {
            throw ProgressCodec.malformed("index of what has been seen", "it has " + seen.length + " bytes");
        }
        return seen == null ? 0 : ByteBuffer.wrap(seen).getLong();
    }

    private static void restoreTransactions(StoredBatch batch, BatchReader body, Barrier barrier) {
        body.open(batch);
        long last = 0;
        while (body.next()) {
            long transaction = body.transactionId();
            if (transaction != last && transaction != 0) {
                barrier.restore(transaction, batch.logIndex(), false);
            }
            last = transaction;
        }
        body.close();
    }
}
