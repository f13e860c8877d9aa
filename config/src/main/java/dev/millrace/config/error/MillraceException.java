package dev.millrace.config.error;

import java.util.Objects;

/**
 * The one failure type that crosses module borders. It carries a stable code ({@code UPPER_SNAKE}, never renamed once released), a
 * category, and the three sentences every message owes its reader: what failed (with its id), why (values, limit, cause), and what to
 * do next. Secrets never stand in any of them.
 */
public class MillraceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String code;
    private final Category category;
    private final String what;
    private final String why;
    private final String remedy;

    /**
     * @param what what failed, with its id; never empty
     * @param why the cause with values and limits; may be empty
     * @param remedy the next step for the reader; may be empty
     * @param cause may be null
     */
    public MillraceException(String code, Category category, String what, String why, String remedy, Throwable cause) {
        super(sentence(what, why, remedy), cause);
        this.code = Objects.requireNonNull(code);
        this.category = Objects.requireNonNull(category);
        this.what = what;
        this.why = why;
        this.remedy = remedy;
    }

    public static MillraceException user(String code, String what, String why, String remedy) {
        return new MillraceException(code, Category.USER, what, why, remedy, null);
    }

    public static MillraceException external(String code, String what, String why, String remedy, Throwable cause) {
        return new MillraceException(code, Category.EXTERNAL, what, why, remedy, cause);
    }

    public static MillraceException resource(String code, String what, String why, String remedy, Throwable cause) {
        return new MillraceException(code, Category.RESOURCE, what, why, remedy, cause);
    }

    public static MillraceException internal(String code, String what, String why, Throwable cause) {
        return new MillraceException(
                code, Category.INTERNAL, what, why, "Please report this with the log file.", cause);
    }

    public final String code() {
        return code;
    }

    public final Category category() {
        return category;
    }

    public final String what() {
        return what;
    }

    public final String why() {
        return why;
    }

    public final String remedy() {
        return remedy;
    }

    private static String sentence(String what, String why, String remedy) {
        StringBuilder text = new StringBuilder(what);
        if (!why.isEmpty()) {
            text.append(": ").append(why);
        }
        if (!remedy.isEmpty()) {
            boolean ended = ".?!".indexOf(text.charAt(text.length() - 1)) >= 0;
            text.append(ended ? " " : ". ").append(remedy);
        }
        return text.toString();
    }
}
