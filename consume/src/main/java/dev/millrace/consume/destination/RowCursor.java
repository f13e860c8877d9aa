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

    /**
     * The image whose key cells are the key this row had before the load; {@link #values()} itself where the key stays. Null for DELETE, and
     * where no earlier row gives values to UNCHANGED cells (they become NULL); a row of the same key may still be there, as for every UPSERT.
     */
    Cells origin();

    long ingestedAtMicros();

    /** {@link Long#MIN_VALUE}: unknown, written as NULL. */
    long modifiedAtMicros();

    /** The event id, for {@code __millrace_id}. */
    String eventId();
}
