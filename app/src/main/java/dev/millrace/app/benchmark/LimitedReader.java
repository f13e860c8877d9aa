package dev.millrace.app.benchmark;

import dev.millrace.ingest.source.ChunkReader;
import dev.millrace.ingest.source.Snapshot;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** A source's own reader that ends with the extent. Confined to one thread; what readers of a measurement share is in {@link Reached}. */
final class LimitedReader implements ChunkReader {
    private final ChunkReader reader;
    private final Extent extent;
    private final Reached reached;

    LimitedReader(ChunkReader reader, Extent extent, Reached reached) {
        this.reader = reader;
        this.extent = extent;
        this.reached = reached;
    }

    /** Breaks a read off in its callback, which is where it may be. */
    private static final class Enough extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Enough() {
            super("enough was read", null, false, false);
        }
    }

    @Override
    public Optional<byte[]> boundary(TableName table, byte[] after, long rows) {
        long before = after == null ? 0 : reached.rowsUpTo(ByteBuffer.wrap(after));
        if (extent.timeIsUp() || before + rows >= extent.rows()) {
            return Optional.empty();
        }
        Optional<byte[]> key = reader.boundary(table, after, rows);
        key.ifPresent(found -> reached.bound(ByteBuffer.wrap(found), before + rows));
        return key;
    }

    @Override
    public Snapshot begin() {
        return reader.begin();
    }

    @Override
    public List<Column> columns(TableName table) {
        return reader.columns(table);
    }

    @Override
    public long read(Schema schema, byte[] after, byte[] upTo, BatchWriter out, int maxBytes, Runnable full)
            throws InterruptedException {
        if (extent.timeIsUp() && reached.total() > 0) { // however slow the connection was: something is read
            return 0;
        }
        long[] rows = new long[1];
        Runnable counted = () -> {
            int events = out.eventCount();
            rows[0] += events;
            full.run();
            if (extent.timeIsUp() || extent.upTo() == null && reached.add(events) >= extent.rows()) {
                throw new Enough();
            }
        };
        long read;
        try {
            read = reader.read(schema, after, upTo == null ? extent.upTo() : upTo, out, maxBytes, counted);
        } catch (Enough e) {
            read = rows[0];
        }
        reached.total(read);
        return read;
    }

    @Override
    public long readKey(Schema schema, byte[] key, BatchWriter out) throws InterruptedException {
        return reader.readKey(schema, key, out);
    }

    @Override
    public void end() {
        reader.end();
    }

    @Override
    public void close() {
        reader.close();
    }
}
