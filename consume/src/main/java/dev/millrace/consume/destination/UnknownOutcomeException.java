package dev.millrace.consume.destination;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;

/** The connection failed after COMMIT was sent: whether the window is in is told by the committed log index, not guessed. */
public final class UnknownOutcomeException extends MillraceException {
    private static final long serialVersionUID = 1L;

    public UnknownOutcomeException(String pipeline, Throwable cause) {
        super(
                "COMMIT_UNKNOWN",
                Category.EXTERNAL,
                "Pipeline '" + pipeline + "' lost the destination during COMMIT",
                String.valueOf(cause.getMessage()),
                "The committed position is read back before anything is repeated.",
                cause);
    }
}
