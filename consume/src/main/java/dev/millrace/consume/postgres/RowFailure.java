package dev.millrace.consume.postgres;

import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.destination.DataException;
import dev.millrace.consume.destination.Reason;
import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import java.sql.SQLException;
import java.util.List;

/** Names the event at which a load stopped. */
final class RowFailure {
    private RowFailure() {}

    /** A value that was refused before it was sent. */
    static DataException refused(TableLoad load, ColumnPlan plan, RowCursor row, String why) {
        return new DataException(
                load.target().name().toString(),
                plan.column().name(),
                Reason.plain(why + " (event " + row.eventId() + ")"),
                row.eventId());
    }

    private static DataException at(DataException data, String eventId) {
        Reason why = data.reason().before(" (event " + eventId + ")");
        return new DataException(
                data.table(), List.of(new DataException.Row(eventId, data.column(), why, data.code())));
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
                return at(data, rows.eventId());
            }
        }
        return plain;
    }
}
