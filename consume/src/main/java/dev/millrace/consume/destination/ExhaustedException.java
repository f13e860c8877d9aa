package dev.millrace.consume.destination;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;

/** The destination had not the memory for this load; nothing of it was applied. Less at a time may pass. */
public final class ExhaustedException extends MillraceException {
    private static final long serialVersionUID = 1L;

    public ExhaustedException(String what, String why, String remedy, Throwable cause) {
        super("DESTINATION_MEMORY", Category.RESOURCE, what, why, remedy, cause);
    }
}
