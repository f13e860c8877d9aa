package dev.millrace.consume.destination;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;

/** The destination had not the memory for this load; nothing of it was applied. Less at a time may pass. */
public final class ExhaustedException extends MillraceException {
    private static final long serialVersionUID = 1L;

    private final boolean moreGranted;

    public ExhaustedException(String what, String why, String remedy, Throwable cause) {
        this(what, why, remedy, cause, false);
    }

    /** @param moreGranted the destination has more memory now: the same may pass */
    public ExhaustedException(String what, String why, String remedy, Throwable cause, boolean moreGranted) {
        super("DESTINATION_MEMORY", Category.RESOURCE, what, why, remedy, cause);
        this.moreGranted = moreGranted;
    }

    /** Whether the same load may pass when it is tried again. */
    public boolean moreGranted() {
        return moreGranted;
    }
}
