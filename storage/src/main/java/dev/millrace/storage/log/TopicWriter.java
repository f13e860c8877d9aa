package dev.millrace.storage.log;

import dev.millrace.storage.batch.EncodedBatch;
import dev.millrace.storage.fault.FaultPoint;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/**
 * Writes a topic's batches: the generation is begun with the first one, files roll between two of them, and each becomes one or more
 * excerpts. After an exception nothing more may be written. Guarded by the topic's lock.
 */
final class TopicWriter {
    /** Whole files are what retention deletes, so a budget has to be several of them. */
    private static final int FILES_PER_BUDGET = 8;

    private static final long LEAST_FILE_BYTES = 1L << 20;
    private static final long MOST_FILE_BYTES = 1L << 30;
    private static final long REPLACE_BYTES = 64L << 20;

    private final LogOptions options;
    private final Disk disk;
    private final Path folder;
    private final TopicFiles files;
    private final GroupCommit commit;
    private final Envelope envelope = new Envelope();

    private final long fileBytes;
    private int generationNumber;
    private int lastCrc;
    private Generation generation;
    private QueueAppender queue;

    TopicWriter(LogOptions options, Disk disk, Path folder, TopicFiles files, GroupCommit commit) {
        this.options = options;
        this.disk = disk;
        this.folder = folder;
        this.files = files;
        this.commit = commit;
        long budget = Math.min(options.topicBudgetBytes(), options.diskBudgetBytes());
        this.fileBytes = Math.max(LEAST_FILE_BYTES, Math.min(MOST_FILE_BYTES, budget / FILES_PER_BUDGET));
    }

    /** The newest generation there is, and the CRC that the chain has come to. */
    void begin(int newestGeneration, int crc) {
        generationNumber = newestGeneration;
        lastCrc = crc;
    }

    int lastCrc() {
        return lastCrc;
    }

    void write(EncodedBatch batch, byte[] delta, long index) throws IOException {
        if (queue != null && files.newestBytes() >= fileBytes) {
            FaultPoint.AT_ROLL.pass();
            close();
        }
        if (generation == null) {
            beginGeneration(index);
        }
        long now = options.clock().millis();
        if (queue == null) {
            queue = new QueueAppender(generation.folder(), options.roll(), now, this::beginFile, LetGo.ofKernel());
        } else if (queue.advance(now)) {
            FaultPoint.AT_ROLL.pass();
        }
        writeParts(batch, delta, index);
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
            batch.pieces(bodyFrom, bodyFrom + bodyLength, envelope::update);
            crc = envelope.seal();
            queue.write(envelope.bytes, delta, deltaFrom, deltaLength, batch, bodyFrom, bodyLength);
            if (part == 0) {
                position = queue.wordAt();
            }
        }
        lastCrc = crc;
        files.add(index, position, queue.end(), batch.header().createdAtMillis());
    }

    private void beginGeneration(long firstIndex) throws IOException {
        Generation begun = Generation.begin(folder, ++generationNumber, false, firstIndex, firstIndex - 1, lastCrc);
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

    /** Begins a generation whose first batch is {@code firstIndex}, whatever came behind {@code follows} before. On disk when it returns. */
    void restart(long firstIndex, long follows) throws IOException {
        Generation begun = Generation.begin(folder, ++generationNumber, true, firstIndex, follows, 0);
        writeStart(begun);
        generation = begun;
        lastCrc = 0;
    }

    private void writeStart(Generation begun) throws IOException {
        try (RandomAccessFile start = begun.create()) {
            disk.force(start);
        }
        for (Path changed : TopicFolders.upTo(options.folder(), begun.folder())) {
            disk.forceFolder(changed);
        }
    }

    /** Whether the newest file is large enough to be worth another generation once nobody needs it. */
    boolean worthReplacing() {
        return files.newestBytes() >= Math.min(fileBytes, REPLACE_BYTES);
    }

    /**
     * Begins a generation that goes on behind {@code last}, so that no file before it is written any more. On disk when it returns. Everything
     * appended has to be durable.
     */
    void replace(long last) throws IOException {
        close();
        commit.closeFinished();
        Generation begun = Generation.begin(folder, ++generationNumber, false, last + 1, last, lastCrc);
        writeStart(begun);
        generation = begun;
    }

    /** The generation that is written, or was last. */
    int generationNumber() {
        return generationNumber;
    }

    void filesDeleted() {
        if (queue != null) {
            queue.filesDeleted();
        }
    }

    /** Closes the queue; another write would begin a new generation. */
    void close() {
        if (queue != null) {
            queue.close();
            queue = null;
        }
        commit.finishFile();
        generation = null;
    }
}
