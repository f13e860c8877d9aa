package dev.millrace.storage.testing;

import com.sun.management.ThreadMXBean;
import dev.millrace.config.error.MillraceException;
import java.lang.management.ManagementFactory;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * Feeds a decoder damaged inputs and requires of each that it is read or refused in the decoder's own words, within a time and within the
 * memory it may take. Input {@code n} of a seed is always the same one.
 */
public final class Fuzzer {
    private static final long HANG_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long MOST_CPU_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final FuzzTarget target;
    private final long seed;
    private final long inputs;
    private volatile long current = -1;
    private volatile long began;
    private volatile Throwable failure;
    private long refused;
    private long mostAllocated;

    private Fuzzer(FuzzTarget target, long seed, long inputs) {
        this.target = target;
        this.seed = seed;
        this.inputs = inputs;
    }

    /**
     * What came of a run.
     *
     * @param refused inputs that the decoder refused; it read the others
     * @param mostAllocated by one input, in bytes
     */
    public record Outcome(long inputs, long refused, long mostAllocated) {}

    /**
     * Runs inputs 0 to {@code inputs} - 1 on a thread of its own.
     *
     * @throws AssertionError at the first input that does anything else than be read or refused; it tells the input
     */
    public static Outcome run(FuzzTarget target, long seed, long inputs) throws InterruptedException {
        return new Fuzzer(target, seed, inputs).run();
    }

    private Outcome run() throws InterruptedException {
        Thread thread = new Thread(this::work, "fuzz");
        thread.setDaemon(true); // one that hangs is left behind
        began = System.nanoTime();
        thread.start();
        while (thread.isAlive()) {
            thread.join(200);
            if (thread.isAlive() && System.nanoTime() - began > HANG_NANOS) {
                AssertionError hang = new AssertionError(about(current) + " is not read after 60 s");
                hang.setStackTrace(thread.getStackTrace());
                throw hang;
            }
        }
        if (failure != null) {
            throw new AssertionError(about(current) + ": " + failure + "; the input: " + hex(input(current)), failure);
        }
        return new Outcome(inputs, refused, mostAllocated);
    }

    private void work() {
        try {
            for (long number = 0; number < inputs; number++) {
                byte[][] input = input(number);
                began = System.nanoTime();
                current = number;
                long before = THREADS.getCurrentThreadAllocatedBytes();
                boolean read = read(input);
                long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
                refused += read ? 0 : 1;
                mostAllocated = Math.max(mostAllocated, allocated);
                if (allocated > target.allowance(input)) {
                    throw new AssertionError(
                            "it took " + allocated + " bytes of memory, allowed are " + target.allowance(input));
                }
                if (System.nanoTime() - began > SLOW_NANOS) {
                    requireQuick(input);
                }
            }
        } catch (Throwable e) {
            failure = e;
        }
    }

    private boolean read(byte[][] input) {
        try {
            target.decode(input);
            return true;
        } catch (MillraceException refusal) {
            if (!target.expects(refusal)
                    || refusal.what().isBlank()
                    || refusal.why().isBlank()) {
                throw refusal;
            }
            return false;
        }
    }

    /** On a busy machine anything may look slow: what counts is the processor's time for it. */
    private void requireQuick(byte[][] input) {
        long before = THREADS.getCurrentThreadCpuTime();
        read(input);
        long nanos = THREADS.getCurrentThreadCpuTime() - before;
        if (nanos > MOST_CPU_NANOS) {
            throw new AssertionError("it took " + nanos / 1_000_000 + " ms of the processor");
        }
    }

    private byte[][] input(long number) {
        return target.input(new SplittableRandom(seed ^ number * 0x9E3779B97F4A7C15L));
    }

    private String about(long number) {
        return target.name() + ", input " + number + " of seed " + seed;
    }

    private static String hex(byte[][] input) {
        StringBuilder text = new StringBuilder();
        for (byte[] message : input) {
            int shown = Math.min(message.length, 2_000);
            text.append(text.isEmpty() ? "" : " | ").append(HexFormat.of().formatHex(message, 0, shown));
            text.append(shown < message.length ? "…" : "");
        }
        return text.toString();
    }
}
