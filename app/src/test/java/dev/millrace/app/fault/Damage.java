package dev.millrace.app.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
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
        int rounds = trial.longForm() ? 5 : 2;
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase();
                Ledger ledger = new Ledger(source, trial.seed())) {
            ledger.create(300);
            Stage stage = new Stage(trial.folder(), source, duckdb ? null : target);
            stage.installation("data: " + stage.data()).write();
            Harm harm = new Harm(stage, trial.folder().resolve("older"), trial.random());
            work(trial, stage, ledger);
            harm.backup();
            for (int round = 0; round < rounds; round++) {
                if (trial.random().nextInt(3) == 0) {
                    work(trial, stage, ledger);
                } else {
                    ledger.start();
                    ledger.awaitCommits(20, Stage.SECONDS);
                    ledger.stop();
                }
                round(trial, stage, ledger, harm);
                if (trial.random().nextBoolean()) {
                    harm.backup();
                }
            }
        }
    }

    /** Streams for a moment, and is killed or stopped. */
    private static void work(Trial trial, Stage stage, Ledger ledger) throws Exception {
        ledger.start();
        long before = PowerCuts.confirmed(stage);
        try (MillraceProcess process = stage.run("")) {
            PowerCuts.awaitConfirmedBeyond(stage, before, process);
            assertEquals(-1, process.awaitMillis(trial.random().nextInt(700)), process::text);
            if (trial.random().nextBoolean()) {
                process.kill();
            } else {
                Shell.signal("TERM", process.pid());
                assertEquals(143, process.await(Stage.SECONDS), process::text);
            }
        }
        ledger.stop();
    }

    private static void round(Trial trial, Stage stage, Ledger ledger, Harm harm) throws Exception {
        List<String> done = new ArrayList<>();
        int harms = trial.longForm() ? 1 + trial.random().nextInt(4) : 1;
        for (int i = 0; i < harms; i++) {
            done.add(harm.harm());
        }
        trial.tally().add("corruptions", harms);
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
