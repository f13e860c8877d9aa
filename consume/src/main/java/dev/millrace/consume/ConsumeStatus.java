package dev.millrace.consume;

import dev.millrace.storage.event.TableName;
import java.util.Map;

/**
 * What a consumer has done since it was made, at one moment.
 *
 * @param rowsLoaded rows written at the destination, deleted ones included
 * @param eventsApplied events of the windows applied
 * @param eventsLost events that at-most-once has passed over, since the pipeline began
 * @param windows windows applied
 * @param appliedIndex the log index durably applied
 * @param lastCommitMillis wall clock of the last commit, 0 before the first
 * @param lastModifiedAtMicros the newest commit time at the source that is applied, {@link Long#MIN_VALUE} unknown
 * @param microBatches it has fallen behind, and takes wider windows until it has caught up
 * @param oldestWaitingMicros when the oldest of what is in the log and not applied was committed at the source, or read where that is
 *     unknown; {@link Long#MAX_VALUE} where nothing waits, or nothing is known of it yet
 * @param tables the rows written per source table
 * @param passedOver the events passed over per object that is skipped, waits for approval, or for a load of it to begin
 * @param why what the last failure was; empty while all is well
 */
public record ConsumeStatus(
        State state,
        long rowsLoaded,
        long eventsApplied,
        long eventsLost,
        long windows,
        long appliedIndex,
        long lastCommitMillis,
        long lastModifiedAtMicros,
        boolean microBatches,
        long oldestWaitingMicros,
        Map<TableName, Long> tables,
        Map<TableName, Long> passedOver,
        String why) {

    /** IDLE: all that is durable is applied. */
    public enum State {
        NEW,
        IDLE,
        LOADING,
        STOPPED,
        FAILED
    }

    public ConsumeStatus {
        tables = Map.copyOf(tables);
        passedOver = Map.copyOf(passedOver);
    }
}
