package dev.millrace.app.task;

import dev.millrace.storage.state.Run;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A submitted task: waiting for its time, or running on {@code runner}. Guarded by its overseer's monitor. */
final class Entry {
    private static final Logger LOG = LoggerFactory.getLogger(Entry.class);

    final Task task;
    long dueAtNanos;
    boolean running;
    boolean cancelled;
    boolean stuck;
    boolean onceMore;
    long startedAtNanos;
    long progressAtStart = -1;
    int failures;
    Thread runner;
    Optional<Run> run = Optional.empty();
    private boolean told;

    Entry(Task task, long delayNanos) {
        this.task = task;
        this.dueAtNanos = System.nanoTime() + delayNanos;
    }

    /** The task's own; what it was at the start where the task fails to tell it: that costs neither this task nor others their overseer. */
    long progress() {
        try {
            return task.progress();
        } catch (RuntimeException e) {
            tell("how far it has got", e);
            return progressAtStart;
        }
    }

    /** For how long the task has shown no life; not at all where it fails to tell. */
    long silentNanos(long now) {
        try {
            return Math.min(now - startedAtNanos, now - task.lastSignOfLifeNanos(startedAtNanos));
        } catch (RuntimeException e) {
            tell("whether it is alive", e);
            return 0;
        }
    }

    /** Once, since it is asked every second. */
    private synchronized void tell(String what, RuntimeException e) {
        if (!told) {
            told = true;
            LOG.error("overseer: task {} fails to tell {}", task.key(), what, e);
        }
    }

    void interrupt() {
        if (runner != null) {
            runner.interrupt();
        }
    }
}
