package dev.millrace.app.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.storage.fault.FaultPoint;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.sql.Connection;
import java.util.List;

/**
 * What each guarantee promises, told by the table without a key, whose rows say how often they came: at-least-once loses none and repeats at
 * most one window a crash, and leaves tables with a key as they are at the source; at-most-once repeats none, and what it loses is what
 * Millrace itself counts; exactly-once does neither. The process is killed where it matters: in the middle of loads, before the destination's
 * commit, behind it, and at random times.
 */
final class Guarantees implements FaultFamily {
    private static final int ROWS = 400;
    private static final List<String> NAMES = List.of("at-least-once", "at-most-once", "exactly-once");
    private static final List<FaultPoint> POINTS =
            List.of(FaultPoint.AFTER_DESTINATION_COMMIT, FaultPoint.BEFORE_DESTINATION_COMMIT, FaultPoint.MID_LOAD);

    @Override
    public String name() {
        return "guarantees";
    }

    @Override
    public int trials(boolean longForm) {
        return longForm ? 24 : 2; // exactly-once is the default, which the other families are about
    }

    @Override
    public void run(Trial trial) throws Exception {
        String guarantee = NAMES.get(trial.number() % 3);
        boolean duckdb = trial.number() / 3 % 2 == 0;
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase();
                Ledger ledger = new Ledger(source, trial.seed())) {
            ledger.create(ROWS);
            Stage stage = new Stage(trial.folder(), source, duckdb ? null : target).with("guarantee: " + guarantee);
            if (guarantee.equals("at-most-once")) {
                stage.objects("public.journal"); // so that what is lost can be counted
            }
            stage.write();
            if (trial.longForm()) { // loads under changes are what other families are about
                ledger.start();
                stage.finish();
                ledger.stop();
            }
            stage.finish();
            if (!guarantee.equals("at-most-once")) {
                stage.compare(ledger);
            }
            ledger.start();
            int crashes = trial.longForm() ? 6 : 2;
            for (int i = 0; i < crashes; i++) {
                crash(trial, stage, i);
            }
            ledger.stop();
            finishAndJudge(trial, stage, ledger, guarantee, crashes);
        }
    }

    private static void crash(Trial trial, Stage stage, int number) throws Exception {
        if (number < POINTS.size()) {
            int passes = 1 + trial.random().nextInt(8);
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

    private static void finishAndJudge(Trial trial, Stage stage, Ledger ledger, String guarantee, int crashes)
            throws Exception {
        if (guarantee.equals("exactly-once")) {
            stage.finish();
            stage.compare(ledger);
            return;
        }
        long counted = 0;
        if (guarantee.equals("at-most-once")) {
            try (MillraceProcess process = stage.run("")) {
                stage.awaitReady(process, System.nanoTime());
                Stage.await(process, "telling its losses", () -> stage.admin()
                        .metric("millrace_events_lost_total")
                        .filter(lost -> lost > 0)
                        .isPresent());
                counted = stage.admin()
                        .metric("millrace_events_lost_total")
                        .orElseThrow()
                        .longValue();
                process.signal("TERM");
                process.await(Stage.SECONDS);
            }
        }
        stage.finish();
        try (Connection from = stage.source().connect();
                Connection to = stage.destination()) {
            for (Ledger.Table table : ledger.tables()) {
                Stage.assertSame(table.rows(), Stage.rows(from, table.query("")), "ledger and source: " + table.name());
            }
            List<String> source = Stage.rows(from, "SELECT entry FROM journal");
            List<String> found = Stage.rows(to, "SELECT DISTINCT entry FROM public.journal");
            int lost = source.size() - found.size();
            int repeated = Stage.rows(to, "SELECT entry FROM public.journal").size() - found.size();
            if (guarantee.equals("at-most-once")) {
                trial.tally().add("events lost by at-most-once, all counted", lost);
                assertEquals(0, repeated, "repeated under at-most-once");
                assertEquals(lost, counted, "lost under at-most-once, as Millrace counts it");
            } else {
                trial.tally().add("rows repeated by at-least-once", repeated);
                assertEquals(0, lost, "lost under at-least-once");
                requireOneWindowEach(to, crashes);
                for (Ledger.Table table : ledger.tables()) {
                    if (!table.name().equals("journal")) {
                        Stage.assertSame(
                                table.rows(),
                                Stage.rows(to, table.query("public.")),
                                "table with a key: " + table.name());
                    }
                }
            }
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
