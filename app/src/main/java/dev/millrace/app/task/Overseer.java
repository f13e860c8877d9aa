package dev.millrace.app.task;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.HeapExhausted;
import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.state.Run;
import dev.millrace.storage.state.Runs;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts tasks when they are due, one at a time per key; tries those again whose failure is EXTERNAL (back-off from {@value
 * #FIRST_RETRY_MILLIS} ms, doubling to {@value #LAST_RETRY_MILLIS} ms, from the start again once a run has got on or lasted that long),
 * or USER where the task had come up before (the same from {@value #FIRST_USER_RETRY_MILLIS} ms on); interrupts those that show no life. All waiting is by
 * {@link System#nanoTime}, whatever is done to the machine's clock; that one only dates the run records. Thread-safe; all state is guarded
 * by its monitor, tasks run outside it.
 */
public final class Overseer implements AutoCloseable {
    static final long FIRST_RETRY_MILLIS = 500;
    static final long FIRST_USER_RETRY_MILLIS = 5_000;
    static final long LAST_RETRY_MILLIS = 30_000;
    private static final long TURN_MILLIS = 1_000;
    private static final int REASON_LIMIT = 2_000;
    private static final long CLOSE_MILLIS = 15_000;
    private static final Logger LOG = LoggerFactory.getLogger(Overseer.class);

    private final Runs runs;
    private final Clock clock;
    private final Coordinator coordinator;
    private final Map<String, Entry> entries = new HashMap<>();
    private Thread thread;
    private boolean closed;

    public Overseer(Runs runs, Clock clock, List<WorkerPool> pools) {
        this.runs = runs;
        this.clock = clock;
        this.coordinator = new Coordinator(pools);
    }

    public synchronized void start() {
        if (thread == null && !closed) {
            thread = new Thread(this::oversee, "overseer");
            thread.setDaemon(true);
            thread.start();
        }
    }

    /**
     * Queues a task to run after {@code delay}.
     *
     * @return false when one with its key is queued or running already; it is left as it is
     */
    public synchronized boolean submit(Task task, Duration delay) {
        if (closed || entries.containsKey(task.key())) {
            return false;
        }
        entries.put(task.key(), new Entry(task, delay.toNanos()));
        notifyAll();
        return true;
    }

    /**
     * Has the task run from now on: one with its key that waits runs at once, behind one that runs already another run follows.
     *
     * @return false when the overseer is closed
     */
    public synchronized boolean require(Task task) {
        if (closed) {
            return false;
        }
        Entry entry = entries.get(task.key());
        if (entry == null) {
            entries.put(task.key(), new Entry(task, 0));
        } else if (entry.running) {
            entry.onceMore = true;
        } else {
            entry.dueAtNanos = System.nanoTime();
        }
        notifyAll();
        return true;
    }

    /** Has a waiting task run at once; false when there is none of that key or it runs already. */
    public synchronized boolean hasten(String key) {
        Entry entry = entries.get(key);
        if (entry == null || entry.running) {
            return false;
        }
        entry.dueAtNanos = System.nanoTime();
        notifyAll();
        return true;
    }

    /** Takes back a task that waits; interrupts one that runs and waits for its end, at most {@code timeoutMillis}. */
    public synchronized void cancel(String key, long timeoutMillis) throws InterruptedException {
        Entry entry = entries.get(key);
        if (entry == null) {
            return;
        }
        entry.cancelled = true;
        if (!entry.running) {
            entries.remove(key);
            return;
        }
        entry.interrupt();
        awaitGone(key, timeoutMillis);
    }

    /**
     * For a task whose work was told to stop: takes it back where it waits for its time or its next try; where it runs, waits for it to end by
     * itself, at most {@code timeoutMillis}, and then as {@link #cancel}. It isn't tried again.
     */
    public synchronized void end(String key, long timeoutMillis) throws InterruptedException {
        Entry entry = entries.get(key);
        if (entry == null) {
            return;
        }
        entry.cancelled = true;
        if (!entry.running || !awaitGone(key, timeoutMillis)) {
            cancel(key, timeoutMillis);
        }
    }

    /** Waits until no task with this key is queued or running. */
    public synchronized boolean awaitGone(String key, long timeoutMillis) throws InterruptedException {
        long deadline = System.nanoTime() + timeoutMillis * 1_000_000;
        while (entries.containsKey(key)) {
            long leftMillis = (deadline - System.nanoTime()) / 1_000_000;
            if (leftMillis <= 0) {
                return false;
            }
            wait(leftMillis);
        }
        return true;
    }

    /** Interrupts every task and waits for them, at most 15 seconds; idempotent. */
    @Override
    public void close() {
        Thread overseer;
        synchronized (this) {
            closed = true;
            overseer = thread;
            entries.values().removeIf(entry -> !entry.running);
            entries.values().forEach(entry -> {
                entry.cancelled = true;
                entry.interrupt();
            });
            notifyAll();
        }
        try {
            if (overseer != null) {
                overseer.join(CLOSE_MILLIS);
            }
            synchronized (this) {
                long deadline = System.nanoTime() + CLOSE_MILLIS * 1_000_000;
                while (!entries.isEmpty() && System.nanoTime() < deadline) {
                    wait(100);
                }
                entries.keySet()
                        .forEach(key -> LOG.warn("overseer: task {} did not end within {} ms", key, CLOSE_MILLIS));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void oversee() {
        while (true) {
            List<Entry> due = new ArrayList<>();
            synchronized (this) {
                if (closed) {
                    return;
                }
                long now = System.nanoTime();
                long restNanos = TimeUnit.MILLISECONDS.toNanos(TURN_MILLIS);
                for (Entry entry : entries.values()) {
                    if (entry.running) {
                        watch(entry, now);
                    } else if (entry.dueAtNanos - now <= 0) {
                        entry.running = true;
                        entry.startedAtNanos = now;
                        entry.progressAtStart = entry.progress();
                        due.add(entry);
                    } else {
                        restNanos = Math.min(restNanos, entry.dueAtNanos - now);
                    }
                }
                coordinator.turn();
                if (due.isEmpty()) {
                    try {
                        wait(TimeUnit.NANOSECONDS.toMillis(restNanos) + 1);
                    } catch (InterruptedException e) {
                        return;
                    }
                }
            }
            due.forEach(this::launch);
        }
    }

    private void watch(Entry entry, long now) {
        long silentNanos = entry.silentNanos(now);
        if (entry.runner != null
                && !entry.stuck
                && silentNanos > entry.task.stuckAfter().toNanos()) {
            entry.stuck = true;
            LOG.warn(
                    "overseer: task {} has shown no life for {} ms; interrupting it",
                    entry.task.key(),
                    TimeUnit.NANOSECONDS.toMillis(silentNanos));
            entry.interrupt();
        }
    }

    private void launch(Entry entry) {
        Task task = entry.task;
        try {
            if (task.endless()) {
                task.pool().dedicate(task.key().replace('/', '-'), () -> perform(entry));
            } else {
                task.pool().execute(() -> perform(entry));
            }
        } catch (RuntimeException e) {
            settle(entry, e);
        } catch (OutOfMemoryError e) { // of threads, too; the overseer goes on, for the sake of the others
            settle(
                    entry,
                    MillraceException.external(
                            "NO_THREAD",
                            "Task '" + task.key() + "' could not be started",
                            String.valueOf(e.getMessage()),
                            "It is tried again. Raise the limit of threads (ulimit -u, TasksMax of the service) or -Xmx.",
                            e));
        }
    }

    private void perform(Entry entry) {
        synchronized (this) {
            entry.runner = Thread.currentThread();
            if (entry.cancelled) {
                entry.interrupt();
            }
        }
        try {
            if (entry.task.recorded()) {
                Run.Subject subject = new Run.Subject(entry.task.key(), entry.task.pipeline(), entry.task.object());
                entry.run = Optional.of(runs.begin(subject, clock.instant()));
            }
            TaskResult result = entry.task.run();
            Run.Outcome outcome = result.skipped().isPresent() ? Run.Outcome.SKIPPED : Run.Outcome.SUCCEEDED;
            finish(entry, outcome, result.counts(), result.skipped().orElse(""));
            done(entry, result);
        } catch (InterruptedException e) {
            stopped(entry);
        } catch (RuntimeException e) {
            settle(entry, e);
        } catch (OutOfMemoryError e) {
            settle(entry, HeapExhausted.of("Task '" + entry.task.key() + "' could not go on", e));
        } catch (Error e) {
            settle(
                    entry,
                    MillraceException.internal("TASK_DIED", "Task '" + entry.task.key() + "' died", e.toString(), e));
            throw e;
        }
    }

    private synchronized void done(Entry entry, TaskResult result) {
        entry.failures = 0;
        release(entry);
        Optional<Duration> again = entry.onceMore ? Optional.of(Duration.ZERO) : result.again();
        if (again.isPresent() && !entry.cancelled && !closed) {
            entries.put(entry.task.key(), new Entry(entry.task, again.get().toNanos()));
        }
        notifyAll();
    }

    private void stopped(Entry entry) {
        boolean again;
        synchronized (this) {
            again = entry.stuck && !entry.cancelled && !closed;
        }
        finish(entry, Run.Outcome.INTERRUPTED, Run.Counts.NONE, again ? "no sign of life" : "stopped");
        leave(entry, again, Duration.ofMillis(FIRST_RETRY_MILLIS));
    }

    private void settle(Entry entry, RuntimeException failure) {
        Category category = failure instanceof MillraceException e ? e.category() : Category.INTERNAL;
        long progress = entry.progress();
        boolean cancelled;
        boolean retry;
        Duration delay;
        synchronized (this) {
            cancelled = entry.cancelled || closed;
            boolean mayPass = category == Category.EXTERNAL || category == Category.USER && progress >= 0;
            retry = (mayPass || entry.stuck) && !cancelled;
            // what was asked of the run failed with it; what is asked from here on knows of that
            entry.onceMore = false;
            delay = backOff(entry, progress, category == Category.USER ? FIRST_USER_RETRY_MILLIS : FIRST_RETRY_MILLIS);
        }
        String reason = String.valueOf(failure.getMessage());
        if (retry) {
            LOG.warn("task {}: {} Trying again in {} ms.", entry.task.key(), reason, delay.toMillis());
            finish(entry, Run.Outcome.FAILED, Run.Counts.NONE, reason);
            inform(entry, () -> entry.task.retrying(failure, delay));
        } else if (cancelled) {
            finish(entry, Run.Outcome.INTERRUPTED, Run.Counts.NONE, reason);
        } else {
            LOG.error("task {}: {}", entry.task.key(), reason, failure);
            finish(entry, Run.Outcome.FAILED, Run.Counts.NONE, reason);
            inform(entry, () -> entry.task.failed(failure));
        }
        leave(entry, retry, delay);
    }

    /** A task that fails to take note of its failure is over, or tried again, all the same. */
    private static void inform(Entry entry, Runnable word) {
        try {
            word.run();
        } catch (RuntimeException e) {
            LOG.error("overseer: task {} can't take note of its failure", entry.task.key(), e);
        }
    }

    /** Grows with the tries that fail one behind the other; a try that has got on is no such one. */
    private static Duration backOff(Entry entry, long progress, long firstMillis) {
        long lastedNanos = System.nanoTime() - entry.startedAtNanos;
        if (progress > entry.progressAtStart || lastedNanos > TimeUnit.MILLISECONDS.toNanos(LAST_RETRY_MILLIS)) {
            entry.failures = 0;
        }
        long millis = Math.min(LAST_RETRY_MILLIS, firstMillis << Math.min(10, entry.failures));
        entry.failures++;
        return Duration.ofMillis(millis);
    }

    /** The entry is done, or waits for its next try; who was told of its failure may have required one at once. */
    private synchronized void leave(Entry entry, boolean again, Duration delay) {
        if ((again || entry.onceMore) && !entry.cancelled && !closed) {
            requeue(entry, entry.onceMore ? Duration.ZERO : delay);
        } else {
            release(entry);
        }
        notifyAll();
    }

    private void requeue(Entry entry, Duration delay) {
        Entry next = new Entry(entry.task, delay.toNanos());
        next.failures = entry.failures;
        entry.runner = null;
        entries.put(entry.task.key(), next);
    }

    private void release(Entry entry) {
        entry.runner = null;
        entries.remove(entry.task.key(), entry);
    }

    /** A record that can't be written is told and costs the task nothing. */
    private void finish(Entry entry, Run.Outcome outcome, Run.Counts counts, String reason) {
        try {
            entry.run.ifPresent(run -> runs.end(run, clock.instant(), counts, outcome, shortened(reason)));
        } catch (MillraceException e) {
            LOG.warn("overseer: the run of {} was not recorded: {}", entry.task.key(), e.getMessage());
        }
    }

    private static String shortened(String reason) {
        return reason.length() <= REASON_LIMIT ? reason : reason.substring(0, REASON_LIMIT);
    }
}
