package dev.millrace.app.benchmark;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.installation.LogConfig;
import dev.millrace.config.installation.MillraceConfig;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.EncodedBatch;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import dev.millrace.storage.log.Topic;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** Appends and syncs of the log in the benchmark's folder, next to plain writes and syncs of the same bytes. Used by one thread. */
final class DiskProbe {
    private static final int LARGE_BYTES = 1 << 20;
    private static final int SMALL_BYTES = 200;
    private static final long MOST_BYTES = 256L << 20;
    private static final int MOST_SYNCS = 500;
    private static final long SYNC_MILLIS = 60_000;

    private final TrialFolder folder;
    private final MillraceConfig config;
    private final EncodedBatch large = batch(LARGE_BYTES);
    private final EncodedBatch small = batch(SMALL_BYTES);

    DiskProbe(TrialFolder folder, MillraceConfig config) {
        this.folder = folder;
        this.config = config;
    }

    /** One row of bytes that can't be compressed. */
    private static EncodedBatch batch(int bytes) {
        Column column = new Column("bytes", DataType.of(Type.BYTE_ARRAY), false, 0, "", 0);
        byte[] content = new byte[bytes];
        new SplittableRandom(bytes).nextBytes(content);
        BatchWriter writer = new BatchWriter();
        writer.beginTransaction(0, Long.MIN_VALUE, "disk", 0);
        writer.beginRow(Operation.READ, writer.schema(new Schema(new TableName("", "disk"), 1, List.of(column))));
        writer.putBytes(content, 0, bytes);
        writer.endRow();
        return writer.finish(System.currentTimeMillis(), true, true, OffsetDelta.NONE);
    }

    /** As many large batches as there is time for, all durable in the end. */
    Sample append(double seconds) throws InterruptedException {
        try (TrialLog log = TrialLog.open(folder.run(), config, "disk")) {
            return Sample.of(() -> {
                long end = end(seconds);
                long bytes = 0;
                long index = 0;
                while (bytes < MOST_BYTES && System.nanoTime() - end < 0) {
                    index = log.topic().append(large);
                    bytes += large.bodyLength();
                }
                awaitDurable(log.topic(), index);
                return new Sample.Carried(0, bytes);
            });
        }
    }

    /** The same by plain writes, each synced. */
    Sample write(double seconds) throws InterruptedException {
        try (FileChannel file = file()) {
            return Sample.of(() -> {
                long end = end(seconds);
                long bytes = 0;
                while (bytes < MOST_BYTES && System.nanoTime() - end < 0) {
                    bytes += writeAndSync(file, large);
                }
                return new Sample.Carried(0, bytes);
            });
        } catch (IOException e) {
            throw TrialFolder.failed(folder.spool(), e);
        }
    }

    /** Nanoseconds from append to durable, of small batches one after the other. */
    long[] appends(double seconds) throws InterruptedException {
        try (TrialLog log = TrialLog.open(folder.run(), config, "disk")) {
            Topic topic = log.topic();
            awaitDurable(topic, topic.append(small));
            return repeated(seconds, () -> awaitDurable(topic, topic.append(small)));
        }
    }

    private static void awaitDurable(Topic topic, long index) throws InterruptedException {
        if (!topic.awaitDurable(index, SYNC_MILLIS)) {
            throw MillraceException.external(
                    "BENCH_TOO_SLOW",
                    "The disk could not be measured",
                    "a sync took more than " + TimeUnit.MILLISECONDS.toSeconds(SYNC_MILLIS) + " s",
                    "Look after the data folder's disk.",
                    null);
        }
    }

    /** The same by plain writes, each synced. */
    long[] writes(double seconds) throws InterruptedException {
        try (FileChannel file = file()) {
            return repeated(seconds, () -> writeAndSync(file, small));
        } catch (IOException e) {
            throw TrialFolder.failed(folder.spool(), e);
        }
    }

    private interface Step {
        void run() throws InterruptedException;
    }

    private static long[] repeated(double seconds, Step step) throws InterruptedException {
        long[] nanos = new long[MOST_SYNCS];
        long end = end(seconds);
        int count = 0;
        while (count < nanos.length && System.nanoTime() - end < 0) {
            long before = System.nanoTime();
            step.run();
            nanos[count++] = System.nanoTime() - before;
        }
        return Arrays.copyOf(nanos, count);
    }

    private static long end(double seconds) {
        return System.nanoTime() + (long) (seconds * TimeUnit.SECONDS.toNanos(1));
    }

    private FileChannel file() throws IOException {
        Path path = folder.run();
        Files.createDirectories(path.getParent());
        return FileChannel.open(
                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
    }

    private long writeAndSync(FileChannel file, EncodedBatch batch) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(batch.body(), 0, batch.bodyLength());
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
            if (config.log().durability() == LogConfig.Durability.FSYNC) {
                file.force(false);
            }
            return batch.bodyLength();
        } catch (IOException e) {
            throw TrialFolder.failed(folder.spool(), e);
        }
    }
}
