package dev.millrace.consume;

import dev.millrace.config.error.MillraceException;

/** What stands between a consumer and its log. */
final class LogTrouble {
    private LogTrouble() {}

    /** The destination has {@code from} applied, which this log, that ends at {@code end}, had not come to. */
    static MillraceException behind(String pipeline, long from, long end) {
        return MillraceException.resource(
                "LOG_BEHIND",
                "Pipeline '" + pipeline + "' can't go on",
                "the destination has log index " + from + " applied, but the log "
                        + (from > end ? "ends at " + end : "had not come so far before")
                        + ": the data folder is older than the destination, or another one",
                "Restore the data folder the destination was loaded from, or begin again from this one: millrace reload --all --pipeline "
                        + pipeline,
                null);
    }

    static MillraceException slow(String pipeline, long logIndex, long waitedMillis) {
        return MillraceException.external(
                "LOG_SLOW",
                "Pipeline '" + pipeline + "' can't go on",
                "batch " + logIndex + " of its log was not read within " + waitedMillis + " ms",
                "Check the disk; it is tried again by itself.",
                null);
    }
}
