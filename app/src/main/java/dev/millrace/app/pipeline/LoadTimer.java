package dev.millrace.app.pipeline;

import dev.millrace.app.task.Task;
import dev.millrace.app.task.TaskResult;
import dev.millrace.app.task.WorkerPool;
import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.LoadingSchedule;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One destination's schedule at work: looks at the clocks at least once a second and calls what is to load. Thread-safe. */
final class LoadTimer {
    /** A wall clock that was moved is noticed within this. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(LoadTimer.class);

    /** Its clocks and its memory. */
    record Times(LastLoad lastLoad, Clock clock, LongSupplier nanoTime) {}

    private final String key;
    private final LoadingSchedule schedule;
    private final Times times;
    private final List<Runnable> loads = new ArrayList<>();
    private DueTimes due;

    LoadTimer(String key, LoadingSchedule schedule, Function<String, Times> times) {
        this.key = key;
        this.schedule = schedule;
        this.times = times.apply(key);
    }

    synchronized void add(Runnable load) {
        loads.add(load);
    }

    /** When the next load is due; empty before the first look. */
    synchronized Optional<Instant> next() {
        Instant now = times.clock().instant();
        return Optional.ofNullable(due)
                .map(it -> now.plus(it.left(now, times.nanoTime().getAsLong())));
    }

    /** Looks at the clocks. Returns when to look again. */
    Duration look() {
        Instant now;
        List<Runnable> called;
        boolean isDue;
        Duration left;
        synchronized (this) {
            now = times.clock().instant();
            long nanos = times.nanoTime().getAsLong();
            boolean first = false;
            if (due == null) {
                Optional<Instant> before = times.lastLoad().get();
                due = new DueTimes(schedule, before, now, nanos);
                first = before.isEmpty();
            }
            isDue = due.left(now, nanos).isZero();
            if (isDue) {
                due.begun(now, nanos);
            } else if (first) {
                times.lastLoad().put(now); // what comes due before the next start is missed from here
            }
            called = isDue ? List.copyOf(loads) : List.of();
            left = due.left(now, nanos);
        }
        if (!called.isEmpty()) {
            LOG.info("{}: {} loads are due; the next in {} s", key, called.size(), left.toSeconds());
        }
        called.forEach(this::begin);
        if (isDue) {
            // behind what each has noted, or a process that ends in between forgets its load
            times.lastLoad().put(now);
        }
        return left.compareTo(LOOK) < 0 ? left : LOOK;
    }

    /** One that can't begin keeps no other from it. */
    private void begin(Runnable load) {
        try {
            load.run();
        } catch (RuntimeException e) {
            LOG.error("{}: a load that is due can't begin as it should", key, e);
        }
    }

    /** Looks at the clocks; what keeps it from that is tried again, since there is nobody else who would. */
    private TaskResult turn() {
        try {
            return TaskResult.again(0, look());
        } catch (MillraceException e) {
            throw new MillraceException(e.code(), Category.EXTERNAL, e.what(), e.why(), e.remedy(), e);
        }
    }

    Task task(WorkerPool pool) {
        PipelineTask.Listener listener = new PipelineTask.Listener(
                startedAt -> System.nanoTime(),
                () -> 0,
                failure -> LOG.error("{}: its schedule has stopped", key, failure),
                (failure, delay) -> LOG.warn("{}: its schedule is looked at again in {}", key, delay));
        return new PipelineTask(key, PipelineTask.TIMER, pool, false, Duration.ofMinutes(15), this::turn, listener);
    }
}
