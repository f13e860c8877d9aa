package dev.millrace.consume.transform;

import dev.millrace.config.transform.Place;
import java.util.Objects;

/**
 * Why one event can't pass a phase: the data are at fault, and the other events go on where the pipeline lets them. Without a stack trace, since
 * a million of them may come in a row.
 */
public final class EventFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String code;
    private final String column;
    private final String remedy;
    private final boolean placed;

    /**
     * @param code stable, UPPER_SNAKE
     * @param column the column at fault, empty where none is
     * @param why the cause with values and limits; no values of columns that are masked or hashed
     * @param remedy the next step for the reader; may be empty
     */
    public EventFailure(String code, String column, String why, String remedy) {
        this(code, column, why, remedy, false);
    }

    private EventFailure(String code, String column, String why, String remedy, boolean placed) {
        super(why, null, false, false);
        this.code = Objects.requireNonNull(code);
        this.column = Objects.requireNonNull(column);
        this.remedy = Objects.requireNonNull(remedy);
        this.placed = placed;
    }

    /** The same, about a column. */
    public EventFailure of(String itsColumn) {
        return new EventFailure(code, itsColumn, getMessage(), remedy, placed);
    }

    /** The same with the step's file, line and column behind the cause, unless a step within that one has told its own. */
    public EventFailure at(Place step) {
        String place = step.file().getFileName() + ":" + step.line() + ":" + step.column();
        return placed ? this : new EventFailure(code, column, getMessage() + " (" + place + ")", remedy, true);
    }

    public String code() {
        return code;
    }

    public String column() {
        return column;
    }

    public String why() {
        return getMessage();
    }

    public String remedy() {
        return remedy;
    }
}
