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

    /**
     * @param column the column at fault, empty where none is
     * @param line the line in the script, counted from 1; 0 where it is not known
     */
    public ScriptFailure(String code, String column, int line, String why, String remedy) {
        super(why, null, false, false);
        this.code = Objects.requireNonNull(code);
        this.column = Objects.requireNonNull(column);
        this.line = line;
        this.remedy = Objects.requireNonNull(remedy);
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

    public String why() {
        return getMessage();
    }

    public String remedy() {
        return remedy;
    }
}
