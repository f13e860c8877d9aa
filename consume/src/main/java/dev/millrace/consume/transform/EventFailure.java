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
    /** As the message, without values of the row. */
    private final String masked;

    private final boolean placed;

    /**
     * @param code stable, UPPER_SNAKE
     * @param column the column at fault, empty where none is
     * @param why the cause with limits; no values of the row
     * @param remedy the next step for the reader; may be empty
     */
    public EventFailure(String code, String column, String why, String remedy) {
        this(code, column, new String[] {why, why}, remedy, false);
    }

    /** @param whys with the row's values, and without */
    private EventFailure(String code, String column, String[] whys, String remedy, boolean placed) {
        super(whys[0], null, false, false);
        this.code = Objects.requireNonNull(code);
        this.column = Objects.requireNonNull(column);
        this.remedy = Objects.requireNonNull(remedy);
        this.masked = whys[1];
        this.placed = placed;
    }

    /**
     * A value that isn't what it would have to be.
     *
     * @param value as far as it is to be shown
     * @param isNot goes on behind it: "is not a date"
     */
    public static EventFailure ofValue(String code, String value, String isNot, String remedy) {
        return new EventFailure(
                code, "", new String[] {"'" + value + "' " + isNot, "the value " + isNot}, remedy, false);
    }

    /**
     * Where the cause may hold values of the row.
     *
     * @param whyWithoutValues the same without them
     */
    public static EventFailure withValues(
            String code, String column, String why, String whyWithoutValues, String remedy) {
        return new EventFailure(code, column, new String[] {why, whyWithoutValues}, remedy, false);
    }

    /** The same, about a column. */
    public EventFailure of(String itsColumn) {
        return new EventFailure(code, itsColumn, new String[] {getMessage(), masked}, remedy, placed);
    }

    /** The same with the step's file, line and column behind the cause, unless a step within that one has told its own. */
    public EventFailure at(Place step) {
        String place = " (" + step.file().getFileName() + ":" + step.line() + ":" + step.column() + ")";
        return placed
                ? this
                : new EventFailure(code, column, new String[] {getMessage() + place, masked + place}, remedy, true);
    }

    public String code() {
        return code;
    }

    public String column() {
        return column;
    }

    /** With the value at fault: for who may see the row. */
    public String why() {
        return getMessage();
    }

    /** The same without it: for whatever is kept or listed. */
    public String whyWithoutValues() {
        return masked;
    }

    public String remedy() {
        return remedy;
    }
}
