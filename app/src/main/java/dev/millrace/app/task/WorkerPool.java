package dev.millrace.app.task;

import dev.millrace.config.error.MillraceException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Named worker threads ({@code ingest-worker-1}) between a least and a greatest number, which the {@link Coordinator} moves by queue depth
 * and wait. A worker that dies is replaced. The queue holds at most {@value #QUEUE_LIMIT} pieces; more are refused. Thread-safe.
 */
public final class WorkerPool implements Executor, AutoCloseable {
    static final int QUEUE_LIMIT = 10_000;
    private static final long CLOSE_SECONDS = 10;

    private final String name;
    private final int min;
    private final int max;
    private final ThreadPoolExecutor workers;
    private final AtomicLong longestWaitNanos = new AtomicLong();

    public WorkerPool(String name, int min, int max) {
        if (min < 1 || max < min) {
            throw new IllegalArgumentException("pool '" + name + "': min " + min + ", max " + max);
        }
        this.name = name;
        this.min = min;
        this.max = max;
        AtomicInteger number = new AtomicInteger();
        this.workers = new ThreadPoolExecutor(
                min,
                max,
                60,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(QUEUE_LIMIT),
                work -> daemon(work, name + "-worker-" + number.incrementAndGet()));
    }

    public String name() {
        return name;
    }

    /** Queues a bounded piece of work; it runs on one of the workers. */
    @Override
    public void execute(Runnable work) {
        long queuedAt = System.nanoTime();
        try {
            workers.execute(() -> {
                longestWaitNanos.accumulateAndGet(System.nanoTime() - queuedAt, Math::max);
                work.run();
            });
        } catch (RejectedExecutionException e) {
            throw MillraceException.resource(
                    "POOL_FULL",
                    "Worker pool '" + name + "' refused work",
                    workers.isShutdown() ? "it is closed" : QUEUE_LIMIT + " pieces are waiting",
                    "Raise workers." + name + ".max or run fewer pipelines at a time.",
                    e);
        }
    }

    /** Starts an endless task on a thread of its own. */
    Thread dedicate(String threadName, Runnable work) {
        Thread thread = daemon(work, threadName);
        thread.start();
        return thread;
    }

    int queued() {
        return workers.getQueue().size();
    }

    int size() {
        return workers.getCorePoolSize();
    }

    int active() {
        return workers.getActiveCount();
    }

    /** The longest wait in the queue since the last call. */
    long takeLongestWaitMillis() {
        return TimeUnit.NANOSECONDS.toMillis(longestWaitNanos.getAndSet(0));
    }

    /** Moves the number of workers, kept between the pool's limits. */
    void resize(int size) {
        workers.setCorePoolSize(Math.max(min, Math.min(max, size)));
    }

    /** Interrupts the workers and waits for them, at most {@value #CLOSE_SECONDS} seconds. */
    @Override
    public void close() {
        workers.shutdownNow();
        try {
            workers.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Thread daemon(Runnable work, String threadName) {
        Thread thread = new Thread(work, threadName);
        thread.setDaemon(true);
        return thread;
    }
}
