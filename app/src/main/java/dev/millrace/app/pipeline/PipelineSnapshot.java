package dev.millrace.app.pipeline;

import dev.millrace.consume.ConsumeStatus;
import dev.millrace.consume.failed.FailedCounts;
import dev.millrace.consume.failed.FailedQueue;
import dev.millrace.ingest.engine.IngestStatus;
import dev.millrace.ingest.engine.LeftOut;
import dev.millrace.ingest.engine.LoadStatus;
import dev.millrace.storage.log.Topic;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A pipeline at one moment, for displays.
 *
 * @param why what is in the way, empty when nothing is
 * @param lagMillis age of the oldest change not applied yet, 0 when all is and never else; empty while unknown
 * @param lagBatches batches in the log that are not applied yet
 * @param lagEvents events read by this process that are not applied yet
 * @param lagBytes an estimate of those batches' bytes: the log's size when anything is behind
 * @param eventsLost events that at-most-once has passed over, since the pipeline began
 * @param failures failed tries since the start
 * @param loading when it is loaded
 * @param microBatches it has fallen behind, and loads in wider windows until it has caught up
 * @param failed its failed events in numbers
 * @param failedExpireSoon whether some of them are soon given up for their age
 * @param leftOut objects that patterns choose and that are not read, because they don't fit
 */
public record PipelineSnapshot(
        String name,
        PipelineState state,
        String why,
        long eventsRead,
        long rowsLoaded,
        OptionalLong lagMillis,
        long lagBatches,
        long lagEvents,
        long lagBytes,
        long logBytes,
        long eventsLost,
        long failures,
        String sourceOffset,
        Loading loading,
        boolean microBatches,
        FailedCounts failed,
        boolean failedExpireSoon,
        List<TableProgress> tables,
        List<LeftOut> leftOut) {

    /** One table's historical load and what has been written of it; {@code estimatedRows} -1 unknown, times 0 when not yet. */
    public record TableProgress(
            String table,
            LoadStatus.State state,
            long rowsRead,
            long estimatedRows,
            long startedAtMillis,
            long endedAtMillis,
            long rowsLoaded) {}

    /**
     * @param schedule as in YAML; empty in real time
     * @param next when the next load is due; empty also while that isn't known
     */
    public record Loading(Optional<String> schedule, Optional<Instant> next) {
        static final Loading REAL_TIME = new Loading(Optional.empty(), Optional.empty());
    }

    /** One whose definition can't be used. */
    public static PipelineSnapshot rejected(String name, String why) {
        return notStarted(name, PipelineState.FAILED, why, 0, Loading.REAL_TIME);
    }

    static PipelineSnapshot notStarted(String name, PipelineState state, String why, long failures, Loading loading) {
        return new PipelineSnapshot(
                name,
                state,
                why,
                0,
                0,
                OptionalLong.empty(),
                0,
                0,
                0,
                0,
                0,
                failures,
                "",
                loading,
                false,
                FailedCounts.NONE,
                false,
                List.of(),
                List.of());
    }

    static PipelineSnapshot of(
            Health health,
            IngestSide ingest,
            ConsumeStatus consumed,
            FailedQueue failed,
            Topic topic,
            Loading loading,
            long nowMillis) {
        IngestStatus read = ingest.status();
        long behind = Math.max(0, topic.appendedIndex() - consumed.appliedIndex());
        long logBytes = topic.sizeBytes();
        List<TableProgress> tables = read.tables().stream()
                .map(table -> new TableProgress(
                        table.table().toString(),
                        table.state(),
                        table.rows(),
                        table.estimatedRows(),
                        table.startedAtMillis(),
                        table.endedAtMillis(),
                        consumed.tables().getOrDefault(table.table(), 0L)))
                .toList();
        return new PipelineSnapshot(
                        health.pipeline(),
                        health.state(),
                        health.why(),
                        read.eventsRead(),
                        consumed.rowsLoaded(),
                        lagMillis(behind, consumed.oldestWaitingMicros(), nowMillis),
                        behind,
                        behind == 0 ? 0 : Math.max(0, read.eventsRead() - consumed.eventsApplied()),
                        behind == 0 ? 0 : logBytes,
                        logBytes,
                        consumed.eventsLost(),
                        health.failures(),
                        read.sourceOffset(),
                        loading,
                        consumed.microBatches(),
                        FailedCounts.NONE,
                        false,
                        tables,
                        read.leftOut())
                .withFailed(failed);
    }

    /** With figures of the failed events, which are there whether or not it has started. */
    PipelineSnapshot withFailed(FailedQueue queue) {
        FailedCounts counts = queue.lastCounts();
        return new PipelineSnapshot(
                name,
                state,
                why,
                eventsRead,
                rowsLoaded,
                lagMillis,
                lagBatches,
                lagEvents,
                lagBytes,
                logBytes,
                eventsLost,
                failures,
                sourceOffset,
                loading,
                microBatches,
                counts,
                counts.events() > 0 && queue.expiresSoon(counts.nextExpiryMillis()),
                tables,
                leftOut);
    }

    /** At least a millisecond while anything waits, whatever the clocks of two machines say. */
    static OptionalLong lagMillis(long behind, long oldestWaitingMicros, long nowMillis) {
        if (behind == 0) {
            return OptionalLong.of(0);
        }
        return oldestWaitingMicros == Long.MAX_VALUE
                ? OptionalLong.empty()
                : OptionalLong.of(Math.max(1, nowMillis - oldestWaitingMicros / 1000));
    }
}
