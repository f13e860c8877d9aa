package dev.millrace.consume.destination;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.storage.event.Schema;

/**
 * One table's share of a window, in one schema version.
 *
 * <p>With a key it is a net effect: per key at most one row in {@link #rows()}, in no order that matters. {@link RowCursor.Kind#UPSERT} rows may
 * hold UNCHANGED cells; those are taken from the row that had {@link RowCursor#origin()} as its key before this load (NULL where there is
 * none), before anything else is changed. Then DELETE rows are deleted as {@link #onDelete()} says, where they are deleted for good with the
 * origins that differ from their row's key, then the upserts are written. A key that a row left is a DELETE by itself, unless another row took it or
 * all were truncated; so a row that is marked, by either kind, tells in {@link RowCursor#modifiedAtMicros()} when it was deleted. One that is marked
 * already stays as it is.
 *
 * <p>Without a key rows are in order: INSERT appends; DELETE_ONE deletes one row that equals the values in every source column, NULLs being
 * equal (or marks it, for SOFT, with the time of the deletion).
 *
 * <p>In mode append all rows are {@link RowCursor.Kind#APPEND}, in any order. UNCHANGED cells are taken from the newest row, by sequence, that
 * the key of {@link RowCursor#origin()} had before the load.
 *
 * <p>In mode history, in this order: UNCHANGED cells are taken from the version that was current under the origin's key before the load; of a
 * row whose origin has none they are NULL, or the row is left out while {@link #loading()}. REPLACE deletes a key's versions and CLOSE ends its
 * current one, not before it began; then all that are still current end likewise at {@link #truncatedAtMicros()}, if there was a truncation; then
 * the VERSION rows are written. No time of theirs is before the end of a version that the key has by then: where it would be, it is that one.
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

    /** The table's historical load is under way: rows may be changed that were not read yet. Mode history only. */
    default boolean loading() {
        return false;
    }

    /**
     * When the first truncation in this load was at the source, in microseconds from 1970 UTC. {@link Long#MIN_VALUE}: in mode history there was
     * none; in mode merge none, or its time is unknown.
     */
    default long truncatedAtMicros() {
        return Long.MIN_VALUE;
    }

    /** Microseconds from 1970 UTC for {@code __millrace_loaded_at}. */
    long loadedAtMicros();

    /** A cursor before the first row; each call begins again. */
    RowCursor rows();
}
