package dev.millrace.app.benchmark;

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

    /** Waits until the log is applied up to the index, but not longer than that; then the window at hand is the last. */
    void awaitApplied(long index, double seconds) throws InterruptedException {
        long end = System.nanoTime() + (long) (seconds * TimeUnit.SECONDS.toNanos(1));
        while (!consumer.awaitApplied(index, LOOK_MILLIS)) {
            thread.throwFailure();
            if (System.nanoTime() - end >= 0) {
                consumer.stop();
                thread.end(STOP_MILLIS);
                thread.throwFailure();
                return;
            }
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
