package dev.millrace.config.installation;

import java.util.Objects;

/** The worker pools: {@code ingest} reads sources, {@code load} fills destinations. */
public record WorkersConfig(PoolConfig ingest, PoolConfig load) {
    public static final WorkersConfig DEFAULT = new WorkersConfig(new PoolConfig(2, 16), new PoolConfig(2, 16));

    public WorkersConfig {
        Objects.requireNonNull(ingest);
        Objects.requireNonNull(load);
    }
}
