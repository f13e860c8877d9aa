package dev.millrace.app.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.storage.fault.FaultPoint;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.util.List;

/**
 * Tables that are loaded side by side, each in a transaction of its own ({@code consistency: fast}): the process is killed where some tables of a
 * window are committed and others are not, and goes on in that way or in the other. Between the tables nothing is promised meanwhile, so only
 * the ends are compared: every table holds what the ledger says, the one without a key each row once.
 */
final class Apart implements FaultFamily {
    private static final int ROWS = 400;
    private static final List<FaultPoint> POINTS =
            List.of(FaultPoint.MID_LOAD, FaultPoint.AFTER_DESTINATION_COMMIT, FaultPoint.BEFORE_DESTINATION_COMMIT);

    @Override
    public String name() {
        return "apart";
    }

    @Override
    public int trials(boolean longForm) {
        return longForm ? 20 : 1;
    }

    @Override
    public void run(Trial trial) throws Exception {
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase();
                Ledger ledger = new Ledger(source, trial)) {
            ledger.create(ROWS);
            Stage stage = new Stage(trial.folder(), source, target);
            fast(stage, true);
            ledger.start();
            stage.finish();
            boolean fast = true;
            for (int i = 0; i < (trial.longForm() ? 9 : 3); i++) {
                crash(trial, stage, i);
                if (trial.random().nextInt(3) == 0) {
                    fast = !fast;
                    fast(stage, fast);
                    trial.tally().add("changes of consistency", 1);
                }
            }
            ledger.stop();
            stage.finish();
            stage.compare(ledger);
            assertTrue(
                    !target.rows("SELECT 1 FROM public.__millrace_positions WHERE pipeline LIKE '%/%'")
                            .isEmpty(),
                    "no table was ever loaded by itself");
        }
    }

    private static void fast(Stage stage, boolean fast) throws Exception {
        stage.settings("", fast ? "consistency: fast, maxRunners: 3" : "consistency: transactional")
                .write();
    }

    private static void crash(Trial trial, Stage stage, int number) throws Exception {
        FaultPoint point = POINTS.get(number % POINTS.size());
        try (MillraceProcess process =
                stage.run(point + ":" + (1 + trial.random().nextInt(30)))) {
            assertEquals(137, process.await(Stage.SECONDS), process::text);
        }
        trial.tally().add("kills", 1);
    }
}
