package dev.millrace.web;

import java.util.List;

/**
 * What the web sees of where a pipeline's objects go at the destination, and may choose for them. From any thread; answers come from the state
 * store, never from a database. Choices are durable when a call returns; a running pipeline takes them up by itself, one that doesn't run at
 * its next start. Every method throws a {@link dev.millrace.config.error.MillraceException} of category USER when there is no such pipeline or
 * object.
 */
public interface MappingControl {
    /** Every object that has come to the destination's side, by name. */
    List<MappingStatus> list(String pipeline);

    /** One object with its columns. */
    MappingDetail show(String pipeline, String object);

    /**
     * Approves of what waits for that: the objects themselves, and what is proposed for them.
     *
     * @param objects empty: all that wait
     */
    List<MappingAnswer> approve(String pipeline, List<String> objects);

    /** Rejects what is proposed for an object; one that waits to be approved itself is skipped. */
    MappingAnswer reject(String pipeline, String object);

    /**
     * Chooses what becomes of an object.
     *
     * @throws dev.millrace.config.error.MillraceException USER also where another object goes to the table that was named, or the destination
     *     would not take its name
     */
    MappingAnswer set(String pipeline, String object, MappingWish wish);
}
