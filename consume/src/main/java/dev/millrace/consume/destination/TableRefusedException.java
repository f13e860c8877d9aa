package dev.millrace.consume.destination;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;

/**
 * A table can't take rows as it is, whichever they are, until somebody has chosen what is to be done: all its events are held back meanwhile,
 * and the other tables go on.
 */
public final class TableRefusedException extends MillraceException {
    private static final long serialVersionUID = 1L;

    public TableRefusedException(String code, String what, String why, String remedy) {
        super(code, Category.USER, what, why, remedy, null);
    }
}
