package dev.millrace.consume.destination;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;

/**
 * A row or value the destination can't take: the data are at fault, not the destination. {@code column} is empty where it is not known, and so
 * is {@code eventId}, the id of the row's event.
 */
public final class DataException extends MillraceException {
    private static final long serialVersionUID = 1L;

    private final String table;
    private final String column;
    private final String eventId;

    public DataException(String table, String column, String why, Throwable cause) {
        this(table, column, why, "", cause);
    }

    public DataException(String table, String column, String why, String eventId, Throwable cause) {
        super(
                "DATA_REFUSED",
                Category.USER,
                "Table '" + table + "'" + (column.isEmpty() ? "" : " column '" + column + "'") + " can't take a value",
                why,
                "Correct the row at the source, then run 'millrace reload --all' for this pipeline: the log still holds the value, and loading"
                        + " begins again without it. Nothing was lost; or leave the table out of 'objects'.",
                cause);
        this.table = table;
        this.column = column;
        this.eventId = eventId;
    }

    public String table() {
        return table;
    }

    public String column() {
        return column;
    }

    public String eventId() {
        return eventId;
    }
}
