package dev.millrace.app.pipeline;

import dev.millrace.app.task.Overseer;
import dev.millrace.app.task.WorkerPool;
import dev.millrace.config.pipeline.DestinationDefinition;
import dev.millrace.config.pipeline.LoadingSchedule;
import dev.millrace.storage.state.StateStore;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * The schedules of an installation, one for each destination that is not loaded in real time, shared by the pipelines that lead there: all of
 * them load when it is due. Thread-safe.
 */
public final class LoadTimers {
    private final StateStore state;
    private final Overseer overseer;
    private final WorkerPool pool;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final Map<String, LoadTimer> timers = new TreeMap<>();

    /** @param pool for looking at the clocks, which takes no time */
    public LoadTimers(StateStore state, Overseer overseer, WorkerPool pool, Clock clock) {
        this(state, overseer, pool, clock, System::nanoTime);
    }

    LoadTimers(StateStore state, Overseer overseer, WorkerPool pool, Clock clock, LongSupplier nanoTime) {
        this.state = state;
        this.overseer = overseer;
        this.pool = pool;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /** Has {@code load} called, on a worker's thread, when a load of the destination is due; nothing for one in real time. Before {@link #start}. */
    synchronized void join(String pipeline, DestinationDefinition destination, Runnable load) {
        if (destination.loading().schedule().isPresent()) {
            LoadingSchedule schedule = destination.loading().schedule().get();
            timers.computeIfAbsent(key(pipeline, destination), key -> new LoadTimer(key, schedule, this::timesOf))
                    .add(load);
        }
    }

    /** From here on loads come due; what was missed while nothing ran is due at once. */
    public synchronized void start() {
        timers.values().forEach(timer -> overseer.require(timer.task(pool)));
    }

    /** When the destination's next load is due; empty in real time, and before the start. */
    synchronized Optional<Instant> next(String pipeline, DestinationDefinition destination) {
        return Optional.ofNullable(timers.get(key(pipeline, destination))).flatMap(LoadTimer::next);
    }

    private LoadTimer.Times timesOf(String key) {
        return new LoadTimer.Times(new LastLoad(state, key), clock, nanoTime);
    }

    /** A shared destination's name is no pipeline's key, as no name has a slash. */
    private static String key(String pipeline, DestinationDefinition destination) {
        return destination.name().map(name -> "destination/" + name).orElse("pipeline/" + pipeline);
    }
}
