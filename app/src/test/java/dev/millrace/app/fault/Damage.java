package dev.millrace.app.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Files change while the process is down: bits, blocks, tails, whole files and folders, also back to an older state. Each time the next
 * start either is not troubled, or says what is damaged and how to go on, and what it names is done; in the end the destination equals the
 * ledger.
 */
final class Damage implements FaultFamily {
    private static final int FEW_HARMS = 4;
    private static final int MOST_HARMS = 12;

    @Override
    public String name() {
        return "damage";
    }

    @Override
    public int trials(boolean longForm) {
        return longForm ? 60 : 2;
    }

    @Override
    public void run(Trial trial) throws Exception {
        boolean duckdb = trial.number() % 2 == 0;
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase();
                Ledger ledger = new Ledger(source, trial)) {
            ledger.create(300);
            Stage stage = new Stage(trial.folder(), source, duckdb ? null : target);
            stage.installation("data: " + stage.data()).write();
            Harm harm = new Harm(stage, trial.folder().resolve("older"), trial.random());
            List<String> history = new ArrayList<>();
            try {
                rounds(trial, stage, ledger, harm, history);
            } catch (Exception | AssertionError e) {
                throw new AssertionError(String.join("\n", history), e);
            }
        }
    }

    private static void rounds(Trial trial, Stage stage, Ledger ledger, Harm harm, List<String> history)
            throws Exception {
        int rounds = trial.longForm() ? 6 : 1;
        assertTrue(work(trial, stage, ledger, false), "it ended before anything was damaged");
        harm.backup();
        for (int round = 0; round < rounds; round++) {
            boolean held = !stage.duckdb() && (round == 0 || trial.random().nextInt(4) == 0);
            if (held || trial.random().nextInt(3) == 0) {
                if (!work(trial, stage, ledger, held)) {
                    assertTrue(round > 0, "it ended before anything was damaged");
                    history.add("found while it worked:");
                    trial.tally().add("found later", 1);
                    takeWayBack(trial, stage, ledger, harm, history);
                    held = false;
                }
            } else {
                ledger.start();
                ledger.awaitCommits(20, Stage.SECONDS);
                ledger.stop();
            }
            harm(trial, harm, held, history);
            takeWayBack(trial, stage, ledger, harm, history);
            if (trial.random().nextBoolean()) {
                harm.backup();
            }
        }
    }

    /**
     * Streams for a moment, and is killed or stopped; now and then with a destination that takes nothing, so that the log is ahead of it.
     * False when the process ended by itself: damage that is noticed only when it is read.
     */
    private static boolean work(Trial trial, Stage stage, Ledger ledger, boolean held) throws Exception {
        ledger.start();
        boolean whole;
        try (Connection holder = held ? stage.target().connect() : null) {
            if (held) {
                hold(holder);
            }
            whole = work(trial, stage, held);
        }
        ledger.stop();
        return whole;
    }

    private static void hold(Connection holder) throws SQLException {
        holder.setAutoCommit(false);
        try (Statement statement = holder.createStatement()) {
            statement.execute("LOCK TABLE journal IN ACCESS EXCLUSIVE MODE");
        }
    }

    private static boolean work(Trial trial, Stage stage, boolean held) throws Exception {
        long before = PowerCuts.confirmed(stage);
        try (MillraceProcess process = stage.run("")) {
            if (!works(stage, process, before, held)
                    || process.awaitMillis(trial.random().nextInt(700)) >= 0) {
                assertEquals(3, process.await(0), process::text);
                assertTrue(WayBack.ERROR.matcher(process.output()).find(), process::text);
                return false;
            }
            if (held || trial.random().nextBoolean()) {
                process.kill();
            } else {
                Shell.signal("TERM", process.pid());
                assertEquals(143, process.await(Stage.SECONDS), process::text);
            }
            return true;
        }
    }

    /** Waits until the source was told that something more is safe, and everything is loaded; false when the process ends before. */
    private static boolean works(Stage stage, MillraceProcess process, long before, boolean held) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(Stage.SECONDS);
        while (PowerCuts.confirmed(stage) <= before || !held && !stage.admin().loaded()) {
            if (process.awaitMillis(50) >= 0) {
                return false;
            }
            assertTrue(System.nanoTime() < deadline, () -> "nothing is acknowledged: " + process.text());
        }
        return true;
    }

    private static void harm(Trial trial, Harm harm, boolean held, List<String> history) throws Exception {
        List<String> done = new ArrayList<>(held ? List.of(harm.newestBatches()) : List.of());
        int most = trial.random().nextBoolean() ? MOST_HARMS : FEW_HARMS;
        int harms = trial.longForm() ? 1 + trial.random().nextInt(most) : 1;
        for (int i = 0; i < harms; i++) {
            done.add(harm.harm());
        }
        history.add("after " + done + ":");
        trial.tally().add("corruptions", done.size());
    }

    private static void takeWayBack(Trial trial, Stage stage, Ledger ledger, Harm harm, List<String> history)
            throws Exception {
        WayBack wayBack = new WayBack(stage, harm.olderData());
        try {
            List<String> codes = wayBack.take();
            trial.tally().add(codes.isEmpty() ? "harmless" : "detected", 1);
            try {
                stage.compare(ledger);
            } catch (SQLException e) {
                if (!stage.duckdb() || !String.valueOf(e.getMessage()).contains("Corrupt database file")) {
                    throw e;
                }
                trial.tally().add("found by readers of the file", 1);
                wayBack.fileIsDamaged();
                wayBack.take();
                stage.compare(ledger);
            }
        } finally {
            history.add(wayBack.story());
        }
    }
}
