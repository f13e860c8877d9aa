package dev.millrace.app.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.storage.fault.FaultPoint;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.sql.Connection;
import java.util.HashSet;
import java.util.List;

/**
 * What each guarantee promises, told by the table without a key, whose rows say how often they came: at-least-once loses none and repeats at
 * most one window a crash, and leaves tables with a key as they are at the source; at-most-once repeats none, and what it loses is what
 * Millrace itself counts; exactly-once does neither. The process is killed where it matters: in the middle of loads, before the destination's
 * commit, behind it, and at random times. On the way rows are renamed, masked, set and filtered, and some events fail: they are parked in the middle of
 * the kills, and replayed through others once the causes are gone. So the destination holds what {@link Altered} makes of the ledger.
 */
final class Guarantees implements FaultFamily {
    private static final int ROWS = 400;
    private static final List<String> NAMES = List.of("at-least-once", "at-most-once", "exactly-once");
    private static final List<FaultPoint> POINTS = List.of(
            FaultPoint.AFTER_PARKING,
            FaultPoint.BEFORE_DESTINATION_COMMIT,
            FaultPoint.AFTER_DESTINATION_COMMIT,
            FaultPoint.MID_LOAD);

    @Override
    public String name() {
        return "guarantees";
    }

    @Override
    public int trials(boolean longForm) {
        return longForm ? 24 : 3;
    }

    @Override
    public void run(Trial trial) throws Exception {
        String guarantee = NAMES.get(trial.number() % 3);
        boolean duckdb = (trial.number() % 3 + trial.number() / 3) % 2 == 0;
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase();
                Ledger ledger = new Ledger(source, trial)) {
            ledger.create(ROWS);
            Stage stage = new Stage(trial.folder(), source, duckdb ? null : target);
            Altered altered = new Altered(stage, guarantee);
            if (guarantee.equals("at-most-once")) {
                stage.objects("public.journal"); // so that what is lost can be counted
            }
            altered.write();
            if (trial.longForm()) { // loads under changes are what other families are about
                ledger.start();
                stage.finish();
                ledger.stop();
            }
            stage.finish();
            altered.constrain();
            ledger.start();
            int crashes = trial.longForm() ? 7 : 2;
            for (int i = 0; i < crashes; i++) {
                crash(trial, stage, i);
            }
            ledger.stop();
            finishAndJudge(trial, stage, ledger, altered, crashes);
        }
    }

    private static void crash(Trial trial, Stage stage, int number) throws Exception {
        if (number < POINTS.size()) {
            int passes = 1 + trial.random().nextInt(trial.longForm() ? 8 : 3);
            try (MillraceProcess process = stage.run(POINTS.get(number) + ":" + passes)) {
                assertEquals(137, process.await(Stage.SECONDS), process::text);
            }
        } else {
            try (MillraceProcess process = stage.run("")) {
                stage.awaitReady(process, System.nanoTime());
                assertEquals(-1, process.awaitMillis(trial.random().nextInt(2_000)), process::text);
                process.kill();
            }
        }
        trial.tally().add("kills", 1);
    }

    private static void finishAndJudge(Trial trial, Stage stage, Ledger ledger, Altered altered, int crashes)
            throws Exception {
        String guarantee = NAMES.get(trial.number() % 3);
        stage.finish(); // what is in the log is all applied by the form that fails
        List<FaultPoint> kills = trial.longForm()
                ? List.of(FaultPoint.BEFORE_REPLAY_COMMIT, FaultPoint.AFTER_REPLAY_COMMIT)
                : List.of(FaultPoint.BEFORE_REPLAY_COMMIT);
        long counted = altered.mendAndReplay(kills);
        trial.tally().add("kills", kills.size());
        try (Connection from = stage.source().connect();
                Connection to = stage.destination()) {
            for (Ledger.Table table : ledger.tables()) {
                Stage.assertSame(table.rows(), Stage.rows(from, table.query("")), "ledger and source: " + table.name());
                boolean whole = guarantee.equals("exactly-once")
                        || guarantee.equals("at-least-once") && !table.name().equals("journal");
                if (whole) {
                    Stage.assertSame(
                            Altered.expected(table),
                            Altered.found(to, table),
                            "ledger and destination: " + table.name());
                }
            }
            judgeJournal(trial, ledger, to, counted, crashes);
        }
    }

    private static void judgeJournal(Trial trial, Ledger ledger, Connection to, long counted, int crashes)
            throws Exception {
        Ledger.Table journal = ledger.tables().stream()
                .filter(table -> table.name().equals("journal"))
                .findFirst()
                .orElseThrow();
        List<String> wanted = Altered.expected(journal);
        List<String> all = Altered.found(to, journal);
        List<String> found = all.stream().distinct().toList();
        int lost = wanted.size() - found.size();
        int repeated = all.size() - found.size();
        assertTrue(new HashSet<>(wanted).containsAll(found), "rows that nobody wrote");
        switch (NAMES.get(trial.number() % 3)) {
            case "at-most-once" -> {
                trial.tally().add("events lost by at-most-once, all counted", lost);
                assertEquals(0, repeated, "repeated under at-most-once");
                assertEquals(lost, counted, "lost under at-most-once, as Millrace counts it");
            }
            case "at-least-once" -> {
                trial.tally().add("rows repeated by at-least-once", repeated);
                assertEquals(0, lost, "lost under at-least-once");
                requireOneWindowEach(to, crashes);
            }
            default -> assertEquals(0, lost + repeated, "lost or repeated under exactly-once");
        }
    }

    /** Rows that one window has loaded have one time of loading: those that came again are of one window for each crash. */
    private static void requireOneWindowEach(Connection to, int crashes) throws Exception {
        List<String> windows = Stage.rows(
                to,
                "SELECT DISTINCT first FROM (SELECT min(__millrace_loaded_at) AS first FROM public.journal GROUP BY entry"
                        + " HAVING count(*) > 1) AS repeated");
        assertTrue(
                windows.size() <= crashes,
                () -> windows.size() + " windows were repeated in " + crashes + " crashes: " + windows);
    }
}
