package dev.millrace.config.installation;

/** How many workers a pool has at least and at most; the coordinator chooses between them. */
public record PoolConfig(int min, int max) {
    public PoolConfig {
        if (min < 1 || max < min) {
            throw new IllegalArgumentException("workers from " + min + " to " + max);
        }
    }
}
