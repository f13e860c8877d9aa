package dev.millrace.ingest.source;

import dev.millrace.storage.event.TableName;
import java.util.function.LongPredicate;

/** The ability to send a table's rows as plainly as the source can, so that what is made of them can be measured against that. */
public interface BareSource {
    /** Rows that came, and their bytes as the source sent them. */
    record Read(long rows, long bytes) {}

    /**
     * Reads rows over a connection of its own and drops them, undecoded.
     *
     * @param upTo the greatest key to read, in the form {@link ChunkReader} takes; null for all
     * @param goOn asked every now and then with the rows so far; false ends the read
     */
    Read readBare(TableName table, byte[] upTo, LongPredicate goOn);
}
