package dev.millrace.config.pipeline;

/** What a crash between load and position may do. */
public enum Guarantee {
    /** The log index is committed in the destination's own transaction, with the rows. */
    EXACTLY_ONCE,
    /** The position is stored after the load: at most one window is repeated. */
    AT_LEAST_ONCE,
    /** The position is stored before the load: at most one window is lost, and counted. */
    AT_MOST_ONCE
}
