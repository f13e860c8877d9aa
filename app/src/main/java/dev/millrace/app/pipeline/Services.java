package dev.millrace.app.pipeline;

import dev.millrace.app.task.Overseer;
import dev.millrace.app.task.WorkerPool;
import dev.millrace.storage.crypto.KeyRing;
import dev.millrace.storage.log.EventLog;
import dev.millrace.storage.state.StateStore;
import java.time.Clock;

/** What all pipelines of an installation share. */
public record Services(
        String team,
        EventLog log,
        StateStore state,
        KeyRing keys,
        Overseer overseer,
        Pools pools,
        LoadTimers timers,
        Neighbours neighbours,
        Clock clock) {
    /** The worker pools: reading, loading, and small chores. */
    public record Pools(WorkerPool ingest, WorkerPool load, WorkerPool maintenance) {}
}
