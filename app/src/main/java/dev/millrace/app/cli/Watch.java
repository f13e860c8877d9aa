package dev.millrace.app.cli;

import dev.millrace.app.Millrace;
import dev.millrace.app.pipeline.PipelineRuntime;
import dev.millrace.app.pipeline.PipelineSnapshot;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Shows running pipelines in the display's rhythm: drawn in place on a terminal, a line now and then elsewhere, JSON when asked. */
final class Watch {
    static final long TURN_MILLIS = 250;
    private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final MillraceCommand root;
    private final Millrace millrace;
    private final ProgressDisplay display;
    private final CountDownLatch never = new CountDownLatch(1);
    private long shownAtNanos = System.nanoTime() - TimeUnit.HOURS.toNanos(1);

    Watch(MillraceCommand root, Millrace millrace) {
        this.root = root;
        this.millrace = millrace;
        Terminal terminal = root.terminal();
        this.display = new ProgressDisplay(terminal, terminal.err(), terminal.errIsTerminal() && !root.json());
    }

    /** Shows the state when its time has come. */
    void turn() {
        if (System.nanoTime() - shownAtNanos >= TimeUnit.MILLISECONDS.toNanos(display.intervalMillis())) {
            shownAtNanos = System.nanoTime();
            show();
        }
    }

    /** The last state, left standing. */
    void end() {
        show();
        display.settle();
    }

    private void show() {
        List<PipelineSnapshot> snapshots = millrace.snapshots();
        if (root.json()) {
            snapshots.forEach(root.terminal()::json);
        } else {
            display.show(snapshots, System.currentTimeMillis());
        }
    }

    /** Until a pipeline fails for good, with what is thrown, or the time is up. */
    void untilFailure(long millis) throws InterruptedException {
        long startedAtNanos = System.nanoTime();
        while (TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedAtNanos) < millis) {
            turn();
            for (PipelineRuntime pipeline : millrace.pipelines()) {
                Optional<RuntimeException> failure = pipeline.end();
                if (failure.isPresent()) {
                    deliver(pipeline);
                    end();
                    throw failure.get();
                }
            }
            pause();
        }
    }

    /**
     * Until the pipeline has caught up with the position, and has tried the failed events that were to be tried; throws its failure, also one
     * outside that stays for {@code tries} tries.
     */
    void untilCaughtUp(PipelineRuntime pipeline, byte[] position, int tries) throws InterruptedException {
        while (true) {
            boolean caughtUp = pipeline.awaitCaughtUp(position, TURN_MILLIS);
            if (caughtUp && !pipeline.replaying()) {
                return;
            }
            Optional<RuntimeException> failure = pipeline.failure().or(() -> pipeline.persistentTrouble(tries));
            if (failure.isPresent()) {
                deliver(pipeline);
                throw failure.get();
            }
            turn();
            if (caughtUp) {
                pause();
            }
        }
    }

    /**
     * One side's failure leaves the other at work: what is in the log, or in a damaged one its good part, goes on to the destination before
     * the process ends, unless loading has stopped too or moves nothing any more.
     */
    private void deliver(PipelineRuntime pipeline) throws InterruptedException {
        long behind = Long.MAX_VALUE;
        long movedAtNanos = System.nanoTime();
        while (behind > 0 && pipeline.canLoad()) {
            long now = pipeline.snapshot().lagBatches();
            if (now != behind || pipeline.loading()) {
                movedAtNanos = System.nanoTime();
            } else if (System.nanoTime() - movedAtNanos > QUIET_NANOS) {
                return;
            }
            behind = now;
            turn();
            pause();
        }
    }

    /** Until the process is told to end. */
    void forEver() throws InterruptedException {
        while (true) {
            turn();
            pause();
        }
    }

    private void pause() throws InterruptedException {
        never.await(TURN_MILLIS, TimeUnit.MILLISECONDS);
    }
}
