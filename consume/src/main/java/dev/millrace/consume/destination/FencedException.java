package dev.millrace.consume.destination;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;

/** Another instance has claimed the pipeline's position at the destination; nothing was committed. Never retried: RESOURCE, as a folder that is in use. */
public final class FencedException extends MillraceException {
    private static final long serialVersionUID = 1L;

    public FencedException(String pipeline) {
        super(
                "FENCED",
                Category.RESOURCE,
                "Pipeline '" + pipeline + "' was stopped",
                "another Millrace instance has taken over its destination",
                "Run each pipeline in one place only; stop the other instance, then start this one again.",
                null);
    }
}
