package dev.millrace.app.benchmark;

import dev.millrace.config.error.MillraceException;
import java.util.concurrent.TimeUnit;

/** A thread that runs one piece of work and keeps what made it fail. Thread-safe. */
final class Background {
    /** May end by an interruption. */
    interface Work {
        void run() throws InterruptedException;
    }

    private final Thread thread;
    private volatile Throwable failure;

    Background(String name, Work work) {
        this.thread = new Thread(() -> perform(work), name);
        thread.setDaemon(true);
    }

    private void perform(Work work) {
        try {
            work.run();
        } catch (InterruptedException | RuntimeException | Error e) {
            failure = e;
        }
    }

    void start() {
        thread.start();
    }

    boolean ended() {
        return !thread.isAlive();
    }

    /** Waits for the end for so long. */
    void await(long millis) throws InterruptedException {
        thread.join(millis);
    }

    /** Throws what the work has failed with, if it has. */
    void throwFailure() throws InterruptedException {
        Throwable found = failure;
        if (found instanceof RuntimeException known) {
            throw known;
        }
        if (found instanceof Error error) {
            throw error;
        }
        if (found instanceof InterruptedException) {
            throw new InterruptedException(thread.getName() + " was interrupted");
        }
    }

    /** Waits for the end; interrupts the work where it takes longer than that, and fails where it takes twice as long. */
    void end(long millis) throws InterruptedException {
        thread.join(millis);
        if (thread.isAlive()) {
            thread.interrupt();
            thread.join(millis);
        }
        if (thread.isAlive()) {
            throw MillraceException.internal(
                    "BENCH_STUCK",
                    "The thread '" + thread.getName() + "' does not end",
                    "it was given " + TimeUnit.MILLISECONDS.toSeconds(2 * millis) + " s",
                    null);
        }
    }
}
