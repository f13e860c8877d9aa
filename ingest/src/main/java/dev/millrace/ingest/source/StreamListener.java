package dev.millrace.ingest.source;

import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import java.util.List;
import java.util.Optional;

/** What a stream tells and asks while it reads; called on the stream's thread, before the events it concerns are written. */
public interface StreamListener {
    /** A transaction's first event follows. Any snapshot taken from now on is checked to see it. */
    void transactionBegins(long transactionId);

    /** Whether this transaction's events on this table go into the log (a table without a key: not while its load's snapshot has them). */
    boolean wants(TableName table, long transactionId);

    /** An UPDATE changed a row's key; {@code newKey} is in the form {@link ChunkReader} takes. */
    void keyMoved(TableName table, byte[] newKey);

    /** The table's content has changed without row events (a default filled in, a rewrite, an attached partition): it is loaded again. */
    void contentChanged(TableName table, String reason);

    /**
     * The newest schema learned of this table, by the stream or by its load, before this process too: what the source looked like when it was
     * last seen, so that what happened to it meanwhile is noticed. Empty for a table never seen.
     */
    Optional<Schema> known(TableName table);

    /** The schema with this shape, a new version of it where the shape is new. Durable when it returns. */
    Schema learn(TableName table, List<Column> columns);
}
