package dev.millrace.storage.log;

import dev.millrace.storage.batch.EncodedBatch;
import java.io.Closeable;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.function.Consumer;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.core.time.SetTimeProvider;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.RollCycle;
import net.openhft.chronicle.queue.RollCycles;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.wire.DocumentContext;

/**
 * Writes excerpts with Chronicle Queue into a new, empty folder, whose files only this instance ever maps. Its time stands still but for
 * {@link #advance}, so that files roll between batches only and never back. Used by one thread at a time, not always the same.
 */
final class QueueAppender implements Closeable {
    static {
        // Read by the library when its classes load: no calling home, and the room on the disk is guarded by ourselves.
        System.setProperty("chronicle.analytics.disable", "true");
        System.setProperty("chronicle.disk.monitor.disable", "true");
    }

    private final Path folder;
    private final RollCycle rollCycle;
    private final DateTimeFormatter fileNames;
    private final SetTimeProvider time;
    private final SingleChronicleQueue queue;
    private final ExcerptAppender appender;
    private final Consumer<Path> onNewFile;
    private final LetGo pages;
    private int cycle = -1;
    private long wordAt;
    private long end;

    /**
     * @param onNewFile called with each file before anything is written into it
     * @param pages of what has been written: it is the kernel's to keep, not this process's
     */
    QueueAppender(Path folder, LogOptions.Roll roll, long nowMillis, Consumer<Path> onNewFile, LetGo pages) {
        this.pages = pages;
        this.folder = folder;
        this.rollCycle = roll == LogOptions.Roll.HOURLY ? RollCycles.FAST_HOURLY : RollCycles.FAST_DAILY;
        this.fileNames =
                DateTimeFormatter.ofPattern(rollCycle.format(), Locale.ROOT).withZone(ZoneOffset.UTC);
        this.time = new SetTimeProvider();
        time.currentTimeMillis(nowMillis);
        this.onNewFile = onNewFile;
        this.queue = SingleChronicleQueueBuilder.binary(folder)
                .rollCycle(rollCycle)
                .timeProvider(time)
                .checkInterrupts(false)
                .build();
        this.appender = queue.createAppender();
        appender.singleThreadedCheckDisabled(true);
    }

    /** Moves the queue's time on; whether the next excerpt begins a new file. A clock that went back is not followed. */
    boolean advance(long nowMillis) {
        if (nowMillis > time.currentTimeMillis()) {
            time.currentTimeMillis(nowMillis);
        }
        return cycle >= 0 && rollCycle.current(time, 0) != cycle;
    }

    /** Writes an excerpt of a header and its payload: a piece of the delta and one of the batch's body. */
    void write(
            byte[] header,
            byte[] delta,
            int deltaFrom,
            int deltaLength,
            EncodedBatch batch,
            int bodyFrom,
            int bodyLength) {
        DocumentContext document = appender.writingDocument();
        boolean written = false;
        try {
            if (appender.cycle() != cycle) {
                cycle = appender.cycle();
                onNewFile.accept(folder.resolve(
                        fileNames.format(Instant.ofEpochMilli((long) cycle * rollCycle.lengthInMillis())) + ".cq4"));
            }
            Bytes<?> out = document.wire().bytes();
            wordAt = out.writePosition() - 4;
            out.write(header);
            out.write(delta, deltaFrom, deltaLength);
            batch.pieces(bodyFrom, bodyFrom + bodyLength, out::write);
            end = (out.writePosition() + 3) & ~3L;
            pages.written(out.bytesStore(), wordAt, end);
            written = true;
        } finally {
            if (!written) {
                document.rollbackOnClose();
            }
            document.close();
        }
    }

    /** Where the last excerpt's length word stands in its file. */
    long wordAt() {
        return wordAt;
    }

    /** Where the next one may begin. */
    long end() {
        return end;
    }

    /** Tells the queue that files of its folder were deleted. */
    void filesDeleted() {
        queue.refreshDirectoryListing();
    }

    @Override
    public void close() {
        appender.close();
        queue.close();
    }
}
