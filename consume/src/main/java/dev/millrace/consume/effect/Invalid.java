package dev.millrace.consume.effect;

import dev.millrace.consume.destination.DataException;
import dev.millrace.consume.destination.Reason;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.event.Schema;

/** What a row must have to be applied at all, and the errors when it lacks it. */
final class Invalid {
    private Invalid() {}

    /** Refuses a key with a cell that is NULL or not known. */
    static void requireKey(Cells cells, int[] keyColumns, BatchReader reader) {
        for (int column : keyColumns) {
            if (cells.isNull(column)) {
                throw row(reader, column, "the key column is NULL");
            }
            if (cells.isUnchanged(column)) {
                throw row(reader, column, "the key column's value is missing from the event");
            }
        }
    }

    /** Refuses a row of a table without a key that lacks cells. */
    static void requireWhole(Cells cells, BatchReader reader) {
        if (cells.anyUnchanged()) {
            int column = 0;
            while (!cells.isUnchanged(column)) {
                column++;
            }
            throw row(reader, column, "the table has no key and the event lacks a value; set REPLICA IDENTITY FULL");
        }
    }

    /** An error about the reader's current row; {@code column} -1 where none is at fault. */
    static DataException row(BatchReader reader, int column, String why) {
        Schema schema = reader.schema();
        String eventId = reader.position() + ":" + reader.ordinal();
        return new DataException(
                schema.table().toString(),
                column < 0 ? "" : schema.columns().get(column).name(),
                Reason.plain("event " + eventId + " (" + reader.operation() + "): " + why),
                eventId);
    }
}
