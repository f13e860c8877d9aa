package dev.millrace.app.bench;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.storage.testing.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Speed next to the databases' own tools, each measure taken in turn with its baseline. {@code -Dbench.rows=}, {@code -Dbench.changes=},
 * {@code -Dbench.rounds=}; {@code -Dbench.only=} with letters of the parts: s(tart), h(istorical load), c(hanges), l(atency).
 */
@Tag("bench")
class SpeedTest {
    private static final int ROWS = Integer.getInteger("bench.rows", 1_000_000);
    private static final int CHANGES = Integer.getInteger("bench.changes", 200_000);
    private static final int ROUNDS = Integer.getInteger("bench.rounds", 3);
    private static final String ONLY = System.getProperty("bench.only", "shcl");
    private static final int LATENCY_SECONDS = 8;

    @TempDir
    Path folder;

    @Test
    void everythingArrivesAndTheTimeItTakesIsTold() throws Exception {
        Figures figures = new Figures();
        try (Bench bench = new Bench(folder)) {
            if (ONLY.contains("s")) {
                start(bench, figures);
            }
            if (ONLY.contains("h")) {
                history(bench, figures);
            }
            if (ONLY.contains("c")) {
                changes(bench, figures);
            }
            if (ONLY.contains("l")) {
                latency(bench, figures);
            }
        }
        System.out.println(figures.table());
        assertTrue(figures.table().contains("\n"), "nothing was chosen by bench.only=" + ONLY);
    }

    /** Start-up to ready, and memory when there is nothing to do. */
    private static void start(Bench bench, Figures figures) throws Exception {
        try (TestDatabase source = bench.source();
                TestDatabase target = bench.target()) {
            MixedTable.create(source);
            Path pipeline = bench.pipeline(source, target);
            Bench.nothing(pipeline);
            for (int round = 0; round < ROUNDS; round++) {
                try (MillraceRun run = Bench.run(pipeline)) {
                    figures.baseline("start to ready", run.awaitReady(), 1);
                    run.leave(TimeUnit.SECONDS.toNanos(5));
                    figures.note("idle: %d MB resident", run.residentMegabytes());
                    run.stop();
                }
            }
            Bench.dropSlots(source);
        }
    }

    private static void history(Bench bench, Figures figures) throws Exception {
        try (TestDatabase source = bench.source();
                TestDatabase empty = bench.source()) {
            MixedTable.create(source);
            MixedTable.fill(source, ROWS);
            MixedTable.create(empty);
            for (int round = 0; round < ROUNDS; round++) {
                String pipe = Baselines.psql() ? "psql COPY | psql COPY" : "COPY | COPY by the driver";
                try (TestDatabase target = bench.target()) {
                    figures.baseline(pipe, Baselines.copyPipe(source, target), ROWS);
                }
                for (String kind : new String[] {"PostgreSQL", "DuckDB"}) {
                    try (TestDatabase target = bench.target()) {
                        TestDatabase there = kind.equals("DuckDB") ? null : target;
                        long idle = Bench.nothing(bench.pipeline(empty, there));
                        Path pipeline = bench.pipeline(source, there);
                        try (MillraceRun run = Bench.once(pipeline)) {
                            long nanos = run.end();
                            figures.measured("load into " + kind + ", whole process", pipe, nanos, ROWS, run);
                            figures.measured(
                                    "load into " + kind + ", less one of no rows", pipe, nanos - idle, ROWS, run);
                        }
                        Bench.requireSame(source, there, pipeline);
                    }
                    Bench.dropSlots(source);
                    Bench.dropSlots(empty);
                }
            }
        }
    }

    /** The same changes wait in four slots: of the bare reader, and of three pipelines. */
    private static void changes(Bench bench, Figures figures) throws Exception {
        String bare = "bare reader of the slot";
        int rows = Math.max(1_000, ROWS / 10);
        try (TestDatabase source = bench.source();
                TestDatabase lockedTarget = bench.target();
                TestDatabase target = bench.target()) {
            MixedTable.create(source);
            MixedTable.fill(source, rows);
            source.execute("CREATE PUBLICATION bench FOR TABLE orders");
            Path locked = bench.pipeline(source, lockedTarget);
            Map<String, Path> whole = new TreeMap<>(
                    Map.of("PostgreSQL", bench.pipeline(source, target), "DuckDB", bench.pipeline(source, null)));
            Bench.nothing(locked);
            for (Path pipeline : whole.values()) {
                Bench.nothing(pipeline);
            }
            for (int round = 0; round < ROUNDS; round++) {
                source.execute("SELECT pg_create_logical_replication_slot('bare', 'pgoutput')");
                MixedTable.change(source, rows, CHANGES);
                figures.baseline(bare, Baselines.readSlot(source, "bare", "bench", CHANGES), CHANGES);
                source.execute("SELECT pg_drop_replication_slot('bare')");
                intoTheLog(lockedTarget, locked, figures, bare);
                Bench.requireSame(source, lockedTarget, locked);
                for (Map.Entry<String, Path> entry : whole.entrySet()) {
                    Path pipeline = entry.getValue();
                    try (MillraceRun run = Bench.once(pipeline)) {
                        long nanos = run.end();
                        long idle = Bench.nothing(pipeline);
                        figures.measured(
                                "slot to " + entry.getKey() + ", less start and end", bare, nanos - idle, CHANGES, run);
                    }
                    Bench.requireSame(source, entry.getKey().equals("DuckDB") ? null : target, pipeline);
                }
            }
            Bench.dropSlots(source);
        }
    }

    /** First into the log alone, while the destination's table is locked; then from the log into the destination. */
    private static void intoTheLog(TestDatabase target, Path pipeline, Figures figures, String bare) throws Exception {
        try (MillraceRun run = Bench.run(pipeline)) {
            try (Connection connection = target.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("BEGIN; LOCK TABLE public.orders IN ACCESS EXCLUSIVE MODE");
                long first = run.awaitMetric("millrace_events_read_total", 1);
                long all = run.awaitMetric("millrace_events_read_total", CHANGES);
                figures.measured("slot to synced log, from its first batch", bare, all - first, CHANGES, run);
            }
            long unlocked = System.nanoTime();
            while (run.metric("millrace_lag_events") > 0) {
                assertTrue(System.nanoTime() - unlocked < TimeUnit.MINUTES.toNanos(5), "loaded within five minutes");
            }
            figures.measured("log to PostgreSQL", bare, System.nanoTime() - unlocked, CHANGES, run);
            run.stop();
        }
    }

    private static void latency(Bench bench, Figures figures) throws Exception {
        int[] rates = {50, 200};
        try (TestDatabase source = bench.source();
                TestDatabase target = bench.target();
                TestDatabase subscriber = bench.target()) {
            Latency.create(source);
            Path pipeline = bench.pipeline(source, target);
            Bench.nothing(pipeline);
            try (MillraceRun run = Bench.run(pipeline)) {
                run.awaitReady();
                for (int rate : rates) {
                    tell(
                            figures,
                            "commit to visible",
                            rate,
                            new Latency(source, target).measure(rate, LATENCY_SECONDS));
                }
                run.stop();
            }
            Bench.dropSlots(source);
            subscriber.execute("CREATE TABLE beats (id integer PRIMARY KEY, n bigint NOT NULL, note text)");
            source.execute("CREATE PUBLICATION bench FOR TABLE beats");
            subscriber.execute(
                    "CREATE SUBSCRIPTION bench CONNECTION 'host=%s port=%d dbname=%s user=%s' PUBLICATION bench"
                            .formatted(source.host(), source.port(), source.database(), source.user()));
            while (subscriber.rows("SELECT n FROM beats").isEmpty()) {
                Thread.onSpinWait();
            }
            for (int rate : rates) {
                tell(
                        figures,
                        "PostgreSQL's own subscription",
                        rate,
                        new Latency(source, subscriber).measure(rate, LATENCY_SECONDS));
            }
            subscriber.execute("DROP SUBSCRIPTION bench");
        }
    }

    private static void tell(Figures figures, String what, int rate, long[] nanos) {
        figures.note(
                "%s at %d tx/s: p50 %.1f ms, p90 %.1f ms, p99 %.1f ms",
                what,
                rate,
                nanos[nanos.length / 2] / 1e6,
                nanos[nanos.length * 9 / 10] / 1e6,
                nanos[nanos.length * 99 / 100] / 1e6);
    }
}
