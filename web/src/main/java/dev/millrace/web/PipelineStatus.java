package dev.millrace.web;

import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;

/**
 * One pipeline at one moment. Counters grow from the process's start and never fall.
 *
 * @param reason why it is in that state, one or two sentences; empty when there is nothing to say
 * @param eventsRead events appended to the log
 * @param rowsLoaded rows inserted, updated or deleted in the destination and committed
 * @param eventsLost events never loaded and never to be, by the guarantee at-most-once; counted since the pipeline began
 * @param errors failed attempts of any kind
 * @param lagSeconds age of the oldest event in the log that isn't loaded, 0 when all are; empty while unknown
 * @param lagEvents events in the log that aren't loaded
 * @param lagBytes bytes in the log that aren't loaded
 * @param logBytes what the pipeline's log occupies on disk
 * @param loading when its destination is loaded
 * @param failed its failed events
 * @param objectsWaiting how many objects wait for a user to approve or choose, see {@link MappingStatus#waits}, or are left out
 */
public record PipelineStatus(
        String name,
        State state,
        String reason,
        long eventsRead,
        long rowsLoaded,
        long eventsLost,
        long errors,
        OptionalDouble lagSeconds,
        long lagEvents,
        long lagBytes,
        long logBytes,
        LoadingStatus loading,
        FailedFigures failed,
        long objectsWaiting,
        List<ObjectStatus> objects) {

    /** RETRYING: an external failure, tried again by itself. FAILED: stands until a person acts. */
    public enum State {
        STARTING,
        RUNNING,
        RETRYING,
        FAILED,
        STOPPED
    }

    public PipelineStatus {
        Objects.requireNonNull(name);
        Objects.requireNonNull(state);
        Objects.requireNonNull(reason);
        Objects.requireNonNull(lagSeconds);
        Objects.requireNonNull(loading);
        Objects.requireNonNull(failed);
        objects = List.copyOf(objects);
    }
}
