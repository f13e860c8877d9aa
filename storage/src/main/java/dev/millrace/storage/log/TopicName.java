package dev.millrace.storage.log;

import java.util.Objects;

/** One pipeline's topic: team, pipeline, and whether it feeds a real-time or a batch destination. Also its folder's path. */
public record TopicName(String team, String pipeline, Mode mode) {
    public enum Mode {
        REALTIME,
        BATCH
    }

    public TopicName {
        Objects.requireNonNull(team);
        Objects.requireNonNull(pipeline);
        Objects.requireNonNull(mode);
    }

    @Override
    public String toString() {
        return team + "/" + pipeline + "/" + mode.name().toLowerCase(java.util.Locale.ROOT);
    }
}
