package dev.millrace.app.fault.network;

import dev.millrace.app.fault.FaultFamily;
import dev.millrace.app.fault.Ledger;
import dev.millrace.app.fault.Stage;
import dev.millrace.app.fault.Trial;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A proxy before both databases: connections cut at any byte of either direction, ended in good order, refused, slowed, delayed, swallowed
 * without a word, and reset around a COMMIT. One process outlives a row of such faults, from the first row of the historical load on.
 */
public final class Network implements FaultFamily {
    /** So that a silent peer is found out within seconds, not within the minute of the defaults. */
    private static final String IMPATIENT = "connectTimeout: 2s, peerTimeout: 2s";

    private static final long RECOVERY_SECONDS = Stage.SECONDS;
    private static final long STRIKES_NANOS = TimeUnit.SECONDS.toNanos(3);

    private enum Fault {
        CUT_REQUEST,
        CUT_ANSWER,
        COMMIT_LOST,
        COMMIT_UNANSWERED,
        COMMIT_CUT,
        RESET,
        HANG_UP,
        REFUSED,
        SLOW,
        DELAYED,
        SWALLOWED,
        REQUESTS_SWALLOWED,
        ANSWERS_SWALLOWED
    }

    @Override
    public String name() {
        return "network";
    }

    @Override
    public int trials(boolean longForm) {
        return longForm ? 60 : 1;
    }

    @Override
    public void run(Trial trial) throws Exception {
        boolean duckdb = trial.number() % 3 == 1;
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase();
                TcpProxy before = TcpProxy.to(source.port());
                TcpProxy behind = TcpProxy.to(target.port());
                Ledger ledger = new Ledger(source, trial)) {
            ledger.create(trial.longForm() ? 20_000 : 3_000);
            Stage stage = new Stage(trial.folder(), source, duckdb ? null : target)
                    .through(before.port(), behind.port())
                    .settings(IMPATIENT, duckdb ? "" : IMPATIENT)
                    .write();
            ledger.start();
            // the first connections of all are cut somewhere, too
            before.cutAfter(false, trial.random().nextInt(1, 60_000));
            behind.cutAfter(true, trial.random().nextInt(1, 60_000));
            try (Running running = Running.of(stage, stage.run(""))) {
                running.awaitGettingOn(RECOVERY_SECONDS);
                int faults = trial.longForm() ? 20 : Fault.values().length;
                for (int i = 0; i < faults; i++) {
                    TcpProxy struck = duckdb || trial.random().nextBoolean() ? before : behind;
                    strike(fault(trial, i), struck, trial, running);
                }
                ledger.stop();
                running.stop();
            }
            trial.tally().add("connections cut", before.cuts() + behind.cuts());
            stage.finish();
            stage.compare(ledger);
        }
    }

    /** Each in turn; in the long form by chance. */
    private static Fault fault(Trial trial, int place) {
        Fault[] all = Fault.values();
        return trial.longForm() ? all[trial.random().nextInt(all.length)] : all[place % all.length];
    }

    private static void strike(Fault fault, TcpProxy proxy, Trial trial, Running running) throws Exception {
        SplittableRandom random = trial.random();
        long cuts = proxy.cuts();
        switch (fault) {
            case CUT_REQUEST -> proxy.cutAfter(true, random.nextInt(1, 1 << random.nextInt(2, 17)));
            case CUT_ANSWER -> proxy.cutAfter(false, random.nextInt(1, 1 << random.nextInt(2, 17)));
            case COMMIT_LOST -> proxy.cutAtCommit(TcpProxy.AtCommit.REQUEST, random.nextInt(1, 4));
            case COMMIT_UNANSWERED -> proxy.cutAtCommit(TcpProxy.AtCommit.ANSWER, random.nextInt(1, 4));
            case COMMIT_CUT -> proxy.cutAtCommit(TcpProxy.AtCommit.EITHER, random.nextInt(1, 4));
            case RESET -> proxy.cut();
            case HANG_UP -> proxy.hangUp();
            case REFUSED -> {
                proxy.refuse();
                proxy.cut();
            }
            case SLOW -> proxy.slow(random.nextInt(2_000, 200_000));
            case DELAYED -> proxy.delay(random.nextInt(1, 200));
            case SWALLOWED -> proxy.swallow(true, true);
            case REQUESTS_SWALLOWED -> proxy.swallow(true, false);
            case ANSWERS_SWALLOWED -> proxy.swallow(false, true);
            default -> throw new IllegalStateException(fault.name());
        }
        long until = System.nanoTime() + STRIKES_NANOS / (trial.longForm() ? 1 : 3);
        boolean lasting = fault.ordinal() >= Fault.REFUSED.ordinal();
        while (System.nanoTime() < until && (lasting || proxy.cuts() == cuts)) {
            running.look();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
        proxy.heal();
        trial.tally().add("faults", 1);
        long millis;
        try {
            millis = running.awaitGettingOn(RECOVERY_SECONDS);
        } catch (AssertionError e) {
            throw new AssertionError("after " + fault + ": " + e.getMessage(), e);
        }
        trial.tally()
                .max(
                        "ms to get on again after "
                                + (fault.ordinal() >= Fault.SWALLOWED.ordinal() ? "silence" : "a cut"),
                        millis);
    }
}
