package dev.millrace.app.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.util.List;

/**
 * SIGSTOP until the source has given up on the process, and SIGCONT, while another one tries the same data folder; and copies of the data
 * folder, taken from a stopped or a killed process, that are run beside the original. Whatever happens, the destination is right in the end, and
 * who may not go on says so.
 */
final class Stops implements FaultFamily {
    private static final int ROWS = 1_000;
    private static final int USER = 2;
    private static final int RESOURCE = 3;

    private enum Case {
        STOPPED,
        COPIED_WHILE_STOPPED,
        COPIED_AFTER_A_KILL
    }

    @Override
    public String name() {
        return "stops";
    }

    @Override
    public int trials(boolean longForm) {
        return longForm ? 18 : 2; // old copies are for the long form
    }

    @Override
    public void run(Trial trial) throws Exception {
        Case wanted = Case.values()[trial.number() % 3];
        boolean duckdb = trial.number() / 3 % 2 == 1 ^ wanted == Case.STOPPED;
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase();
                Ledger ledger = new Ledger(source, trial)) {
            ledger.create(ROWS);
            if (!trial.longForm()) { // else the server's own minute
                source.execute("ALTER DATABASE " + source.database() + " SET wal_sender_timeout = '2s'");
            }
            Stage stage = new Stage(trial.folder(), source, duckdb ? null : target).write();
            ledger.start();
            stage.finish();
            try (Watcher watcher = new Watcher(stage).start()) {
                watcher.invariants().loaded();
                switch (wanted) {
                    case STOPPED -> stopped(trial, stage, ledger, watcher);
                    case COPIED_WHILE_STOPPED -> copiedWhileStopped(trial, stage, ledger, watcher);
                    case COPIED_AFTER_A_KILL -> copiedAfterAKill(trial, stage, ledger);
                }
                watcher.look(null);
                watcher.stop();
            }
        }
    }

    private static void stopped(Trial trial, Stage stage, Ledger ledger, Watcher watcher) throws Exception {
        try (MillraceProcess process = stage.run("")) {
            stage.awaitReady(process, System.nanoTime());
            awaitStreaming(stage, process);
            process.signal("STOP");
            watcher.look(null);
            try (MillraceProcess other =
                    MillraceProcess.start(stage.folder(), "", "run", "--data", "data", "pipeline.yaml")) {
                assertEquals(RESOURCE, other.await(Stage.SECONDS), other::text);
                requireText(other, "DATA_FOLDER_IN_USE", "process " + process.pid(), "Stop that process");
            }
            Stage.await(process, "left by the source", () -> slotIsFree(stage));
            process.signal("CONT");
            trial.tally().add("stops", 1);
            awaitStreaming(stage, process);
            ledger.awaitCommits(20, Stage.SECONDS);
            end(process);
        }
        ledger.stop();
        stage.finish();
        stage.compare(ledger);
    }

    private static void copiedWhileStopped(Trial trial, Stage stage, Ledger ledger, Watcher watcher) throws Exception {
        try (MillraceProcess first = stage.run("")) {
            stage.awaitReady(first, System.nanoTime());
            awaitStreaming(stage, first);
            first.signal("STOP");
            long epoch = stage.duckdb() ? 0 : epoch(stage);
            Stage copy = stage.copyTo(trial.folder().resolve("copy"));
            trial.tally().add("copies", 1);
            try (MillraceProcess second = copy.run("")) {
                if (stage.duckdb()) {
                    awaitReason(copy, second, "in use");
                    first.signal("CONT");
                    second.kill();
                    goOn(trial, stage, first, ledger, watcher);
                } else {
                    Stage.await(second, "the one that claimed last", () -> epoch(stage) > epoch);
                    first.signal("CONT");
                    assertEquals(RESOURCE, first.await(Stage.SECONDS), first::text);
                    requireText(first, "FENCED", "another Millrace instance has taken over", "stop the other");
                    goOn(trial, copy, second, ledger, watcher);
                }
            }
        }
    }

    /** The copy is older than what the original has done since: it must not disturb the original, nor spoil the destination. */
    private static void copiedAfterAKill(Trial trial, Stage stage, Ledger ledger) throws Exception {
        try (MillraceProcess killed = stage.run("")) {
            stage.awaitReady(killed, System.nanoTime());
            awaitStreaming(stage, killed);
            killed.kill();
        }
        Stage copy = stage.copyTo(trial.folder().resolve("copy"));
        trial.tally().add("copies", 1);
        try (MillraceProcess first = stage.run("")) {
            stage.awaitReady(first, System.nanoTime());
            awaitStreaming(stage, first);
            ledger.awaitCommits(100, Stage.SECONDS);
            try (MillraceProcess second = copy.run("")) {
                if (stage.duckdb()) {
                    awaitReason(copy, second, "in use");
                    second.kill();
                } else {
                    assertEquals(RESOURCE, second.await(Stage.SECONDS), second::text);
                    requireText(second, "LOG_BEHIND", "older than the destination", "reload --all");
                }
            }
            awaitStreaming(stage, first);
            end(first);
        }
        ledger.stop();
        stage.finish();
        stage.compare(ledger);
    }

    /** The source has gone on for the other one: either nothing was lost by that, or it is told, with the way back. */
    private static void goOn(Trial trial, Stage stage, MillraceProcess process, Ledger ledger, Watcher watcher)
            throws Exception {
        long before = rowsLoaded(stage);
        ledger.awaitCommits(20, Stage.SECONDS); // so that there is something left to load
        ledger.stop();
        long deadline = System.nanoTime() + Stage.SECONDS * 1_000_000_000L;
        int code = process.awaitMillis(50);
        while (code < 0 && rowsLoaded(stage) <= before && System.nanoTime() < deadline) {
            code = process.awaitMillis(50);
        }
        if (code < 0) {
            process.kill();
        } else {
            requireTold(process, code);
        }
        try (MillraceProcess once = stage.once("")) {
            code = once.await(Stage.SECONDS);
            if (code != 0) {
                requireTold(once, code);
                trial.tally().add("told to begin again", 1);
                watcher.invariants().reloading();
                stage.beginAgain();
                stage.finish();
            }
        }
        stage.compare(ledger);
        watcher.invariants().loaded();
    }

    /** Another one has read from the slot, or has loaded the destination further. */
    private static void requireTold(MillraceProcess process, int code) {
        boolean behind = process.text().contains("LOG_BEHIND");
        assertEquals(behind ? RESOURCE : USER, code, process::text);
        requireText(process, behind ? "older than the destination" : "SLOT_AHEAD", "reload --all");
    }

    private static void awaitStreaming(Stage stage, MillraceProcess process) throws InterruptedException {
        long before = rowsLoaded(stage);
        Stage.await(process, "streaming", () -> rowsLoaded(stage) > before);
    }

    private static long rowsLoaded(Stage stage) throws InterruptedException {
        return stage.admin()
                .metric("millrace_rows_loaded_total")
                .map(Double::longValue)
                .orElse(0L);
    }

    private static void awaitReason(Stage stage, MillraceProcess process, String text) throws InterruptedException {
        Stage.await(process, "saying '" + text + "'", () -> stage.admin()
                .status()
                .filter(status -> status.toString().contains(text))
                .isPresent());
    }

    private static void end(MillraceProcess process) throws Exception {
        process.signal("TERM");
        assertEquals(143, process.await(Stage.SECONDS), process::text);
    }

    private static boolean slotIsFree(Stage stage) {
        return ask(
                        stage.source(),
                        "SELECT active_pid FROM pg_replication_slots WHERE database = current_database() AND active_pid IS NOT NULL")
                .isEmpty();
    }

    private static long epoch(Stage stage) {
        return Long.parseLong(ask(stage.target(), "SELECT epoch FROM public.__millrace_positions")
                .get(0));
    }

    private static List<String> ask(TestDatabase database, String sql) {
        try {
            return database.rows(sql);
        } catch (java.sql.SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void requireText(MillraceProcess process, String... parts) {
        for (String part : parts) {
            assertTrue(process.text().contains(part), () -> "no '" + part + "' in: " + process.text());
        }
    }
}
