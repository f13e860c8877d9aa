package dev.millrace.app.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.millrace.storage.fault.FaultPoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Starts a stage's pipeline and kills it, once a call; after each kill the destination is looked at. Confined to the trial's thread. */
final class Killing {
    private static final int HALTED = 137;
    private static final List<String> TABLES = List.of("accounts", "savings", "items", "journal", "scratch");
    private static final long PROVOKE_MILLIS = 400;
    private static final long ROLL_MILLIS = 4_000;

    private final Trial trial;
    private final Stage stage;
    private final Watcher watcher;

    Killing(Trial trial, Stage stage, Watcher watcher) {
        this.trial = trial;
        this.stage = stage;
        this.watcher = watcher;
    }

    /** When it passes a point for the {@code count}-th time. */
    void at(FaultPoint point, int count) throws Exception {
        at(point, count, false);
    }

    /** The same while one table after the other is loaded again. */
    void atWithReloads(FaultPoint point, int count) throws Exception {
        at(point, count, true);
    }

    private void at(FaultPoint point, int count, boolean reloads) throws Exception {
        try (MillraceProcess process = stage.run(point + ":" + count)) {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(Stage.SECONDS);
            while (process.awaitMillis(PROVOKE_MILLIS) < 0) {
                requireInTime(deadline, point, process);
                if (reloads && stage.admin().loaded()) {
                    stage.admin().reload("public." + TABLES.get(trial.random().nextInt(TABLES.size())));
                }
            }
            killed(process);
        }
    }

    /** While it is told to end: at the beginning of that. */
    void atShutdown() throws Exception {
        try (MillraceProcess process = stage.run(FaultPoint.AT_SHUTDOWN + ":1")) {
            stage.awaitReady(process, System.nanoTime());
            process.signal("TERM");
            process.await(Stage.SECONDS);
            killed(process);
        }
    }

    /** When the log begins another file, because the clock is put an hour on. */
    void atRoll(Path fakeTime) throws Exception {
        Path offset = Files.writeString(stage.folder().resolve("time"), "+0\n");
        Map<String, String> environment = Map.of(
                "LD_PRELOAD",
                fakeTime.toString(),
                "FAKETIME_TIMESTAMP_FILE",
                offset.toString(),
                "FAKETIME_NO_CACHE",
                "1",
                "FAKETIME_DONT_FAKE_MONOTONIC",
                "1",
                "FAKETIME_FORCE_MONOTONIC_FIX", // else it ends every timed wait at once, and the process spins
                "0",
                "NO_FAKE_STAT", // files keep their times, by which the JVM knows its own
                "1");
        try (MillraceProcess process = stage.run(FaultPoint.AT_ROLL + ":1", environment)) {
            stage.awaitReady(process, System.nanoTime());
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(Stage.SECONDS);
            int hours = 0;
            do { // a file that is only begun in the new hour is no roll: then it is the next hour's
                Stage.await(process, "reading", this::hasRead);
                Files.writeString(offset, "+" + ++hours * 3_601 + "\n");
                requireInTime(deadline, FaultPoint.AT_ROLL, process);
            } while (process.awaitMillis(ROLL_MILLIS) < 0);
            killed(process);
        }
    }

    private boolean hasRead() throws InterruptedException {
        return stage.admin().metric("millrace_events_read_total").orElse(0.0) > 0;
    }

    /** SIGKILL after up to so many milliseconds from when the process is ready; sometimes before. */
    void atRandomTime(int most) throws Exception {
        long begun = System.nanoTime();
        try (MillraceProcess process = stage.run("")) {
            if (trial.random().nextInt(4) > 0) {
                trial.tally().max("ms to ready", stage.awaitReady(process, begun));
            }
            int end = process.awaitMillis(trial.random().nextInt(most));
            assertEquals(-1, end, () -> "ended by itself: " + process.text());
            if (trial.random().nextInt(3) == 0) {
                watcher.look(process);
            }
            process.kill();
            killed(process);
        }
    }

    private void requireInTime(long deadline, FaultPoint point, MillraceProcess process) {
        assertFalse(System.nanoTime() > deadline, () -> "not killed at " + point + ": " + process.text());
    }

    private void killed(MillraceProcess process) throws Exception {
        assertEquals(HALTED, process.awaitMillis(0), process::text);
        trial.tally().add("kills", 1);
        watcher.look(null);
    }
}
