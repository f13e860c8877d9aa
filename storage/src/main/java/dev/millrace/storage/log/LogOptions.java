package dev.millrace.storage.log;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;

/**
 * How an installation keeps its log.
 *
 * @param folder where the topics' folders are
 * @param diskBudgetBytes the most all topics together may take before connectors have to stop reading
 * @param topicBudgetBytes the same for each topic
 * @param minFreeBytes what an append must leave free on the file system
 * @param replay how long batches are kept after they were released
 * @param clock decides when a file ends and when the replay period is over
 */
public record LogOptions(
        Path folder,
        Durability durability,
        long diskBudgetBytes,
        long topicBudgetBytes,
        long minFreeBytes,
        Roll roll,
        Duration replay,
        Clock clock) {
    /** What durable means: on disk, or only handed to the kernel (lost in a power cut, kept when the process is killed). */
    public enum Durability {
        FSYNC,
        OS
    }

    /** How often a new file begins; whole files are what retention deletes. */
    public enum Roll {
        HOURLY,
        DAILY
    }

    public LogOptions {
        Objects.requireNonNull(folder);
        Objects.requireNonNull(durability);
        Objects.requireNonNull(roll);
        Objects.requireNonNull(replay);
        Objects.requireNonNull(clock);
    }

    /** Synced, hourly files, 20 GB in all, 10 GB a topic, 1 GB left free, no replay period. */
    public static LogOptions defaults(Path folder) {
        return new LogOptions(
                folder,
                Durability.FSYNC,
                20L << 30,
                10L << 30,
                1L << 30,
                Roll.HOURLY,
                Duration.ZERO,
                Clock.systemUTC());
    }
}
