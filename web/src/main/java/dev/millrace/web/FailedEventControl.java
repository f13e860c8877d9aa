package dev.millrace.web;

import java.util.List;
import java.util.Optional;

/**
 * What the web sees of the failed events of a running installation, and may have done with them. From any thread; answers come from the state
 * store, never from a database. Every method throws a {@link dev.millrace.config.error.MillraceException} of category USER when there is no such
 * pipeline, or what was given is no id or phase.
 */
public interface FailedEventControl {
    /** What is parked, by what failed; the largest group first. */
    List<FailedGroupStatus> groups(String pipeline);

    /**
     * Events in the order they are to be applied.
     *
     * @param after the id behind which to begin
     */
    List<FailedEventStatus> list(String pipeline, FailedSelection selection, Optional<String> after, int limit);

    /** Throws a USER error FAILED_EVENT_NOT_FOUND when there is none of this id. */
    FailedEventValues values(String pipeline, String id, boolean clear);

    /** As {@link #values}, with what the phases make of it now up to the one that it failed in; that takes as long as their scripts take. */
    FailedEventDetail show(String pipeline, String id, boolean clear);

    /**
     * Has parked events tried again as soon as the pipeline comes to it, with those that have to go before them, and begins loading again where
     * it has stopped.
     */
    FailedReplay replay(String pipeline, FailedSelection selection);

    /** Gives parked events up for good; returns how many. Begins loading again likewise. */
    long skip(String pipeline, FailedSelection selection);
}
