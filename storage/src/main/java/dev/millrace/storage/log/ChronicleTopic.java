package dev.millrace.storage.log;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.batch.EncodedBatch;
import dev.millrace.storage.fault.FaultPoint;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
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
  private static final byte[] NOTHING = new byte[0];

  private final TopicName name;
  private final LogOptions options;
  private final Disk disk;
  private final Path folder;
  private final LogStore store;
  private final LongSupplier logBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Envelope envelope = new Envelope();
  private final GroupCommit commit;

  private TopicFiles files;
  private long highestSeen;
  private int generationNumber;
  private int lastCrc;
  private Generation generation;
  private QueueAppender queue;
  private volatile LogDamage damage;
  private long released;
  private boolean closed;
  private Runnable onClose = () -> {};

  ChronicleTopic(TopicName name, LogOptions options, Disk disk, LogStore store, LongSupplier logBytes) {
    this.name = name;
    this.options = options;
    this.disk = disk;
    this.folder = TopicFolders.of(options.folder(), name);
    this.store = store;
    this.logBytes = logBytes;
    this.files = new TopicFiles(folder, List.of());
    this.commit = new GroupCommit(name, fsync(), disk, this::checkpoint, lock);
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
      files = new TopicFiles(folder, found.files());
      highestSeen = found.highestSeen();
      generationNumber = found.newestFolder();
      lastCrc = found.lastCrc();
      damage = found.damage().orElse(null);
      released = store.deletedThrough();
      if (damage != null) {
        LOG.error("log: topic {} is damaged behind batch {}: {}", name, damage.lastGoodIndex(), damage.detail());
      } else {
        if (found.torn() != null) {
          LOG.warn("log: topic {} ends with batch {}; cut off behind it, never acknowledged: {}", name, found.lastIndex(), found.torn());
        }
        syncFound(found, checkpoint.map(Checkpoint::lastIndex).orElse(0L));
        store.durable(found.lastIndex(), found.lastCrc(), files.sizeBytes(), false);
      }
      commit.start(found.lastIndex());
    } catch (IOException e) {
      throw LogErrors.folder(folder, e);
    }
  }

  /** What a killed process has written may be in memory only, and is about to be delivered as durable. */
  private void syncFound(Survey.Result found, long durable) throws IOException {
    if (!fsync() || found.lastIndex() <= durable) {
      return;
    }
    for (LogFile file : found.files()) {
      if (file.lastIndex() > durable) {
        try (RandomAccessFile opened = new RandomAccessFile(file.path().toFile(), "rw")) {
          disk.force(opened);
        }
        disk.forceFolder(file.path().getParent());
        for (Path parent : TopicFolders.upTo(options.folder(), folder)) {
          disk.forceFolder(parent);
        }
      }
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
    long needed = payloadBytes + (long) Envelope.parts(payloadBytes) * Envelope.BYTES + SPARE_BYTES + options.minFreeBytes();
    long usable = disk.usableBytes(generation == null ? options.folder() : generation.folder());
    if (usable < needed) {
      throw LogErrors.diskFull(name, usable, needed);
    }
  }

  /** Whatever goes wrong from here on may have left half a batch behind, so the topic fails. */
  private long write(EncodedBatch batch, byte[] delta) {
    try {
      if (generation == null) {
        beginGeneration(commit.appendedIndex() + 1, commit.appendedIndex(), lastCrc);
      }
      long now = options.clock().millis();
      if (queue == null) {
        queue = new QueueAppender(generation.folder(), options.roll(), now, this::beginFile);
      } else if (queue.advance(now)) {
        FaultPoint.AT_ROLL.pass();
      }
      long index = commit.appendedIndex() + 1;
      writeParts(batch, delta, index);
      FaultPoint.AFTER_APPEND.pass();
      commit.appended(index, lastCrc);
      return index;
    } catch (IOException | RuntimeException | InternalError e) {
      commit.fail(e);
      throw LogErrors.failed(name, e);
    }
  }

  private void writeParts(EncodedBatch batch, byte[] delta, long index) {
    long payload = (long) delta.length + batch.bodyLength();
    int parts = Envelope.parts(payload);
    envelope.fill(batch.header(), index, commit.durableIndex(), delta.length, batch.bodyLength());
    int crc = lastCrc;
    long position = 0;
    for (int part = 0; part < parts; part++) {
      long from = (long) part * Envelope.MAX_PART_BYTES;
      long to = Math.min(payload, from + Envelope.MAX_PART_BYTES);
      int deltaFrom = (int) Math.min(from, delta.length);
      int deltaLength = (int) Math.min(to, delta.length) - deltaFrom;
      int bodyFrom = (int) Math.max(0, from - delta.length);
      int bodyLength = (int) (to - from) - deltaLength;
      envelope.beginPart(part, (int) (to - from), crc);
      envelope.update(delta, deltaFrom, deltaLength);
      envelope.update(batch.body(), bodyFrom, bodyLength);
      crc = envelope.seal();
      queue.write(envelope.bytes, delta.length == 0 ? NOTHING : delta, deltaFrom, deltaLength, batch.body(), bodyFrom, bodyLength);
      if (part == 0) {
        position = queue.wordAt();
      }
    }
    lastCrc = crc;
    files.add(index, position, queue.end(), batch.header().createdAtMillis());
  }

  private void beginGeneration(long firstIndex, long follows, int previousCrc) throws IOException {
    Generation begun = Generation.begin(folder, ++generationNumber, false, firstIndex, follows, previousCrc);
    RandomAccessFile start = begun.create();
    commit.alsoSync(start, TopicFolders.upTo(options.folder(), begun.folder()));
    generation = begun;
  }

  private void beginFile(Path path) {
    try {
      commit.newFile(new RandomAccessFile(path.toFile(), "rw"), path.getParent());
      files.begin(new LogFile(path, generation));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
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
      long last = damage == null ? commit.appendedIndex() : Math.max(commit.appendedIndex(), damage.lastKnownIndex());
      if (afterIndex > last) {
        throw LogErrors.behind(name, afterIndex, last);
      }
      long gone = files.goneThrough(store.deletedThrough());
      if (afterIndex < gone) {
        throw LogErrors.indexGone(name, afterIndex + 1, gone + 1);
      }
      return new TopicReader(this, afterIndex);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void release(long index) {
    lock.lock();
    try {
      released = Math.max(released, Math.min(index, commit.durableIndex()));
      List<LogFile> deletable = files.deletable(released, options.clock().millis() - options.replay().toMillis());
      if (closed || damage != null || deletable.isEmpty()) {
        return;
      }
      store.deletedThrough(deletable.get(deletable.size() - 1).lastIndex());
      files.delete(deletable);
      if (queue != null) {
        queue.filesDeleted();
      }
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
      long lastGood = found == null ? commit.appendedIndex() : Math.min(found.lastGoodIndex(), commit.appendedIndex());
      long known = found == null ? 0 : found.lastKnownIndex();
      long last = Math.max(Math.max(index, highestSeen), Math.max(known, commit.appendedIndex()));
      closeQueue();
      if (found != null) {
        Path aside = files.setAside(lastGood);
        disk.forceFolder(aside);
        LOG.warn("log: topic {} goes on behind batch {}; the damaged files are kept in {}", name, last, aside);
      }
      beginRestart(last + 1, lastGood);
      store.durable(last, 0, files.sizeBytes(), true);
      lastCrc = 0;
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

  private void beginRestart(long firstIndex, long follows) throws IOException {
    Generation begun = Generation.begin(folder, ++generationNumber, true, firstIndex, follows, 0);
    try (RandomAccessFile start = begun.create()) {
      disk.force(start);
    }
    for (Path changed : TopicFolders.upTo(options.folder(), begun.folder())) {
      disk.forceFolder(changed);
    }
    generation = begun;
  }

  private void closeQueue() {
    if (queue != null) {
      queue.close();
      queue = null;
    }
    commit.finishFile();
    generation = null;
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
      closeQueue();
      if (whole && damage == null) {
        store.durable(commit.durableIndex(), lastCrc, files.sizeBytes(), true);
      }
    } finally {
      lock.unlock();
      onClose.run();
    }
  }
}
