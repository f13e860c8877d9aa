package dev.millrace.consume.destination;

import dev.millrace.storage.event.DataType;

/**
 * A column at the destination.
 *
 * @param sourceColumn the source column's name it is fed from; empty for a metadata column
 * @param keyPosition 1-based, 0 when not in the key; other columns are nullable
 * @param sourceIndex the cell's place in the rows of the load at hand; -1 when they lack it (a dropped column: left as it is, NULL in new rows)
 */
public record TargetColumn(
        String name, DataType dataType, Role role, String sourceColumn, int keyPosition, int sourceIndex) {
    /** VALUE, or which metadata column it is. */
    public enum Role {
        VALUE,
        /** {@code __millrace_id}: the event id, for tables without a key. Text. */
        ID,
        INGESTED_AT,
        LOADED_AT,
        SOURCE_MODIFIED_AT,
        DELETED,
        /** {@code __millrace_operation}, mode append: read, insert, update, delete or truncate. */
        OPERATION,
        /** {@code __millrace_sequence}, modes append and history: {@link RowCursor#sequence()}. */
        SEQUENCE,
        /** {@code __millrace_valid_from}, mode history. */
        VALID_FROM,
        /** {@code __millrace_valid_to}, mode history: exclusive, NULL while current. */
        VALID_TO,
        /** {@code __millrace_current}, mode history. */
        CURRENT
    }

    public boolean inKey() {
        return keyPosition > 0;
    }
}
