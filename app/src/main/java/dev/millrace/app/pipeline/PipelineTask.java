package dev.millrace.app.pipeline;

import dev.millrace.app.task.Task;
import dev.millrace.app.task.TaskResult;
import dev.millrace.app.task.WorkerPool;
import java.time.Duration;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;

/** A task put together from functions; its key is {@code pipeline/name}. */
record PipelineTask(
        String pipeline,
        String name,
        WorkerPool pool,
        boolean endless,
        Duration stuckAfter,
        Work work,
        Listener listener)
        implements Task {

    static final String CHORE = "retention";
    static final String TIMER = "timer";
    static final String CHECKPOINT = "checkpoint";

    /** The work itself. */
    @FunctionalInterface
    interface Work {
        TaskResult run() throws InterruptedException;
    }

    /** Who is told how it goes. {@code signOfLife} maps the start time to the last sign of life, both by {@link System#nanoTime}. */
    record Listener(
            LongUnaryOperator signOfLife,
            LongSupplier progress,
            Consumer<RuntimeException> failed,
            BiConsumer<RuntimeException, Duration> retrying) {}

    @Override
    public String key() {
        return pipeline + "/" + name;
    }

    @Override
    public boolean recorded() {
        return !name.equals(CHORE) && !name.equals(TIMER) && !name.equals(CHECKPOINT);
    }

    @Override
    public String object() {
        return "";
    }

    @Override
    public long lastSignOfLifeNanos(long startedAtNanos) {
        return listener.signOfLife().applyAsLong(startedAtNanos);
    }

    @Override
    public long progress() {
        return listener.progress().getAsLong();
    }

    @Override
    public TaskResult run() throws InterruptedException {
        return work.run();
    }

    @Override
    public void failed(RuntimeException failure) {
        listener.failed().accept(failure);
    }

    @Override
    public void retrying(RuntimeException failure, Duration delay) {
        listener.retrying().accept(failure, delay);
    }
}
