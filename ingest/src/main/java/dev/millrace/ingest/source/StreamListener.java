package dev.millrace.ingest.source;

import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import java.util.List;

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

  /** The schema with this shape, a new version of it where the shape is new. Durable when it returns. */
  Schema learn(TableName table, List<Column> columns);
}
