package dev.millrace.app.task;

import java.time.Duration;

/**
 * One piece of work. A bounded task shares its pool's workers; an endless one (a stream, a consumer) runs on a thread of its own that
 * carries its name, so that it never keeps bounded tasks waiting.
 */
public interface Task {
    /** Which tasks may not run side by side: the overseer runs one at a time per key, e.g. {@code pagila/ingest}. */
    String key();

    /** The pipeline it works for; in its run record. */
    String pipeline();

    /** The object it works on, or empty. */
    String object();

    WorkerPool pool();

    boolean endless();

    /** Whether its runs are kept as records; not for chores that run every second. */
    boolean recorded();

    /** A task silent for longer is taken for stuck: it is interrupted, reported and queued again. */
    Duration stuckAfter();

    /** When it last showed life, by {@link System#nanoTime}; {@code startedAtNanos} when it can't tell. Any thread. */
    long lastSignOfLifeNanos(long startedAtNanos);

    /**
     * How far it has got, in units of its own: grows with what is done. −1 as long as it has never had all it needs, so that a failure
     * may well be one of its definition. Any thread.
     */
    long progress();

    /**
     * Does the work on the calling thread.
     *
     * @return what was done, for the run record
     * @throws InterruptedException when asked to stop
     * @throws dev.millrace.config.error.MillraceException EXTERNAL is tried again with back-off; USER is too, less often,
     *     once the task has come up ({@link #progress}), because what somebody has changed they may change back; anything else ends the task
     */
    TaskResult run() throws InterruptedException;

    /** Told once when the task has ended for good by a failure that is not retried. Any thread. */
    void failed(RuntimeException failure);

    /** Told when the task will be tried again after {@code delay}. Any thread. */
    void retrying(RuntimeException failure, Duration delay);
}
