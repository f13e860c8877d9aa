package dev.millrace.storage.log;

import dev.millrace.storage.fault.FaultPoint;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes appended batches durable: one thread syncs, and each of its syncs covers all that was appended until it began. The hazards:
 *
 * <ul>
 *   <li>A file is synced through a descriptor that was opened before its first batch was written, so that no write error can go by unseen.
 *   <li>A sync that failed is never repeated: the kernel may have dropped the pages and call them clean. The durable index then stands
 *       still for good.
 *   <li>A roll leaves two files to sync, and a new file is there after a power cut only when its folder was synced too.
 *   <li>The checkpoint is written after the sync, never before.
 * </ul>
 *
 * All state is guarded by the topic's lock; the two indexes may be read without it.
 */
final class GroupCommit {
    /** Stores how far the disk has come; called without the lock. */
    interface Checkpointer {
        void durable(long index, int crc);
    }

    private record Unsynced(RandomAccessFile file, boolean last) {}

    private static final Logger LOG = LoggerFactory.getLogger(GroupCommit.class);
    private static final long CLOSE_MILLIS = 30_000;

    private final TopicName topic;
    private final boolean fsync;
    private final Disk disk;
    private final Checkpointer checkpointer;
    private final ReentrantLock lock;
    private final Condition work;
    private final Condition moved;
    private final Thread thread;

    private volatile long appendedIndex;
    private volatile long durableIndex;
    private int appendedCrc;

    /** Up to where the syncing thread has come; in OS mode the durable index runs ahead of it. */
    private long covered;

    private RandomAccessFile current;
    private final List<RandomAccessFile> finished = new ArrayList<>();
    private Set<Path> folders = new LinkedHashSet<>();
    private Throwable failure;
    private boolean closing;

    GroupCommit(TopicName topic, boolean fsync, Disk disk, Checkpointer checkpointer, ReentrantLock lock) {
        this.topic = topic;
        this.fsync = fsync;
        this.disk = disk;
        this.checkpointer = checkpointer;
        this.lock = lock;
        this.work = lock.newCondition();
        this.moved = lock.newCondition();
        this.thread = new Thread(this::run, "log-sync-" + topic.pipeline());
        thread.setDaemon(true);
    }

    /** Begins with everything up to {@code index} being durable. */
    void start(long index) {
        appendedIndex = index;
        durableIndex = index;
        covered = index;
        thread.start();
    }

    /** With the lock: nothing is unsynced, and the log goes on behind {@code index}. */
    void jump(long index) {
        appendedIndex = index;
        durableIndex = index;
        covered = index;
        moved.signalAll();
    }

    /** With the lock: a file is about to get its first batch; the one before gets no more. */
    void newFile(RandomAccessFile file, Path folder) {
        finishFile();
        current = file;
        folders.add(folder);
    }

    /** With the lock: the current file gets no more batches. */
    void finishFile() {
        if (current != null) {
            finished.add(current);
            current = null;
        }
    }

    /** With the lock: whether everything appended is on disk as far as it ever will be, and nobody is at it. */
    boolean idle() {
        return failure == null && covered == appendedIndex;
    }

    /** With the lock, while {@link #idle}: lets go of the files that get no more batches, so that they can be deleted. */
    void closeFinished() {
        finished.forEach(this::closeQuietly);
        finished.clear();
    }

    /** With the lock: a small file beside the batches, whole already, and folders that have new entries. */
    void alsoSync(RandomAccessFile file, List<Path> changed) {
        finished.add(file);
        folders.addAll(changed);
    }

    /** With the lock: the batch is in its file. */
    void appended(long index, int crc) {
        appendedIndex = index;
        appendedCrc = crc;
        work.signal();
        if (!fsync) {
            durableIndex = index;
            moved.signalAll();
        }
    }

    /** With the lock: nothing can be appended or made durable any more. The first cause stays. */
    void fail(Throwable cause) {
        if (failure == null) {
            failure = cause;
            LOG.error(
                    "log: topic {} failed: batches behind {} are not durable and never will be",
                    topic,
                    durableIndex,
                    cause);
        }
        work.signal();
        moved.signalAll();
    }

    /** With the lock. */
    Throwable failure() {
        return failure;
    }

    long appendedIndex() {
        return appendedIndex;
    }

    long durableIndex() {
        return durableIndex;
    }

    /** With the lock: wakes all that wait, for them to look again. */
    void wake() {
        moved.signalAll();
    }

    /** To be awaited with the lock, in a loop: signalled whenever the durable index has moved, or something has failed or closed. */
    Condition moved() {
        return moved;
    }

    private void run() {
        try {
            syncAll();
        } catch (RuntimeException | Error e) { // of memory, for one: whoever waits for the disk has to hear of it
            lock.lock();
            try {
                fail(e);
            } finally {
                lock.unlock();
            }
        }
    }

    private void syncAll() {
        while (true) {
            List<Unsynced> files = new ArrayList<>();
            Set<Path> changed;
            long target;
            int crc;
            lock.lock();
            try {
                while (failure == null && !closing && covered == appendedIndex) {
                    work.awaitUninterruptibly();
                }
                if (failure != null || covered == appendedIndex) {
                    return;
                }
                target = appendedIndex;
                crc = appendedCrc;
                finished.forEach(file -> files.add(new Unsynced(file, true)));
                finished.clear();
                if (current != null) {
                    files.add(new Unsynced(current, false));
                }
                changed = folders;
                folders = new LinkedHashSet<>();
            } finally {
                lock.unlock();
            }
            if (!commit(files, changed, target, crc)) {
                return;
            }
        }
    }

    private boolean commit(List<Unsynced> files, Set<Path> changed, long target, int crc) {
        try {
            FaultPoint.BEFORE_SYNC.pass();
            sync(files, changed);
            FaultPoint.AFTER_SYNC.pass();
            moveTo(target);
            checkpointer.durable(target, crc);
            return true;
        } catch (IOException | RuntimeException e) {
            lock.lock();
            try {
                fail(e);
            } finally {
                lock.unlock();
            }
            return false;
        }
    }

    private void sync(List<Unsynced> files, Set<Path> changed) throws IOException {
        for (Unsynced file : files) {
            if (fsync) {
                disk.force(file.file);
            }
            if (file.last) {
                file.file.close();
            }
        }
        if (fsync) {
            for (Path folder : changed) {
                disk.forceFolder(folder);
            }
        }
    }

    private void moveTo(long target) {
        lock.lock();
        try {
            covered = Math.max(covered, target);
            durableIndex = Math.max(durableIndex, target);
            moved.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Without the lock: syncs what is left and ends the thread; bounded. Whether everything appended is durable. */
    boolean close() {
        lock.lock();
        try {
            closing = true;
            work.signal();
            moved.signalAll();
        } finally {
            lock.unlock();
        }
        join();
        lock.lock();
        try {
            finishFile();
            for (RandomAccessFile file : finished) {
                closeQuietly(file);
            }
            finished.clear();
            return failure == null && durableIndex == appendedIndex;
        } finally {
            lock.unlock();
        }
    }

    private void join() {
        boolean interrupted = false;
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CLOSE_MILLIS);
        long left = CLOSE_MILLIS;
        while (thread.isAlive() && left > 0) {
            try {
                thread.join(left);
            } catch (InterruptedException e) {
                interrupted = true;
            }
            left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        }
        if (thread.isAlive()) {
            LOG.warn("log: topic {} still syncs after {} ms; it is left to end by itself", topic, CLOSE_MILLIS);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeQuietly(RandomAccessFile file) {
        try {
            file.close();
        } catch (IOException e) {
            LOG.warn("log: topic {} could not close a file that is already synced", topic, e);
        }
    }
}
