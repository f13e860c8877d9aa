package dev.millrace.app.fault;

import dev.millrace.storage.fault.FaultPoint;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * SIGKILL, many times in a row on one pipeline: first while it loads what is there, then while it streams and loads tables again; at every
 * named point, after a random number of passes, and at random times. Between the kills and while it runs the destination is held against what
 * must always be so; in the end it equals the ledger.
 */
final class Kills implements FaultFamily {
    private static final int ROWS = 2_000;
    private static final Path FAKE_TIME = Path.of("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1");

    /** Those that a load passes, and how often it surely does. */
    private static final Map<FaultPoint, Integer> LOADING = Map.of(
            FaultPoint.AFTER_SNAPSHOT, 4,
            FaultPoint.MID_CHUNK, 3,
            FaultPoint.AFTER_APPEND, 10,
            FaultPoint.AFTER_SYNC, 5,
            FaultPoint.MID_LOAD, 3,
            FaultPoint.BEFORE_DESTINATION_COMMIT, 2,
            FaultPoint.AFTER_DESTINATION_COMMIT, 2);

    private static final int MOST_PASSES = 12;

    /** How many of the points of the stream the short form takes, by the seed. */
    private static final int SHORT_POINTS = 2;

    @Override
    public String name() {
        return "kills";
    }

    @Override
    public int trials(boolean longForm) {
        return longForm ? 28 : 2;
    }

    @Override
    public void run(Trial trial) throws Exception {
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase();
                Ledger ledger = new Ledger(source, trial)) {
            ledger.create(ROWS);
            Stage stage = new Stage(trial.folder(), source, trial.number() % 2 == 0 ? null : target).write();
            try (Watcher watcher = new Watcher(stage).start()) {
                Killing killing = new Killing(trial, stage, watcher);
                ledger.start();
                loading(trial, killing);
                ledger.stop();
                stage.finish();
                stage.compare(ledger);
                watcher.invariants().loaded();
                watcher.look(null);
                ledger.start();
                streaming(trial, killing);
                watcher.invariants().reloading();
                reloading(trial, killing);
                ledger.stop();
                stage.finish();
                stage.compare(ledger);
                watcher.invariants().loaded();
                watcher.look(null);
                watcher.stop();
                trial.tally().add("looks", watcher.invariants().looks());
            }
        }
    }

    private static void loading(Trial trial, Killing killing) throws Exception {
        List<FaultPoint> points = new ArrayList<>(LOADING.keySet());
        Collections.sort(points);
        Collections.shuffle(points, new Random(trial.random().nextLong()));
        for (FaultPoint point : points.subList(0, trial.longForm() ? 4 : 1)) {
            // once the kills before have let the load come to its end, only another one passes such a point
            killing.atWithReloads(point, 1 + trial.random().nextInt(LOADING.get(point)));
        }
        if (trial.longForm()) {
            killing.atRandomTime(2_500);
        }
    }

    private static void streaming(Trial trial, Killing killing) throws Exception {
        List<FaultPoint> points = new ArrayList<>(List.of(FaultPoint.values()));
        if (!Files.exists(FAKE_TIME)) {
            points.remove(FaultPoint.AT_ROLL);
            trial.tally().add("rolls not made for want of libfaketime", 1);
        }
        if (!trial.longForm()) { // the two destinations share the points
            points.removeIf(point -> point.ordinal() % 2 != trial.number() % 2);
        }
        points.removeAll(List.of(FaultPoint.AFTER_SNAPSHOT, FaultPoint.MID_CHUNK));
        // nothing fails here
        points.removeAll(
                List.of(FaultPoint.AFTER_PARKING, FaultPoint.BEFORE_REPLAY_COMMIT, FaultPoint.AFTER_REPLAY_COMMIT));
        Collections.shuffle(points, new Random(trial.random().nextLong()));
        for (FaultPoint point : trial.longForm() ? points : points.subList(0, SHORT_POINTS)) {
            switch (point) {
                case AT_ROLL -> killing.atRoll(FAKE_TIME);
                case AT_START -> killing.at(point, 1);
                case AT_SHUTDOWN -> killing.atShutdown();
                default -> killing.at(point, 1 + trial.random().nextInt(MOST_PASSES));
            }
        }
        for (int i = 0; i < (trial.longForm() ? 4 : 1); i++) {
            killing.atRandomTime(3_000);
        }
    }

    /** Tables are loaded again under the stream. */
    private static void reloading(Trial trial, Killing killing) throws Exception {
        boolean snapshots = trial.longForm() || trial.random().nextBoolean();
        if (snapshots) {
            killing.atWithReloads(FaultPoint.AFTER_SNAPSHOT, 1 + trial.random().nextInt(3));
        }
        if (trial.longForm() || !snapshots) {
            killing.atWithReloads(FaultPoint.MID_CHUNK, 1 + trial.random().nextInt(3));
        }
        if (trial.longForm()) {
            killing.atWithReloads(FaultPoint.MID_LOAD, 1 + trial.random().nextInt(MOST_PASSES));
            killing.atWithReloads(
                    FaultPoint.AFTER_DESTINATION_COMMIT, 1 + trial.random().nextInt(MOST_PASSES));
        }
    }
}
