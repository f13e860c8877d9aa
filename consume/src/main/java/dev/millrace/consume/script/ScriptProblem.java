package dev.millrace.consume.script;

import java.util.Objects;

/** Why a text is no script or no expression, found before any event. Codes: SCRIPT_SYNTAX, UNKNOWN_NAME, SCRIPT_NO_FUNCTION. */
public final class ScriptProblem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String code;
    private final int line;
    private final int column;
    private final String suggestion;

    /**
     * @param line in the text, from 1
     * @param column in the line, from 1
     * @param suggestion the next step for the reader; may be empty
     */
    public ScriptProblem(String code, int line, int column, String message, String suggestion) {
        super(message, null, false, false);
        this.code = Objects.requireNonNull(code);
        this.line = line;
        this.column = column;
        this.suggestion = Objects.requireNonNull(suggestion);
    }

    public String code() {
        return code;
    }

    public int line() {
        return line;
    }

    public int column() {
        return column;
    }

    public String suggestion() {
        return suggestion;
    }
}
