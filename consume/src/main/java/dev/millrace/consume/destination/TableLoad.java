package dev.millrace.consume.destination;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.storage.event.Schema;

/**
 * One table's share of a window, in one schema version.
 *
 * <p>With a key it is a net effect: per key at most one row in {@link #rows()}, in no order that matters. {@link RowCursor.Kind#UPSERT} rows may
 * hold UNCHANGED cells; those are taken from the row that had {@link RowCursor#origin()} as its key before this load (NULL where there is
 * none), before anything else is changed. Then DELETE rows and origins that differ from their row's key are deleted as {@link #onDelete()}
 * says, then the upserts are written.
 *
 * <p>Without a key rows are in order: INSERT appends; DELETE_ONE deletes one row that equals the values in every source column, NULLs being
 * equal (or marks it, for SOFT).
 */
public interface TableLoad {
    TargetTable target();

    Schema schema();

    OnDelete onDelete();

    /** The rows belong to the table's shadow. */
    boolean shadow();

    /** All rows there were are gone (as {@link #onDelete()} says; always hard in a shadow) before the rows below. */
    boolean truncated();

    /** Every row is an UPSERT or INSERT without UNCHANGED cells that came from a historical load: none is expected to be there yet. */
    boolean historical();

    int rowCount();

    /** Microseconds from 1970 UTC for {@code __millrace_loaded_at}. */
    long loadedAtMicros();

    /** A cursor before the first row; each call begins again. */
    RowCursor rows();
}
