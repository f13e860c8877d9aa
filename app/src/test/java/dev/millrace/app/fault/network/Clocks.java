package dev.millrace.app.fault.network;

import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.millrace.app.fault.FaultFamily;
import dev.millrace.app.fault.Ledger;
import dev.millrace.app.fault.MillraceProcess;
import dev.millrace.app.fault.Stage;
import dev.millrace.app.fault.Trial;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The clock moved by seconds, hours and years, forward and back, while a process runs and between two runs, by libfaketime. The databases
 * keep the true time. What waits must wait by another clock, the log's files must keep their order, and nothing may be lost or repeated.
 */
public final class Clocks implements FaultFamily {
    private static final long SECONDS = Stage.SECONDS;
    private static final List<Path> FOLDERS = List.of(
            Path.of("/usr/lib/x86_64-linux-gnu/faketime"),
            Path.of("/usr/lib/aarch64-linux-gnu/faketime"),
            Path.of("/usr/lib64/faketime"),
            Path.of("/usr/lib/faketime"),
            Path.of("/usr/local/lib/faketime"));
    private static final String[] JUMPS = {"+3h", "-365d", "+3650d", "+20s", "-3650d", "+0", "-2h", "+61m", "+1d"};

    @Override
    public String name() {
        return "time";
    }

    @Override
    public Optional<String> unavailable() {
        return library().isPresent()
                ? Optional.empty()
                : Optional.of("libfaketime is not there (Debian: apt-get install libfaketime)");
    }

    private static Optional<Path> library() {
        return FOLDERS.stream()
                .map(folder -> folder.resolve("libfaketimeMT.so.1"))
                .filter(Files::exists)
                .findFirst();
    }

    @Override
    public int trials(boolean longForm) {
        return longForm ? 20 : 1;
    }

    @Override
    public void run(Trial trial) throws Exception {
        boolean duckdb = trial.number() % 2 == 1;
        Path clock = trial.folder().resolve("clock");
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase();
                TcpProxy before = TcpProxy.to(source.port());
                Ledger ledger = new Ledger(source, trial)) {
            ledger.create(1_000);
            Stage stage = new Stage(trial.folder(), source, duckdb ? null : target)
                    .through(before.port(), 0)
                    .write();
            ledger.start();
            List<String> jumps = jumps(trial);
            for (int i = 0; i < jumps.size(); ) {
                move(clock, jumps.get(i++)); // between two runs
                try (Running running = Running.of(stage, start(stage, clock))) {
                    running.awaitGettingOn(SECONDS);
                    for (int moved = 0; moved < 3 && i < jumps.size(); moved++) {
                        before.cut(); // so that a try is waited for while the clock is moved
                        move(clock, jumps.get(i++));
                        trial.tally().max("ms to get on with a moved clock", running.awaitGettingOn(SECONDS));
                        trial.tally().add("moves", 1);
                    }
                    assertFalse(running.hasLogged("has shown no life"), "a healthy task was taken for stuck");
                    running.stop();
                }
            }
            ledger.stop();
            stage.finish();
            stage.compare(ledger);
        }
    }

    private static List<String> jumps(Trial trial) {
        List<String> jumps = new ArrayList<>(List.of(JUMPS));
        if (!trial.longForm()) {
            return List.of("+0", "+3h", "-365d", "+3650d", "-365d", "-364d");
        }
        for (int i = 0; i < JUMPS.length; i++) {
            jumps.add(JUMPS[trial.random().nextInt(JUMPS.length)]);
        }
        return jumps;
    }

    /** In one step, because it is read all the time. */
    private static void move(Path clock, String by) throws IOException {
        Path fresh = Files.writeString(clock.resolveSibling("clock.new"), by + "\n");
        Files.move(fresh, clock, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /**
     * The monotonic clock stays the true one. libfaketime would still take its offset off each timed wait, so that all of them end at once or
     * never; its "fix" for old C libraries is what does that, and it takes ours for one.
     */
    private static MillraceProcess start(Stage stage, Path clock) throws IOException {
        return stage.run(
                "",
                Map.of(
                        "LD_PRELOAD", library().orElseThrow().toString(),
                        "FAKETIME_TIMESTAMP_FILE", clock.toString(),
                        "FAKETIME_CACHE_DURATION", "1",
                        "FAKETIME_DONT_FAKE_MONOTONIC", "1",
                        "FAKETIME_FORCE_MONOTONIC_FIX", "0",
                        "NO_FAKE_STAT", "1"));
    }
}
