package dev.millrace.config.pipeline;

/** What a load makes of an object's changes at the destination. Ordinals are stored: only ever append. */
public enum LoadMode {
    /** The destination's table is as the source's: one row a key. */
    MERGE,
    /** Every change is a row, with its operation and a number to order by. */
    APPEND,
    /** Every version of a row is a row, with the time from which and to which it was so (slowly changing dimension, type 2). */
    HISTORY
}
