package dev.millrace.consume.destination;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;

/**
 * A table is not as it was when it was last described: whoever throws it away and looks again finds out what has become of it. Nothing was
 * applied.
 */
public final class TableChangedException extends MillraceException {
    private static final long serialVersionUID = 1L;

    public TableChangedException(String code, String what, String why, String remedy, Throwable cause) {
        super(code, Category.USER, what, why, remedy, cause);
    }
}
