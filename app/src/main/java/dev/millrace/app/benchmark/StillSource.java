package dev.millrace.app.benchmark;

import dev.millrace.config.error.Finding;
import dev.millrace.ingest.source.ChunkReader;
import dev.millrace.ingest.source.ChunkedSource;
import dev.millrace.ingest.source.Snapshot;
import dev.millrace.ingest.source.Source;
import dev.millrace.ingest.source.SourceObject;
import dev.millrace.ingest.source.StreamListener;
import dev.millrace.ingest.source.StreamProgress;
import dev.millrace.ingest.source.StreamReader;
import dev.millrace.ingest.source.StreamingSource;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.event.TableName;
import java.util.List;

/**
 * The pipeline's source as one measurement sees it: an extent of one object, and a stream in which nothing ever happens, so that the engine
 * reads the object as it does in a historical load but nothing is made at the source. Thread-safe; does not own the real source.
 */
final class StillSource implements Source, ChunkedSource, StreamingSource {
    private static final byte[] NOWHERE = {0};

    private final Source source;
    private final SourceObject object;
    private final Extent extent;
    private final Reached reached = new Reached();

    /** {@code source} has to be a {@link ChunkedSource}. */
    StillSource(Source source, SourceObject object, Extent extent) {
        this.source = source;
        this.object = object;
        this.extent = extent;
    }

    /** Rows handed on so far. */
    long rowsRead() {
        return reached.total();
    }

    /** Whether the pipeline's source streams by itself, so that the engine's way is the one to measure. */
    boolean streams() {
        return source instanceof StreamingSource;
    }

    @Override
    public List<Finding> check(List<String> objects) {
        return source.check(objects);
    }

    @Override
    public List<SourceObject> discover() {
        return List.of(object);
    }

    @Override
    public List<SourceObject> select(List<String> objects) {
        return List.of(object);
    }

    @Override
    public List<List<String>> preview(TableName table, int rows) {
        return source.preview(table, rows);
    }

    /** None are left. */
    @Override
    public void removeTraces() {
        // Nothing was made at the source.
    }

    @Override
    public ChunkReader openChunkReader() {
        return new LimitedReader(((ChunkedSource) source).openChunkReader(), extent, reached);
    }

    @Override
    public Snapshot decode(byte[] encoded) {
        return ((ChunkedSource) source).decode(encoded);
    }

    @Override
    public byte[] prepare(List<TableName> tables) {
        return NOWHERE.clone();
    }

    @Override
    public StreamReader openStream(List<TableName> tables, byte[] offset, StreamListener listener) {
        return new Still();
    }

    @Override
    public byte[] currentPosition() {
        return NOWHERE.clone();
    }

    @Override
    public boolean reached(byte[] offset, byte[] position) {
        return true;
    }

    @Override
    public long distanceBytes(byte[] offset, byte[] position) {
        return 0;
    }

    @Override
    public String describe(byte[] offset) {
        return "nowhere";
    }

    /** The real source is the benchmark's to close. */
    @Override
    public void close() {
        // Nothing is held.
    }

    private static final class Still implements StreamReader {
        @Override
        public StreamProgress read(BatchWriter out, int maxEvents, int maxBytes, long maxMillis, long idleMillis)
                throws InterruptedException {
            Thread.sleep(Math.max(1, idleMillis));
            return new StreamProgress(NOWHERE.clone(), 0, true, new long[0]);
        }

        @Override
        public void acknowledge(byte[] offset) {
            // There is nobody to tell.
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }
}
