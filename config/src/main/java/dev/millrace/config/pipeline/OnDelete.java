package dev.millrace.config.pipeline;

/** What a deleted source row becomes at the destination. */
public enum OnDelete {
    /** The row stays with {@code __millrace_deleted} true. */
    SOFT,
    /** The row is deleted. */
    HARD,
    /** The row stays as it was. */
    IGNORE
}
