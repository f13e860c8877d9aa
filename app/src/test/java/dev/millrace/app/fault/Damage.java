package dev.millrace.app.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Files change while the process is down: bits, blocks, tails, whole files and folders, also back to an older state. Each time the next
 * start either is not troubled, or says what is damaged and how to go on, and what it names is done; in the end the destination equals the
 * ledger.
 */
final class Damage implements FaultFamily {
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
        int rounds = trial.longForm() ? 6 : 1;
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase();
                Ledger ledger = new Ledger(source, trial.seed())) {
            ledger.create(300);
            Stage stage = new Stage(trial.folder(), source, duckdb ? null : target);
            stage.installation("data: " + stage.data()).write();
            Harm harm = new Harm(stage, trial.folder().resolve("older"), trial.random());
            work(trial, stage, ledger, false);
            harm.backup();
            for (int round = 0; round < rounds; round++) {
                boolean held = !duckdb && (round == 0 || trial.random().nextInt(4) == 0);
                if (held || trial.random().nextInt(3) == 0) {
                    work(trial, stage, ledger, held);
                } else {
                    ledger.start();
                    ledger.awaitCommits(20, Stage.SECONDS);
                    ledger.stop();
                }
                round(trial, stage, ledger, harm, held ? List.of(harm.newestBatches()) : List.of());
                if (trial.random().nextBoolean()) {
                    harm.backup();
                }
            }
        }
    }

    /** Streams for a moment, and is killed or stopped; now and then with a destination that takes nothing, so that the log is ahead of it. */
    private static void work(Trial trial, Stage stage, Ledger ledger, boolean held) throws Exception {
        ledger.start();
        try (Connection holder = held ? stage.target().connect() : null) {
            if (held) {
                hold(holder);
            }
            work(trial, stage, held);
        }
        ledger.stop();
    }

    private static void hold(Connection holder) throws SQLException {
        holder.setAutoCommit(false);
        try (Statement statement = holder.createStatement()) {
            statement.execute("LOCK TABLE journal IN ACCESS EXCLUSIVE MODE");
        }
    }

    private static void work(Trial trial, Stage stage, boolean held) throws Exception {
        long before = PowerCuts.confirmed(stage);
        try (MillraceProcess process = stage.run("")) {
            PowerCuts.awaitConfirmedBeyond(stage, before, process);
            if (!held) {
                stage.awaitLoaded(process);
            }
            assertEquals(-1, process.awaitMillis(trial.random().nextInt(700)), process::text);
            if (held || trial.random().nextBoolean()) {
                process.kill();
            } else {
                Shell.signal("TERM", process.pid());
                assertEquals(143, process.await(Stage.SECONDS), process::text);
            }
        }
    }

    private static void round(Trial trial, Stage stage, Ledger ledger, Harm harm, List<String> before)
            throws Exception {
        List<String> done = new ArrayList<>(before);
        int harms = trial.longForm() ? 1 + trial.random().nextInt(4) : 1;
        for (int i = 0; i < harms; i++) {
            done.add(harm.harm());
        }
        trial.tally().add("corruptions", done.size());
        WayBack wayBack = new WayBack(stage, harm.olderData());
        try {
            List<String> codes = wayBack.take();
            trial.tally().add(codes.isEmpty() ? "harmless" : "detected", 1);
            stage.compare(ledger);
        } catch (Exception | AssertionError e) {
            throw new AssertionError("after " + done + ":\n" + wayBack.story(), e);
        }
    }
}
