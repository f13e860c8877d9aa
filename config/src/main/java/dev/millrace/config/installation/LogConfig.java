package dev.millrace.config.installation;

import java.time.Duration;
import java.util.Objects;

/**
 * The event log.
 *
 * @param diskBudgetBytes over all topics; reached, sources are read no further until loads have freed some
 * @param topicBudgetBytes the same for each topic
 * @param minFreeDiskBytes what must stay free on the log's disk
 * @param replay how long loaded batches are kept; zero: not beyond their load
 */
public record LogConfig(
        Durability durability,
        long diskBudgetBytes,
        long topicBudgetBytes,
        long minFreeDiskBytes,
        Roll roll,
        Duration replay) {
    private static final long GIGABYTE = 1L << 30;

    public static final LogConfig DEFAULT =
            new LogConfig(Durability.FSYNC, 20 * GIGABYTE, 10 * GIGABYTE, GIGABYTE, Roll.HOURLY, Duration.ZERO);

    /** When a batch counts as durable. */
    public enum Durability {
        /** On disk: survives a power cut. */
        FSYNC,
        /** Handed to the operating system: survives a killed process, not a power cut. */
        OS
    }

    /** How often a topic begins a new file. */
    public enum Roll {
        HOURLY,
        DAILY
    }

    public LogConfig {
        Objects.requireNonNull(durability);
        Objects.requireNonNull(roll);
        Objects.requireNonNull(replay);
        if (diskBudgetBytes <= 0 || topicBudgetBytes <= 0 || minFreeDiskBytes < 0 || replay.isNegative()) {
            throw new IllegalArgumentException(
                    "budgets " + diskBudgetBytes + ", " + topicBudgetBytes + ", " + minFreeDiskBytes);
        }
    }
}
