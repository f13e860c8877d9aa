package dev.millrace.app.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The disk refuses a sync, a write or a read of one file, once: strace answers the system call in its place, so that a sync that failed has
 * really done nothing. Where mounts are allowed the power goes right after, and what was only called durable would be missing. Without strace
 * the process's own fault points throw instead.
 */
final class DiskErrors implements FaultFamily {
    private static final Pattern ERROR = Pattern.compile("(?m)^error ([A-Z_]+): .+");

    /** Which calls on which files fail, and with what the process may end; none where it has to go on. */
    private enum Call {
        LOG_SYNC("log", "\\.cq4", "fsync,fdatasync", "EIO", "LOG_FAILED"),
        STATE_SYNC("state/rocksdb", "\\.log", "fsync,fdatasync", "EIO", "LOG_FAILED|STATE_FAILED"),
        STATE_WRITE("state/rocksdb", "\\.log", "write,pwrite64", "ENOSPC", "DISK_FULL|LOG_FAILED"),
        DUCKDB_SYNC("", "\\.duckdb(\\.wal)?", "fsync,fdatasync", "EIO", "DESTINATION_FAILED"),
        DUCKDB_WRITE("", "\\.duckdb(\\.wal)?", "write,pwrite64", "EIO", "DESTINATION_FAILED"),
        LOG_READ("log", "\\.cq4", "pread64,read", "EIO", "LOG_FOLDER|LOG_FAILED");

        private final String folder;
        private final Pattern files;
        private final String calls;
        private final String error;
        private final Pattern codes;

        Call(String folder, String files, String calls, String error, String codes) {
            this.folder = folder;
            this.files = Pattern.compile(".*" + files);
            this.calls = calls;
            this.error = error;
            this.codes = Pattern.compile(codes);
        }

        private boolean duckdb() {
            return folder.isEmpty();
        }
    }

    private static final List<String> POINTS = List.of(
            "BEFORE_SYNC:2:io-error",
            "AFTER_APPEND:3:io-error",
            "MID_LOAD:2:io-error",
            "BEFORE_DESTINATION_COMMIT:2:io-error");

    @Override
    public String name() {
        return "io";
    }

    @Override
    public int trials(boolean longForm) {
        return longForm ? 36 : 1;
    }

    @Override
    public void run(Trial trial) throws Exception {
        boolean strace = Shell.succeeds("strace", "-e", "trace=none", "true");
        Call call = Call.values()[trial.number() % Call.values().length];
        boolean power = DiskMount.powerUnavailable().isEmpty();
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase();
                DiskMount disk = power ? DiskMount.losingPower(trial.folder(), "4G") : null;
                Ledger ledger = new Ledger(source, trial)) {
            ledger.create(500);
            Path place = power ? disk.folder() : trial.folder();
            Stage stage = new Stage(trial.folder(), source, call.duckdb() ? null : target)
                    .on(place, place)
                    .write();
            ledger.start();
            if (strace) {
                refuse(trial, stage, call);
            } else {
                refuseAtPoint(stage, POINTS.get(trial.number() % POINTS.size()));
            }
            trial.tally().add("I/O errors", 1);
            if (power) {
                disk.cutPower();
                disk.restore();
                trial.tally().add("power cuts", 1);
            }
            ledger.stop();
            stage.finish();
            stage.compare(ledger);
        }
    }

    private static void refuse(Trial trial, Stage stage, Call call) throws Exception {
        Path trace = trial.folder().resolve("strace.out");
        try (MillraceProcess process = stage.run("")) {
            stage.awaitLoaded(process);
            PowerCuts.awaitConfirmedBeyond(stage, PowerCuts.confirmed(stage), process);
            Process strace = new ProcessBuilder(command(
                            process, stage, call, trace, 1 + trial.random().nextInt(5)))
                    .redirectErrorStream(true)
                    .redirectOutput(trial.folder().resolve("strace.talk").toFile())
                    .start();
            try {
                awaitInjected(process, trace);
                int exit = process.awaitMillis(call.duckdb() ? 4_000 : Stage.SECONDS * 1_000);
                if (exit == -1) {
                    assertTrue(call.duckdb(), () -> "it goes on after " + call + ": " + process.text());
                    Shell.signal("TERM", process.pid());
                    exit = process.await(Stage.SECONDS);
                }
                if (exit != 143 || !call.duckdb()) { // it may have been about to end by itself
                    requireClear(call, process, exit);
                }
            } finally {
                strace.destroy();
                strace.waitFor();
            }
        }
    }

    private static void refuseAtPoint(Stage stage, String point) throws Exception {
        try (MillraceProcess process = stage.run(point)) {
            int exit = process.awaitMillis(8_000);
            if (exit == -1) {
                process.kill();
            } else {
                assertEquals(3, exit, process::text);
                assertTrue(ERROR.matcher(process.output()).find(), process::text);
            }
        }
    }

    private static void requireClear(Call call, MillraceProcess process, int exit) throws IOException {
        var error = ERROR.matcher(process.output());
        assertEquals(3, exit, process::text);
        assertTrue(error.find() && call.codes.matcher(error.group(1)).matches(), () -> call + ": " + process.text());
    }

    /** Follows the process and lets the {@code when}-th of the calls fail. */
    private static List<String> command(MillraceProcess process, Stage stage, Call call, Path trace, int when)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "strace",
                "-f",
                "-o",
                trace.toString(),
                "-p",
                Long.toString(process.pid()),
                "-e",
                "trace=" + call.calls,
                "-e",
                "inject=" + call.calls + ":error=" + call.error + ":when=" + when));
        Path folder =
                call.duckdb() ? stage.duckdbFile().getParent() : stage.data().resolve(call.folder);
        try (Stream<Path> files = Files.walk(folder)) {
            files.filter(file -> call.files.matcher(file.toString()).matches())
                    .forEach(file -> command.addAll(List.of("-P", file.toString())));
        }
        assertTrue(command.contains("-P"), () -> "no file of " + call + " in " + folder);
        return command;
    }

    private static void awaitInjected(MillraceProcess process, Path trace) throws Exception {
        long deadline = System.nanoTime() + Stage.SECONDS * 1_000_000_000;
        while (!Files.exists(trace) || !Files.readString(trace).contains("(INJECTED)")) {
            assertTrue(System.nanoTime() < deadline, () -> "nothing was refused: " + process.text());
            if (process.awaitMillis(50) != -1) {
                assertTrue(Files.readString(trace).contains("(INJECTED)"), process::text);
                return;
            }
        }
    }
}
