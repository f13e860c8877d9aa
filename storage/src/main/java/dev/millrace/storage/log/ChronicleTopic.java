package dev.millrace.storage.log;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.batch.EncodedBatch;
import dev.millrace.storage.fault.FaultPoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A topic on Chronicle Queue. One lock guards everything; under it stand appending, and looking files up for readers, but never a sync (that
 * is {@link GroupCommit}'s) save for the rare {@link #restartAfter}. Each opening writes into a generation of its own, made with the first
 * append.
 */
final class ChronicleTopic implements Topic {
    private static final Logger LOG = LoggerFactory.getLogger(ChronicleTopic.class);
    private static final long SPARE_BYTES = 256 << 10;

    private final TopicName name;
    private final LogOptions options;
    private final Disk disk;
    private final Path folder;
    private final LogStore store;
    private final LongSupplier logBytes;
    private final OutsizeInHand outsize;
    private final ReentrantLock lock = new ReentrantLock();
    private final GroupCommit commit;
    private final TopicFiles files;
    private final TopicWriter writer;

    private long highestSeen;
    private volatile LogDamage damage;
    private long released;
    private boolean closed;
    private Runnable onClose = () -> {};

    ChronicleTopic(
            TopicName name,
            LogOptions options,
            Disk disk,
            LogStore store,
            LongSupplier logBytes,
            OutsizeInHand outsize) {
        this.name = name;
        this.options = options;
        this.disk = disk;
        this.folder = TopicFolders.of(options.folder(), name);
        this.store = store;
        this.logBytes = logBytes;
        this.outsize = outsize;
        this.files = new TopicFiles(folder);
        this.commit = new GroupCommit(name, fsync(), disk, this::checkpoint, lock);
        this.writer = new TopicWriter(options, disk, folder, files, commit);
    }

    private boolean fsync() {
        return options.durability() == LogOptions.Durability.FSYNC;
    }

    /** Surveys the files, makes durable what is good in them, and starts the syncing thread. */
    void start(Runnable whenClosed) {
        onClose = whenClosed;
        try {
            Optional<Checkpoint> checkpoint = store.read();
            Survey.Result found = new Survey(folder, checkpoint).run();
            files.load(found.files());
            writer.begin(found.newestFolder(), found.lastCrc());
            highestSeen = found.highestSeen();
            damage = found.damage().orElse(null);
            released = store.deletedThrough();
            if (damage != null) {
                LOG.error(
                        "log: topic {} is damaged behind batch {}: {}", name, damage.lastGoodIndex(), damage.detail());
            } else {
                if (found.torn() != null) {
                    LOG.warn(
                            "log: topic {} ends with batch {}; cut off behind it, never acknowledged: {}",
                            name,
                            found.lastIndex(),
                            found.torn());
                }
                long durable = checkpoint.map(Checkpoint::lastIndex).orElse(0L);
                if (fsync() && found.lastIndex() > durable) {
                    files.force(disk, options.folder(), durable);
                }
                if (checkpoint.isEmpty()) {
                    noteGone(found);
                }
                store.durable(found.lastIndex(), found.lastCrc(), files.sizeBytes(), false);
            }
            commit.start(found.lastIndex());
        } catch (IOException e) {
            throw LogErrors.folder(folder, e);
        }
    }

    /** The state is new or was lost: what is missing before the first batch there is was deleted, which the next start has to know. */
    private void noteGone(Survey.Result found) {
        long gone = found.files().isEmpty() ? found.lastIndex() : files.goneThrough(0);
        if (gone > 0) {
            store.deletedThrough(gone);
            released = gone;
        }
    }

    private void checkpoint(long index, int crc) {
        store.durable(index, crc, files.sizeBytes(), false);
    }

    @Override
    public TopicName name() {
        return name;
    }

    @Override
    public long append(EncodedBatch batch) {
        byte[] delta = batch.header().offsetDelta().encode();
        lock.lock();
        try {
            requireUsable();
            guardSpace((long) delta.length + batch.bodyLength());
            return write(batch, delta);
        } finally {
            lock.unlock();
        }
    }

    private void requireUsable() {
        if (closed) {
            throw LogErrors.closed(name);
        }
        if (damage != null) {
            throw LogErrors.damaged(name, damage);
        }
        if (commit.failure() != null) {
            throw LogErrors.failed(name, commit.failure());
        }
    }

    private void guardSpace(long payloadBytes) {
        long needed = payloadBytes
                + (long) Envelope.parts(payloadBytes) * Envelope.BYTES
                + SPARE_BYTES
                + options.minFreeBytes();
        long usable = disk.usableBytes(options.folder());
        if (usable < needed) {
            throw LogErrors.diskFull(name, usable, needed);
        }
    }

    /** Whatever goes wrong here may have left half a batch behind, so the topic fails. */
    private long write(EncodedBatch batch, byte[] delta) {
        try {
            long index = commit.appendedIndex() + 1;
            writer.write(batch, delta, index);
            FaultPoint.AFTER_APPEND.pass();
            if (batch.bodyLength() >= OutsizeInHand.BYTES) {
                outsize.appended();
            }
            commit.appended(index, writer.lastCrc());
            return index;
        } catch (IOException | RuntimeException | InternalError e) {
            commit.fail(e);
            throw LogErrors.failed(name, e);
        } catch (Error e) { // of memory, which is told as such
            commit.fail(e);
            throw e;
        }
    }

    @Override
    public long appendedIndex() {
        return commit.appendedIndex();
    }

    @Override
    public long durableIndex() {
        return commit.durableIndex();
    }

    @Override
    public boolean awaitDurable(long index, long timeoutMillis) throws InterruptedException {
        long nanos = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        lock.lockInterruptibly();
        try {
            while (commit.durableIndex() < index) {
                if (commit.failure() != null) {
                    throw LogErrors.failed(name, commit.failure());
                }
                if (closed) {
                    throw LogErrors.closed(name);
                }
                if (nanos <= 0) {
                    return false;
                }
                nanos = commit.moved().awaitNanos(nanos);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until a batch behind {@code index} may be read; the last such batch, or {@code index} when the timeout came first. */
    long awaitBeyond(long index, long timeoutMillis) throws InterruptedException {
        long nanos = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        lock.lockInterruptibly();
        try {
            while (true) {
                if (damage != null && index >= damage.lastGoodIndex()) {
                    throw LogErrors.damaged(name, damage);
                }
                long readable = Math.min(commit.durableIndex(), files.lastIndex());
                if (readable > index) {
                    return readable;
                }
                if (closed) {
                    throw LogErrors.closed(name);
                }
                if (nanos <= 0) {
                    return index;
                }
                nanos = commit.moved().awaitNanos(nanos);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Where the first batch behind {@code index} is, which {@link #awaitBeyond} has promised. */
    TopicFiles.Place locate(long index) {
        lock.lock();
        try {
            long gone = files.goneThrough(store.deletedThrough());
            if (index < gone) {
                throw LogErrors.indexGone(name, index + 1, gone + 1);
            }
            return files.locate(index);
        } finally {
            lock.unlock();
        }
    }

    /** A reader has found that the batch behind {@code lastGood} can't be trusted. */
    MillraceException damaged(long lastGood, Path file, String detail) {
        lock.lock();
        try {
            if (damage == null || damage.lastGoodIndex() > lastGood) {
                damage = new LogDamage(lastGood, Math.max(lastGood + 1, commit.durableIndex()), file, detail);
                LOG.error("log: topic {} is damaged behind batch {}: {}", name, lastGood, detail);
                commit.wake();
            }
            return LogErrors.damaged(name, damage);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public LogReader reader(long afterIndex) {
        lock.lock();
        try {
            if (closed) {
                throw LogErrors.closed(name);
            }
            long last =
                    damage == null ? commit.appendedIndex() : Math.max(commit.appendedIndex(), damage.lastKnownIndex());
            if (afterIndex > last) {
                throw LogErrors.behind(name, afterIndex, last);
            }
            long gone = files.goneThrough(store.deletedThrough());
            if (afterIndex < gone) {
                throw LogErrors.indexGone(name, afterIndex + 1, gone + 1);
            }
            return new TopicReader(this, afterIndex, outsize);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void release(long index) {
        lock.lock();
        try {
            released = Math.max(released, Math.min(index, commit.durableIndex()));
            if (closed || damage != null || commit.failure() != null) {
                return;
            }
            long olderThanMillis = options.clock().millis() - options.replay().toMillis();
            List<LogFile> deletable = files.allDeletable(released, olderThanMillis);
            if (!deletable.isEmpty() && commit.idle() && (writer.worthReplacing() || overBudget())) {
                writer.replace(commit.appendedIndex());
            } else {
                deletable = files.deletable(released, olderThanMillis);
            }
            if (deletable.isEmpty()) {
                return;
            }
            store.deletedThrough(deletable.get(deletable.size() - 1).lastIndex());
            files.delete(deletable, writer.generationNumber());
            writer.filesDeleted();
        } catch (IOException e) {
            throw LogErrors.folder(folder, e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long sizeBytes() {
        return files.sizeBytes();
    }

    @Override
    public boolean overBudget() {
        return files.sizeBytes() >= options.topicBudgetBytes() || logBytes.getAsLong() >= options.diskBudgetBytes();
    }

    @Override
    public boolean crowded() {
        return outsize.any();
    }

    @Override
    public Optional<LogDamage> damage() {
        return Optional.ofNullable(damage);
    }

    @Override
    public void restartAfter(long index) {
        lock.lock();
        try {
            if (closed) {
                throw LogErrors.closed(name);
            }
            awaitQuiet();
            if (commit.failure() != null) {
                throw LogErrors.failed(name, commit.failure());
            }
            LogDamage found = damage;
            long lastGood =
                    found == null ? commit.appendedIndex() : Math.min(found.lastGoodIndex(), commit.appendedIndex());
            long known = found == null ? 0 : found.lastKnownIndex();
            long last = Math.max(Math.max(index, highestSeen), Math.max(known, commit.appendedIndex()));
            writer.close();
            if (found != null) {
                Path aside = files.setAside(lastGood);
                disk.forceFolder(aside);
                LOG.warn("log: topic {} goes on behind batch {}; the damaged files are kept in {}", name, last, aside);
            }
            writer.restart(last + 1, lastGood);
            store.durable(last, 0, files.sizeBytes(), true);
            damage = null;
            commit.jump(last);
        } catch (IOException e) {
            throw LogErrors.folder(folder, e);
        } finally {
            lock.unlock();
        }
    }

    private void awaitQuiet() {
        while (commit.failure() == null && commit.durableIndex() < commit.appendedIndex()) {
            commit.moved().awaitUninterruptibly();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
        } finally {
            lock.unlock();
        }
        boolean whole = commit.close();
        lock.lock();
        try {
            writer.close();
            if (whole && damage == null) {
                store.durable(commit.durableIndex(), writer.lastCrc(), files.sizeBytes(), true);
            }
        } finally {
            lock.unlock();
            onClose.run();
        }
    }
}
