package dev.millrace.consume.destination;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import java.util.List;

/**
 * Rows or values the destination can't take: the data are at fault, not the destination. {@code table} and {@code column} are empty where they
 * are not known. Its message tells nothing of the rows, since messages are logged and shown to everybody; so it has no cause, either.
 */
public final class DataException extends MillraceException {
    /** The code of rows that are refused for what they are. */
    public static final String DATA = "DATA_REFUSED";

    /** The code of rows that are refused in words which aren't the destination's own, by a trigger for one. */
    public static final String RULE = "RULE_REFUSED";

    /** The code of rows that refer to rows that aren't there, or are taken away while others refer to them. */
    public static final String REFERENCE = "REFERENCE_REFUSED";

    private static final long serialVersionUID = 1L;

    /**
     * A row that is refused.
     *
     * @param column empty where it is not known
     * @param code of this row's refusal
     */
    public record Row(String eventId, String column, Reason why, String code) {
        /** One that is refused for what it is; {@code why} tells nothing of it. */
        public Row(String eventId, String column, String why) {
            this(eventId, column, Reason.plain(why), DATA);
        }
    }

    private final String table;
    private final String column;
    private final transient Reason reason;
    private final transient List<Row> rows;

    /** @param code one of those above */
    public DataException(String code, String table, String column, Reason why) {
        this(code, new Place(table, column), why, List.of());
    }

    /**
     * Of a row that is refused for what it is.
     *
     * @param eventId the id of the row's event; empty where it is not known
     */
    public DataException(String table, String column, Reason why, String eventId) {
        this(
                DATA,
                new Place(table, column),
                why,
                eventId.isEmpty() ? List.of() : List.of(new Row(eventId, column, why, DATA)));
    }

    /** @param rows at least one */
    public DataException(String table, List<Row> rows) {
        this(
                rows.get(0).code(),
                new Place(table, rows.get(0).column()),
                rows.get(0).why(),
                rows);
    }

    private DataException(String code, Place place, Reason why, List<Row> rows) {
        super(code, Category.USER, place.what(), why.withoutValues(), remedy(code), null);
        this.reason = why;
        this.table = place.table();
        this.column = place.column();
        this.rows = List.copyOf(rows);
    }

    private static String remedy(String code) {
        return code.equals(REFERENCE)
                ? "Have what it refers to loaded too (see 'millrace failed list' and 'objects'), or drop the constraint at the destination."
                : "Correct the row at the source, then run 'millrace reload --all' for this pipeline: the log still holds the value, and loading"
                        + " begins again without it. Nothing was lost; or leave the table out of 'objects'.";
    }

    /** What is to be done about an event that is parked since its value was refused with this code. */
    public static String remedyOfParked(String code) {
        return code.equals(REFERENCE)
                ? "It is tried again by itself. Have what it refers to loaded too, or drop the constraint at the destination."
                : "Make the destination take it, or change the value under 'transform', then run 'millrace failed replay'; or correct the"
                        + " row at the source, then run 'millrace failed skip' for this event.";
    }

    private record Place(String table, String column) {
        String what() {
            return (table.isEmpty() ? "A table" : "Table '" + table + "'")
                    + (column.isEmpty() ? "" : " column '" + column + "'") + " can't take a value";
        }
    }

    /** Refused for what other rows say, of this table or another: it may be taken once these are there, or gone. */
    public boolean isReference() {
        return code().equals(REFERENCE);
    }

    public String table() {
        return table;
    }

    public String column() {
        return column;
    }

    public Reason reason() {
        return reason;
    }

    /** The rows that are known to be refused, whatever becomes of the others; empty where none is known. */
    public List<Row> rows() {
        return rows;
    }
}
