package dev.millrace.ingest.source;

import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import java.util.Optional;

/**
 * Reads chunks, one at a time: {@code begin}, check the snapshot, {@code read}, {@code end}. Keys are opaque bytes in the source's own order; a
 * range is open below and closed above, null for no bound. Confined to one thread.
 */
public interface ChunkReader extends AutoCloseable {
    /**
     * The key that stands {@code rows} rows behind {@code after} in key order: the upper bound of the next chunk.
     *
     * @return empty when fewer rows are left: the chunk is the last, without upper bound
     */
    Optional<byte[]> boundary(TableName table, byte[] after, long rows);

    /** Opens a new snapshot. */
    Snapshot begin();

    /** The table's columns as that snapshot sees them, in the form {@link StreamListener#learn} takes. */
    java.util.List<dev.millrace.storage.event.Column> columns(TableName table);

    /**
     * Writes the range's rows as READ events in any order (a chunk counts as a whole, and a sort would be the source's cost). Whenever {@code out} holds {@code maxBytes},
     * {@code full} is called, which finishes it, and writing goes on.
     *
     * @param schema as learned from {@link #columns}
     * @param out with the transaction begun that the rows are to belong to
     * @return rows read
     */
    long read(Schema schema, byte[] after, byte[] upTo, BatchWriter out, int maxBytes, Runnable full)
            throws InterruptedException;

    /** As {@code read} for the one row with this key, if it is there. */
    long readKey(Schema schema, byte[] key, BatchWriter out) throws InterruptedException;

    /** Ends the snapshot. */
    void end();

    @Override
    void close();
}
