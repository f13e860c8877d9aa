package dev.millrace.consume.postgres;

import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.destination.DataException;
import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import java.sql.SQLException;

/** Names the event at which a load stopped. */
final class RowFailure {
    private RowFailure() {}

    /** A value that was refused before it was sent. */
    static DataException refused(TableLoad load, ColumnPlan plan, RowCursor row, String why) {
        return new DataException(
                load.target().name().toString(),
                plan.column().name(),
                why + " (event " + row.eventId() + ")",
                row.eventId(),
                null);
    }

    /** What the server said of a statement that takes the rows that {@code filter} includes, and had come to {@code last}. */
    static MillraceException drawn(TableLoad load, RowFilter filter, long last, SQLException failure) {
        MillraceException plain = PostgresErrors.at(load.target().name(), failure);
        if (last < 0 || !(plain instanceof DataException data)) {
            return plain;
        }
        String eventId = "";
        boolean behind = false;
        RowCursor rows = load.rows();
        for (int row = 0; !behind && rows.next(); row++) {
            boolean taken = filter.includes(row, rows.kind());
            eventId = taken && row == last ? rows.eventId() : eventId;
            behind = taken && row > last;
        }
        return behind && !eventId.isEmpty() ? at(data, eventId, failure) : plain;
    }

    private static DataException at(DataException data, String eventId, SQLException failure) {
        return new DataException(
                data.table(), data.column(), data.why() + " (event " + eventId + ")", eventId, failure);
    }

    /** What the server said of a COPY of the rows that {@code filter} includes. */
    static MillraceException copy(TableLoad load, RowFilter filter, SQLException failure) {
        long line = PostgresErrors.isData(failure) ? PostgresErrors.copyLine(failure) : 0;
        MillraceException plain = PostgresErrors.at(load.target().name(), failure);
        if (line == 0 || !(plain instanceof DataException data)) {
            return plain;
        }
        RowCursor rows = load.rows();
        long written = 0;
        for (int row = 0; rows.next(); row++) {
            if (filter.includes(row, rows.kind()) && ++written == line) {
                return at(data, rows.eventId(), failure);
            }
        }
        return plain;
    }
}
