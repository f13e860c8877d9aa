package dev.millrace.consume.destination;

import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.event.Operation;

/** Walks a load's rows; the accessors tell of the current one until the next call. Confined to one thread. */
public interface RowCursor {
    /** What becomes of a row. UPSERT, DELETE: merged tables with a key; INSERT, DELETE_ONE: without. */
    enum Kind {
        UPSERT,
        DELETE,
        INSERT,
        DELETE_ONE,
        /** Mode append: the row is added. */
        APPEND,
        /** Mode history: the row is added as a version of its key's row. */
        VERSION,
        /** Mode history: the key's current version, as it was before the load, ends at {@link #validToMicros()}. */
        CLOSE,
        /** Mode history: all the key's versions there were before the load are deleted. */
        REPLACE
    }

    boolean next();

    /** As so many times {@link #next}, of which only the last one's answer is told; the rows passed over are not looked at. */
    default boolean skip(int count) {
        boolean more = true;
        for (int i = 0; more && i < count; i++) {
            more = next();
        }
        return more;
    }

    Kind kind();

    /** The row; for DELETE only key cells count. */
    Cells values();

    /**
     * The image whose key cells are the key this row had before the load; {@link #values()} itself where the key stays. Null for DELETE, and
     * where no earlier row gives values to UNCHANGED cells (they become NULL); a row of the same key may still be there, as for every UPSERT.
     * For APPEND and VERSION: the key whose newest row, or current version, before the load gives them; null where none does.
     */
    Cells origin();

    /** Whether an UPSERT's row was deleted after it had these values: it is written, and marked. Only where deletes are soft. */
    default boolean deleted() {
        return false;
    }

    long ingestedAtMicros();

    /** Of the event that last said something of the row, also that it is no more; {@link Long#MIN_VALUE}: unknown, written as NULL. */
    long modifiedAtMicros();

    /** The event id, for {@code __millrace_id}. */
    String eventId();

    /** What happened to the row: for APPEND. */
    default Operation operation() {
        throw new IllegalStateException(kind() + " has no operation");
    }

    /** Where the change stands in the log: grows from change to change, whatever the table. For APPEND and VERSION. */
    default long sequence() {
        throw new IllegalStateException(kind() + " has no sequence");
    }

    /** From when the version is valid, in microseconds from 1970 UTC: for VERSION. */
    default long validFromMicros() {
        throw new IllegalStateException(kind() + " has no time");
    }

    /** To when, exclusive; {@link Long#MIN_VALUE} for one that is current. For VERSION and CLOSE. */
    default long validToMicros() {
        throw new IllegalStateException(kind() + " has no time");
    }
}
