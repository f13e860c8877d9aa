package dev.millrace.ingest.engine;

import dev.millrace.storage.event.TableName;

/**
 * How far a table's historical load is.
 *
 * @param rows read by the current load so far
 * @param estimatedRows by the source's statistics, -1 unknown
 * @param startedAtMillis wall clock, 0 not yet
 * @param endedAtMillis wall clock, 0 not yet
 */
public record LoadStatus(
        TableName table, State state, long rows, long estimatedRows, long startedAtMillis, long endedAtMillis) {
    /** CATCHING_UP: every row is read; the stream has not yet passed the snapshots they were read in. Ordinals are stored. */
    public enum State {
        PENDING,
        LOADING,
        CATCHING_UP,
        LOADED
    }
}
