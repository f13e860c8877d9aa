package dev.millrace.app.pipeline;

/** Where a pipeline stands. */
public enum PipelineState {
    /** Not started yet, or stopped on purpose. */
    STOPPED,
    RUNNING,
    /** A cause outside is in the way; tried again with back-off. */
    RETRYING,
    /** Someone has to act; nothing was lost. */
    FAILED
}
