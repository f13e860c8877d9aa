package dev.millrace.app.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.util.List;

/** SIGKILL: at each durability step in turn, then at random times. */
final class Kills implements FaultFamily {
    private static final List<String> POINTS = List.of(
            "AFTER_SNAPSHOT:2",
            "MID_CHUNK:1",
            "AFTER_APPEND:3",
            "AFTER_SYNC:4",
            "BEFORE_OFFSET:1",
            "BEFORE_ACKNOWLEDGE:2",
            "MID_LOAD:2",
            "AFTER_DESTINATION_COMMIT:2");

    @Override
    public String name() {
        return "kills";
    }

    @Override
    public int trials(boolean longForm) {
        return longForm ? 100 : 2 * POINTS.size() + 2;
    }

    @Override
    public void run(Trial trial) throws Exception {
        boolean duckdb = trial.number() % 2 == 0;
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase();
                Ledger ledger = new Ledger(source, trial.seed())) {
            ledger.create(2_000);
            Stage stage = new Stage(trial.folder(), source, duckdb ? null : target).write();
            ledger.start();
            int point = trial.number() / 2;
            if (point < POINTS.size()) {
                try (MillraceProcess killed = stage.run(POINTS.get(point))) {
                    assertEquals(137, killed.await(Stage.SECONDS), killed::text);
                }
                trial.tally().add("kills", 1);
            } else {
                for (int kill = 0; kill < 4; kill++) {
                    try (MillraceProcess process = stage.run("")) {
                        long millis = 1_200L + trial.random().nextInt(2_000);
                        assertEquals(-1, process.awaitMillis(millis), process::text);
                        process.kill();
                    }
                    trial.tally().add("kills", 1);
                }
            }
            ledger.stop();
            stage.finish();
            stage.compare(ledger);
        }
    }
}
