package dev.millrace.ingest.engine;

import java.util.List;

/**
 * What an engine is doing, for people and metrics.
 *
 * @param state one word: {@code starting}, {@code loading}, {@code streaming}, {@code waiting}, {@code stopped}, {@code failed}
 * @param why what it waits for or what failed; may be empty
 * @param eventsRead by the stream and the loads since the engine was made
 * @param bytesRead of batches before compression, since the engine was made
 * @param sourceOffset where the stream stands, in the source's notation; empty before the first start
 * @param tables in the order they were chosen
 * @param leftOut what patterns choose and is not among them, by name
 * @param appendedIndex the topic's last batch
 * @param durableIndex the topic's last durable batch
 * @param lastCommitMicros commit time of the last event streamed, {@link Long#MIN_VALUE} none yet or unknown
 * @param backPressure reading is stopped because the topic has used up its disk budget
 */
public record IngestStatus(
        String state,
        String why,
        long eventsRead,
        long bytesRead,
        String sourceOffset,
        List<LoadStatus> tables,
        List<LeftOut> leftOut,
        long appendedIndex,
        long durableIndex,
        long lastCommitMicros,
        boolean backPressure) {
    public IngestStatus {
        tables = List.copyOf(tables);
        leftOut = List.copyOf(leftOut);
    }
}
