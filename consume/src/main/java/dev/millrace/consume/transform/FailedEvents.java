package dev.millrace.consume.transform;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.event.TableName;

/** What becomes of events that a phase refuses. Called by the thread that gathers. */
@FunctionalInterface
public interface FailedEvents {
    /** Ends the pipeline at the first one. */
    FailedEvents STOP = (source, event, phase, failure) -> {
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
     * @param source the source's table that it comes from
     * @param event as it was before the phase; valid during the call
     * @param phase the phase's {@link RowPhase#name()}
     */
    void refused(TableName source, EventView event, String phase, EventFailure failure);

    /**
     * A phase can't work on rows such as the event's, whatever their values: a step names a column that the table has no more. The event, which
     * may be one without values, is left out if this returns; where nothing else is said, it is thrown.
     *
     * @param why USER; tells no values
     */
    default void unfit(TableName source, EventView event, String phase, MillraceException why) {
        throw why;
    }
}
