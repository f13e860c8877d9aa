package dev.millrace.app.benchmark;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.installation.MillraceConfig;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.Scratch;
import dev.millrace.ingest.engine.IngestOptions;
import dev.millrace.ingest.source.BareSource;
import dev.millrace.ingest.source.ChunkReader;
import dev.millrace.ingest.source.ChunkedSource;
import dev.millrace.ingest.source.Source;
import dev.millrace.ingest.source.SourceObject;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.EncodedBatch;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.event.Schema;
import java.util.Optional;

/**
 * The measurements on rows, one method each: every one reads the same extent, through the pipeline's real code or by the database's own
 * tool. Used by one thread; owns nothing but the log of its last {@link #fill}.
 */
final class Trial implements AutoCloseable {
    private static final double PATIENCE = 4;
    private static final double PATIENCE_SECONDS = 20;

    /** What all measurements share. */
    record Parts(
            MillraceConfig config,
            PipelineDefinition definition,
            Source source,
            SourceObject object,
            TrialFolder folder,
            Optional<Scratch> scratch) {}

    private final Parts parts;
    private Extent extent;
    private double rowBytes;
    private double logRowBytes;
    private TrialLog filled;
    private long filledIndex;
    private boolean spooled;

    Trial(Parts parts) {
        this.parts = parts;
    }

    /**
     * Chooses the extent: at most so many rows, and not more than can be read in the time; this also brings the rows into the source's memory,
     * where it has enough, so that the first measurement is not the slowest.
     */
    void size(long rows, double seconds) throws InterruptedException {
        extent = new Extent(parts.object().table(), bound(rows), rows, 0).within(seconds);
        Sample read = read(seconds);
        if (read.rows() == 0) {
            throw MillraceException.user(
                    "BENCH_NO_ROWS",
                    "Object '" + parts.object().table() + "' can't be measured",
                    "it has no rows",
                    "Give another one by --object; 'millrace discover' shows them.");
        }
        if (read.seconds() >= seconds) {
            extent = new Extent(parts.object().table(), bound(read.rows()), read.rows(), 0);
        }
        Optional<BareSource> bare = bare();
        if (bare.isPresent()) {
            Sample sent = readBare(seconds);
            rowBytes = (double) sent.bytes() / Math.max(1, sent.rows());
        } else {
            rowBytes = (double) read.bytes() / read.rows();
        }
        extent = new Extent(parts.object().table(), extent.upTo(), Math.min(extent.rows(), read.rows()), 0);
    }

    private byte[] bound(long rows) {
        if (!parts.object().keyed()) {
            return null;
        }
        try (ChunkReader reader = ((ChunkedSource) parts.source()).openChunkReader()) {
            return reader.boundary(parts.object().table(), null, rows).orElse(null);
        }
    }

    long rows() {
        return extent.rows();
    }

    double rowBytes() {
        return rowBytes;
    }

    double logRowBytes() {
        return logRowBytes;
    }

    /** Our reader, its batches dropped. */
    Sample read(double seconds) throws InterruptedException {
        try (ChunkReader reader = still(seconds).openChunkReader()) {
            return Sample.of(() -> {
                long[] bytes = new long[1];
                BatchWriter writer = new BatchWriter();
                Runnable drop = () -> bytes[0] += finish(writer).header().rawLength();
                reader.begin();
                Schema schema = new Schema(
                        parts.object().table(), 1, reader.columns(parts.object().table()));
                writer.beginTransaction(0, Long.MIN_VALUE, "bench", 0);
                long rows = reader.read(
                        schema, null, null, writer, IngestOptions.defaults().batchBytes(), drop);
                drop.run();
                reader.end();
                return carried(rows, bytes[0]);
            });
        }
    }

    private static EncodedBatch finish(BatchWriter writer) {
        return writer.finish(System.currentTimeMillis(), true, true, OffsetDelta.NONE);
    }

    private StillSource still(double seconds) {
        return new StillSource(parts.source(), parts.object(), extent.within(seconds));
    }

    private Sample.Carried carried(long rows, long bytes) {
        return new Sample.Carried(rows, rowBytes > 0 ? Math.round(rows * rowBytes) : bytes);
    }

    /** Whether the source can send its rows plainly. */
    Optional<BareSource> bare() {
        return parts.source() instanceof BareSource bare ? Optional.of(bare) : Optional.empty();
    }

    /** The source's rows as it sends them, dropped. */
    Sample readBare(double seconds) throws InterruptedException {
        Extent limits = extent.within(seconds);
        BareSource source = bare().orElseThrow();
        Sample sample = Sample.of(() -> {
            BareSource.Read read = source.readBare(
                    limits.table(),
                    limits.upTo(),
                    rows -> !limits.timeIsUp()
                            && !Thread.currentThread().isInterrupted()
                            && (limits.upTo() != null || rows < limits.rows()));
            return new Sample.Carried(read.rows(), read.bytes());
        });
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted while reading " + limits.table());
        }
        return sample;
    }

    /** The source into a log of its own, all of it durable; the log is kept for {@link #load}. */
    Sample fill(double seconds) throws InterruptedException {
        close();
        filled = TrialLog.open(
                parts.folder().run(), parts.config(), parts.definition().name());
        StillSource still = still(seconds);
        Sample sample = Sample.of(() -> {
            try (IngestRun ingest = new IngestRun(parts.definition(), still, still.streams(), filled)) {
                ingest.start();
                filledIndex = ingest.awaitDurable(still.currentPosition(), patience(seconds));
                return carried(still.rowsRead(), 0);
            }
        });
        logRowBytes = (double) filled.topic().sizeBytes() / Math.max(1, sample.rows());
        return sample;
    }

    /** How long something may take that was meant to take so long. */
    static double patience(double seconds) {
        return PATIENCE * seconds + PATIENCE_SECONDS;
    }

    boolean filled() {
        return filled != null;
    }

    /** That log into a new scratch table. */
    Sample load(double seconds) throws InterruptedException {
        Destination destination = destination();
        return Sample.of(() -> {
            try (LoadRun load = new LoadRun(parts.definition(), destination, filled)) {
                load.start();
                load.awaitApplied(filledIndex, seconds);
                return carried(load.rows(), 0);
            }
        });
    }

    /** New and empty, and reached once already, so that no library is loaded and no name resolved while it is timed. */
    private Destination destination() {
        Destination destination = parts.scratch().orElseThrow().fresh();
        destination.claim();
        return destination;
    }

    /** The rows loaded last into another scratch table, by the destination's own tool. */
    Sample loadBare() throws InterruptedException {
        Scratch scratch = parts.scratch().orElseThrow();
        if (!spooled) {
            scratch.spool(parts.folder().spool());
            spooled = true;
        }
        scratch.prepareBare();
        Sample sample = Sample.of(() -> carried(scratch.loadBare(parts.folder().spool()), 0));
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted while loading");
        }
        return sample;
    }

    /** The source through a log of its own into a new scratch table, both sides at work at the same time. */
    Sample wholeWay(double seconds) throws InterruptedException {
        StillSource still = still(seconds);
        Destination destination = destination();
        try (TrialLog log = TrialLog.open(
                parts.folder().run(), parts.config(), parts.definition().name())) {
            return Sample.of(() -> {
                try (IngestRun ingest = new IngestRun(parts.definition(), still, still.streams(), log);
                        LoadRun load = new LoadRun(parts.definition(), destination, log)) {
                    ingest.start();
                    load.start();
                    long index = ingest.awaitDurable(still.currentPosition(), patience(seconds));
                    load.awaitApplied(index, seconds);
                    return carried(load.rows(), 0);
                }
            });
        }
    }

    /** Removes the log that {@link #fill} has kept. */
    @Override
    public void close() {
        if (filled != null) {
            TrialLog ended = filled;
            filled = null;
            ended.close();
        }
    }
}
