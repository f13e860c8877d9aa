package dev.millrace.app.pipeline;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What holds a pipeline up, by task. Thread-safe. */
final class Health {
    private static final long FIRST_DELAY_MILLIS = 500;

    private record Trouble(RuntimeException failure, boolean retried) {}

    private final String pipeline;
    private final Map<String, Trouble> troubles = new LinkedHashMap<>();
    private final Map<String, Integer> retriesInARow = new LinkedHashMap<>();
    private boolean running;
    private long failures;

    Health(String pipeline) {
        this.pipeline = pipeline;
    }

    synchronized void running() {
        running = true;
    }

    synchronized void stopped() {
        running = false;
    }

    /** A task begins another try: a retried trouble stays until the try has lasted, a cleared one is gone. */
    synchronized void started(String task) {
        troubles.remove(task);
    }

    synchronized void failed(String task, RuntimeException failure) {
        failures++;
        troubles.put(task, new Trouble(failure, false));
        notifyAll();
    }

    /** {@code delay} is the overseer's back-off, which grows while tries go on failing at once. */
    synchronized void retrying(String task, RuntimeException failure, Duration delay) {
        retriesInARow.merge(task, 1, (before, one) -> delay.toMillis() <= FIRST_DELAY_MILLIS ? 1 : before + one);
        failures++;
        troubles.put(task, new Trouble(failure, true));
        notifyAll();
    }

    /** The last cause outside, once a task has failed {@code tries} times in a row. */
    synchronized Optional<RuntimeException> persistent(int tries) {
        return troubles.entrySet().stream()
                .filter(entry -> retriesInARow.getOrDefault(entry.getKey(), 0) >= tries)
                .map(entry -> entry.getValue().failure())
                .findFirst();
    }

    synchronized Optional<RuntimeException> failure() {
        return troubles.values().stream()
                .filter(trouble -> !trouble.retried())
                .map(Trouble::failure)
                .findFirst();
    }

    synchronized long failures() {
        return failures;
    }

    synchronized PipelineState state() {
        if (failure().isPresent()) {
            return PipelineState.FAILED;
        }
        if (!running) {
            return PipelineState.STOPPED;
        }
        return troubles.isEmpty() ? PipelineState.RUNNING : PipelineState.RETRYING;
    }

    /** The troubles' messages, or empty. */
    synchronized String why() {
        StringBuilder text = new StringBuilder();
        troubles.forEach((task, trouble) -> {
            text.append(text.length() == 0 ? "" : " ")
                    .append(task)
                    .append(": ")
                    .append(trouble.failure().getMessage());
        });
        return text.toString();
    }

    @Override
    public String toString() {
        return pipeline + " " + state();
    }
}
