package dev.millrace.app.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.util.List;
import java.util.Optional;

/**
 * The power goes while changes stream: the process stands still, its disk loses everything that was not synced, the process is killed. Cut
 * at random moments and at the durability steps, several times on one disk, with the DuckDB file on the same disk in every other trial.
 * Whatever the source was told to let go of has to be there afterwards: a start on a folder that holds less than the slot has confirmed
 * would refuse, and the ledger would miss it.
 */
final class PowerCuts implements FaultFamily {
    /** Passed again and again while changes stream. */
    private static final List<String> POINTS = List.of(
            "AFTER_APPEND",
            "BEFORE_SYNC",
            "AFTER_SYNC",
            "BEFORE_ACKNOWLEDGE",
            "AFTER_ACKNOWLEDGE",
            "MID_LOAD",
            "BEFORE_DESTINATION_COMMIT",
            "AFTER_DESTINATION_COMMIT");

    @Override
    public String name() {
        return "power";
    }

    @Override
    public Optional<String> unavailable() {
        return DiskMount.powerUnavailable();
    }

    @Override
    public int trials(boolean longForm) {
        return longForm ? 20 : 1;
    }

    @Override
    public void run(Trial trial) throws Exception {
        boolean duckdb = trial.number() % 2 == 0;
        int cuts = trial.longForm() ? 6 : 2;
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase();
                DiskMount disk = DiskMount.losingPower(trial.folder(), "4G");
                Ledger ledger = new Ledger(source, trial)) {
            ledger.create(500);
            Stage stage = new Stage(trial.folder(), source, duckdb ? null : target)
                    .on(disk.folder(), disk.folder())
                    .write();
            ledger.start();
            for (int cut = 0; cut < cuts; cut++) {
                String point = trial.random().nextInt(3) == 0
                        ? POINTS.get(trial.random().nextInt(POINTS.size())) + ":"
                                + (1 + trial.random().nextInt(6))
                        : "";
                cut(trial, stage, disk, point);
                trial.tally().add("power cuts", 1);
            }
            ledger.stop();
            stage.finish();
            stage.compare(ledger);
        }
    }

    private static void cut(Trial trial, Stage stage, DiskMount disk, String point) throws Exception {
        long before = confirmed(stage);
        try (MillraceProcess process = stage.run(point)) {
            if (point.isEmpty()) {
                awaitConfirmedBeyond(stage, before, process);
                assertEquals(-1, process.awaitMillis(trial.random().nextInt(1_500)), process::text);
                Shell.signal("STOP", process.pid());
                assertTrue(confirmed(stage) > before);
            } else {
                assertEquals(137, process.await(Stage.SECONDS), () -> point + ": " + process.text());
            }
            disk.cutPower();
            process.kill();
        }
        disk.restore();
    }

    /** Up to where the source may let go of its log, as a number; 0 while there is no slot. */
    static long confirmed(Stage stage) throws Exception {
        return Long.parseLong(stage.source()
                .rows("SELECT coalesce(max(confirmed_flush_lsn - '0/0'), 0)::bigint FROM pg_replication_slots"
                        + " WHERE database = current_database()")
                .get(0));
    }

    /** Waits until the source was told that something more is safe. */
    static void awaitConfirmedBeyond(Stage stage, long before, MillraceProcess process) throws Exception {
        long deadline = System.nanoTime() + Stage.SECONDS * 1_000_000_000;
        while (confirmed(stage) <= before) {
            assertEquals(-1, process.awaitMillis(50), process::text);
            assertTrue(System.nanoTime() < deadline, () -> "nothing is acknowledged: " + process.text());
        }
    }
}
