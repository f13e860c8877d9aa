package dev.millrace.app.benchmark;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.consume.ConsumeOptions;
import dev.millrace.consume.Consumer;
import dev.millrace.consume.destination.Destination;
import java.time.Clock;
import java.util.concurrent.TimeUnit;

/** Loads a log into a destination as a pipeline does. Used by one thread; does not own the destination. */
final class LoadRun implements AutoCloseable {
    private static final long LOOK_MILLIS = 50;
    /** A window that has begun is finished. */
    private static final long STOP_MILLIS = 30_000;

    private final Consumer consumer;
    private final Background thread;

    LoadRun(PipelineDefinition definition, Destination destination, TrialLog log) {
        this.consumer = new Consumer(
                definition, destination, log.topic(), log.state(), ConsumeOptions.defaults(), Clock.systemUTC());
        this.thread = new Background("bench-load", consumer::run);
    }

    void start() {
        thread.start();
    }

    /**
     * Waits until the log is applied up to the index, but not longer than that, unless nothing is applied by then; the window at hand is the
     * last then.
     */
    void awaitApplied(long index, double seconds) throws InterruptedException {
        long began = System.nanoTime();
        long end = began + (long) (seconds * TimeUnit.SECONDS.toNanos(1));
        while (!consumer.awaitApplied(index, LOOK_MILLIS)) {
            requireAlive(began, Trial.patience(seconds));
            if (System.nanoTime() - end >= 0 && rows() > 0) {
                consumer.stop();
                thread.end(STOP_MILLIS);
                thread.throwFailure();
                return;
            }
        }
    }

    /** Waits until the log is applied up to the index; throws when that takes longer. */
    void awaitAll(long index, double seconds) throws InterruptedException {
        long began = System.nanoTime();
        while (!consumer.awaitApplied(index, LOOK_MILLIS)) {
            requireAlive(began, seconds);
        }
    }

    /** Throws what the load has failed with, or that it has taken longer than that. */
    void requireAlive(long sinceNanos, double seconds) throws InterruptedException {
        thread.throwFailure();
        if (System.nanoTime() - sinceNanos > seconds * TimeUnit.SECONDS.toNanos(1)) {
            throw MillraceException.external(
                    "BENCH_TOO_SLOW",
                    "What is in the log has not arrived at the destination",
                    "it did not in " + Math.round(seconds) + " s",
                    "See 'millrace check --connect' for both ends.",
                    null);
        }
    }

    /** Rows written and committed. */
    long rows() {
        return consumer.status().rowsLoaded();
    }

    /** Events of the windows committed. */
    long events() {
        return consumer.status().eventsApplied();
    }

    Consumer consumer() {
        return consumer;
    }

    @Override
    public void close() {
        consumer.stop();
        try {
            thread.end(STOP_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
