package dev.millrace.web;

import java.util.List;

/**
 * What the web sees of a running installation. Called from the server's threads, at any time between the server's start and close, by
 * several threads at once; answers must come within milliseconds and never wait for a source or a destination, {@link #reload} excepted.
 */
public interface Installation extends TransformDesk {
    /** The version as in {@code millrace version}. */
    String version();

    /** Why the installation isn't ready to work, one sentence each; empty when it is. */
    List<String> notReadyBecause();

    /** A snapshot of every pipeline, ordered by name. */
    List<PipelineStatus> pipelines();

    /** The pipelines' failed events. */
    FailedEventControl failedEvents();

    /** Where the pipelines' objects go. */
    MappingControl mapping();

    /**
     * Asks for one object to be read again from the start; returns when the wish is stored, not when the load is done. {@code *} stands for
     * the whole pipeline from the beginning: returns when it has begun again, for which both sides are stopped first (up to a minute where a
     * database doesn't answer).
     *
     * @param anyway also where parked versions of a history are lost by it
     * @throws dev.millrace.config.error.MillraceException of category USER when there is no such pipeline or object; PARKED_VERSIONS where
     *     versions would be lost
     */
    void reload(String pipeline, String object, boolean anyway);

    /**
     * Has a pipeline load what its log holds now; returns when that is asked for, not when it is done.
     *
     * @return false for one that is loaded in real time: there is nothing to ask for
     * @throws dev.millrace.config.error.MillraceException of category USER when there is no such pipeline; what its loading has stopped of
     */
    boolean load(String pipeline);

    /**
     * A pipeline's last runs, newest first.
     *
     * @throws dev.millrace.config.error.MillraceException of category USER when there is no such pipeline
     */
    List<RunStatus> runs(String pipeline, int limit);
}
