package dev.millrace.consume.destination;

import dev.millrace.storage.batch.Cells;

/** Walks a load's rows; the accessors tell of the current one until the next call. Confined to one thread. */
public interface RowCursor {
  /** What becomes of a row. UPSERT, DELETE: tables with a key; INSERT, DELETE_ONE: without. */
  enum Kind {
    UPSERT,
    DELETE,
    INSERT,
    DELETE_ONE
  }

  boolean next();

  Kind kind();

  /** The row; for DELETE only key cells count. */
  Cells values();

  /** The image whose key cells are the key this row had before the load; null when no row was there (a sure insert) or for DELETE. */
  Cells origin();

  long ingestedAtMicros();

  /** {@link Long#MIN_VALUE}: unknown, written as NULL. */
  long modifiedAtMicros();

  /** The event id, for {@code __millrace_id}. */
  String eventId();
}
