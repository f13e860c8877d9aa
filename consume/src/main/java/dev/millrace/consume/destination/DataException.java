package dev.millrace.consume.destination;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import java.util.List;

/** Rows or values the destination can't take: the data are at fault, not the destination. {@code table} and {@code column} are empty where they are not known. */
public final class DataException extends MillraceException {
    private static final long serialVersionUID = 1L;

    /**
     * A row that is refused.
     *
     * @param column empty where it is not known
     */
    public record Row(String eventId, String column, String why) {}

    private final String table;
    private final String column;
    private final transient List<Row> rows;

    public DataException(String table, String column, String why, Throwable cause) {
        this(table, column, why, List.of(), cause);
    }

    /** @param eventId the id of the row's event; empty where it is not known */
    public DataException(String table, String column, String why, String eventId, Throwable cause) {
        this(table, column, why, eventId.isEmpty() ? List.of() : List.of(new Row(eventId, column, why)), cause);
    }

    /** @param rows at least one */
    public DataException(String table, List<Row> rows, Throwable cause) {
        this(table, rows.get(0).column(), rows.get(0).why(), rows, cause);
    }

    private DataException(String table, String column, String why, List<Row> rows, Throwable cause) {
        super(
                "DATA_REFUSED",
                Category.USER,
                (table.isEmpty() ? "A table" : "Table '" + table + "'")
                        + (column.isEmpty() ? "" : " column '" + column + "'") + " can't take a value",
                why,
                "Correct the row at the source, then run 'millrace reload --all' for this pipeline: the log still holds the value, and loading"
                        + " begins again without it. Nothing was lost; or leave the table out of 'objects'.",
                cause);
        this.table = table;
        this.column = column;
        this.rows = List.copyOf(rows);
    }

    public String table() {
        return table;
    }

    public String column() {
        return column;
    }

    /** The rows that are known to be refused, whatever becomes of the others; empty where none is known. */
    public List<Row> rows() {
        return rows;
    }
}
