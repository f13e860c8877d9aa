package dev.millrace.app.pipeline;

import dev.millrace.app.task.TaskResult;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.config.pipeline.Schedule;
import dev.millrace.ingest.engine.FullLoad;
import dev.millrace.ingest.engine.IngestStatus;
import dev.millrace.storage.event.TableName;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/** Full loads of every chosen object, once or on a schedule. */
final class FullLoadSide implements IngestSide {
    private static final byte[] NO_POSITION = new byte[0];

    private final FullLoad load;
    private final Optional<Duration> interval;
    private long lastIndex = -1;
    private long rowsSeen = -1;
    private long movedAtNanos = System.nanoTime();

    FullLoadSide(FullLoad load, PipelineDefinition definition) {
        this.load = load;
        this.interval = definition.schedule().map(Schedule::interval);
    }

    @Override
    public boolean endless() {
        return false;
    }

    @Override
    public TaskResult run() throws InterruptedException {
        long startedAt = System.nanoTime();
        long index = load.run();
        synchronized (this) {
            lastIndex = index;
            notifyAll();
        }
        long rows = load.status().eventsRead();
        Duration took = Duration.ofNanos(System.nanoTime() - startedAt);
        return interval.map(
                        every -> TaskResult.again(rows, every.compareTo(took) > 0 ? every.minus(took) : Duration.ZERO))
                .orElseGet(() -> TaskResult.done(rows));
    }

    @Override
    public void stop() {
        load.stop();
    }

    @Override
    public synchronized boolean done() {
        return lastIndex >= 0 && interval.isEmpty();
    }

    /** Full loads read every object each time; there is nothing to note. */
    @Override
    public boolean reload(TableName table) {
        return false;
    }

    @Override
    public void consumed(long index) {
        load.consumed(index);
    }

    @Override
    public byte[] position() {
        return NO_POSITION;
    }

    @Override
    public synchronized OptionalLong caughtUp(byte[] position, long timeoutMillis) throws InterruptedException {
        long deadline = System.nanoTime() + timeoutMillis * 1_000_000;
        while (lastIndex < 0) {
            long leftMillis = (deadline - System.nanoTime()) / 1_000_000;
            if (leftMillis <= 0) {
                return OptionalLong.empty();
            }
            wait(leftMillis);
        }
        return OptionalLong.of(lastIndex);
    }

    @Override
    public IngestStatus status() {
        return load.status();
    }

    /** The rows read tell: while their number changes, it lives. */
    @Override
    public synchronized long lastSignOfLifeNanos() {
        long rows = load.status().eventsRead();
        if (rows != rowsSeen) {
            rowsSeen = rows;
            movedAtNanos = System.nanoTime();
        }
        return movedAtNanos;
    }

    /** Progress tells it, row by row. */
    @Override
    public boolean gettingOn() {
        return false;
    }

    @Override
    public boolean cameUp() {
        return load.status().eventsRead() > 0;
    }
}
