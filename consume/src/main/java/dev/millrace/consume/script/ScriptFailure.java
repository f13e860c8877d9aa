package dev.millrace.consume.script;

import java.util.Objects;

/**
 * Why a script or an expression came to no result for one event. Codes: SCRIPT_ERROR (it threw, or did what JavaScript forbids),
 * SCRIPT_TIME, SCRIPT_STEPS, SCRIPT_MEMORY, SCRIPT_DEPTH, SCRIPT_TOO_LARGE (a limit), SCRIPT_VALUE_UNKNOWN (it needs a value that the event
 * doesn't carry), SCRIPT_RESULT (what it gave back is no event or no value). Without a stack trace, since a million of them may come in a row.
 */
public final class ScriptFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String code;
    private final String column;
    private final int line;
    private final String remedy;
    /** As the message, without values of the row. */
    private final String masked;

    /**
     * @param column the column at fault, empty where none is
     * @param line the line in the script, counted from 1; 0 where it is not known
     * @param why no values of the row
     */
    public ScriptFailure(String code, String column, int line, String why, String remedy) {
        this(code, column, line, new String[] {why, why}, remedy);
    }

    /** @param whys with the row's values, and without */
    private ScriptFailure(String code, String column, int line, String[] whys, String remedy) {
        super(whys[0], null, false, false);
        this.code = Objects.requireNonNull(code);
        this.column = Objects.requireNonNull(column);
        this.line = line;
        this.remedy = Objects.requireNonNull(remedy);
        this.masked = whys[1];
    }

    /**
     * Where the cause may hold values of the row: what a script throws is made of them.
     *
     * @param whyWithoutValues the same without them
     */
    public static ScriptFailure withValues(String code, int line, String why, String whyWithoutValues, String remedy) {
        return new ScriptFailure(code, "", line, new String[] {why, whyWithoutValues}, remedy);
    }

    public String code() {
        return code;
    }

    public String column() {
        return column;
    }

    public int line() {
        return line;
    }

    /** For who may see the row. */
    public String why() {
        return getMessage();
    }

    /** The same without values of the row: for whatever is kept or listed. */
    public String whyWithoutValues() {
        return masked;
    }

    public String remedy() {
        return remedy;
    }
}
