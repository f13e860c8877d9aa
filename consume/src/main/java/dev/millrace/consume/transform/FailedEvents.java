package dev.millrace.consume.transform;

import dev.millrace.config.error.MillraceException;

/** What becomes of events that a phase refuses. Called by the thread that gathers. */
@FunctionalInterface
public interface FailedEvents {
    /** Ends the pipeline at the first one. */
    FailedEvents STOP = (event, phase, failure) -> {
        throw MillraceException.user(
                failure.code(),
                "Table '" + event.schema().table() + "'"
                        + (failure.column().isEmpty() ? "" : " column '" + failure.column() + "'")
                        + " has a row that can't pass '" + phase + "'",
                "event " + event.eventId() + " (" + event.operation() + ") at log index " + event.logIndex() + ": "
                        + failure.whyWithoutValues(),
                failure.remedy());
    };

    /**
     * The event is left out if this returns.
     *
     * @param event as it was before the phase; valid during the call
     * @param phase the phase's {@link RowPhase#name()}
     */
    void refused(EventView event, String phase, EventFailure failure);
}
