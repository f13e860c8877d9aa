package dev.millrace.app.pipeline;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** What holds a pipeline up, by task. Thread-safe. */
final class Health {
    private static final long FIRST_DELAY_MILLIS = 500;

    private record Trouble(RuntimeException failure, boolean retried) {
        boolean needsSomeone() {
            return !retried || failure instanceof MillraceException e && e.category() == Category.USER;
        }
    }

    private final String pipeline;
    private final Map<String, Trouble> troubles = new LinkedHashMap<>();
    private final Map<String, Integer> retriesInARow = new LinkedHashMap<>();
    private final Map<String, BooleanSupplier> tries = new HashMap<>();
    private boolean running;
    private long failures;
    private String note = "";

    Health(String pipeline) {
        this.pipeline = pipeline;
    }

    String pipeline() {
        return pipeline;
    }

    /** Begins from a clean slate. */
    synchronized void running() {
        running = true;
        troubles.clear();
        tries.clear();
    }

    synchronized void stopped() {
        running = false;
    }

    /**
     * A task begins another try; the trouble before it stays until the try has got on.
     *
     * @param gettingOn asked under the lock of this; must not block
     */
    synchronized void started(String task, BooleanSupplier gettingOn) {
        tries.put(task, gettingOn);
    }

    private void forgetOvercome() {
        tries.entrySet().removeIf(entry -> {
            boolean overcome = entry.getValue().getAsBoolean();
            if (overcome) {
                troubles.remove(entry.getKey());
            }
            return overcome;
        });
    }

    synchronized void failed(String task, RuntimeException failure) {
        failures++;
        tries.remove(task);
        troubles.put(task, new Trouble(failure, false));
        notifyAll();
    }

    /** {@code delay} is the overseer's back-off, which grows while tries go on failing at once. */
    synchronized void retrying(String task, RuntimeException failure, Duration delay) {
        retriesInARow.merge(task, 1, (before, one) -> delay.toMillis() <= FIRST_DELAY_MILLIS ? 1 : before + one);
        failures++;
        tries.remove(task);
        troubles.put(task, new Trouble(failure, true));
        notifyAll();
    }

    /** The last cause outside, once a task has failed {@code tries} times in a row. */
    synchronized Optional<RuntimeException> persistent(int tries) {
        forgetOvercome();
        return troubles.entrySet().stream()
                .filter(entry -> retriesInARow.getOrDefault(entry.getKey(), 0) >= tries)
                .map(entry -> entry.getValue().failure())
                .findFirst();
    }

    /** Whether the task stands, or waits for its next try. */
    synchronized boolean troubled(String task) {
        forgetOvercome();
        return troubles.containsKey(task);
    }

    /** What someone has to act on, whether it is tried again meanwhile or not. */
    synchronized Optional<RuntimeException> failure() {
        forgetOvercome();
        return troubles.values().stream()
                .filter(Trouble::needsSomeone)
                .map(Trouble::failure)
                .findFirst();
    }

    /** Whether the task is over until the next start; what somebody may have mended meanwhile is not. */
    synchronized boolean ended(String task) {
        forgetOvercome();
        Trouble trouble = troubles.get(task);
        return trouble != null
                && !trouble.retried()
                && !(trouble.failure() instanceof MillraceException e && e.category() == Category.USER);
    }

    /** What has ended a task for good. */
    synchronized Optional<RuntimeException> end() {
        forgetOvercome();
        return troubles.values().stream()
                .filter(trouble -> !trouble.retried())
                .map(Trouble::failure)
                .findFirst();
    }

    /** Something that somebody should know though it holds nothing up; takes the place of what was noted before. */
    synchronized void note(String text) {
        note = text;
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

    /** The troubles' messages and what was noted, or empty. */
    synchronized String why() {
        forgetOvercome();
        StringBuilder text = new StringBuilder();
        troubles.forEach((task, trouble) -> {
            text.append(text.length() == 0 ? "" : " ")
                    .append(task)
                    .append(": ")
                    .append(trouble.failure().getMessage());
        });
        return text.append(text.isEmpty() || note.isEmpty() ? "" : " ")
                .append(note)
                .toString();
    }

    @Override
    public String toString() {
        return pipeline + " " + state();
    }
}
