package dev.millrace.app.bench;

import dev.millrace.storage.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Start-up, (h), and the memory of a process with nothing to do, (g). The log is made large by loading rows of random bytes with a replay
 * period, so that all of it is kept, and is in the operating system's cache, as after any restart of the process alone.
 */
final class StartPart {
    static final String EMPTY = Measurements.OURS + "start with an empty log";
    static final String LARGE = Measurements.OURS + "start with a large log";
    static final String AFTER_KILL = Measurements.OURS + "start with a large log after a kill";
    static final String IDLE_POSTGRES = Measurements.OURS + "idle, into PostgreSQL";
    static final String IDLE_DUCKDB = Measurements.OURS + "idle, into DuckDB";

    private static final int ROWS_PER_MEGABYTE = 128; // of 8 KB
    private static final int MEGABYTES_PER_TABLE = 64;

    private final Work work;

    private StartPart(Work work) {
        this.work = work;
    }

    static void measure(Work work) throws Exception {
        StartPart part = new StartPart(work);
        part.idle(false);
        part.idle(true);
        if (work.settings().any("h")) {
            part.large();
        }
    }

    /** A pipeline of an empty table. */
    private void idle(boolean duckdb) throws Exception {
        try (TestDatabase source = work.bench().source();
                TestDatabase target = work.bench().target()) {
            MixedTable.create(source);
            Path pipeline =
                    work.bench().pipeline(duckdb ? "idleduckdb" : "idlepostgresql", source, duckdb ? null : target);
            if (!duckdb) {
                work.bench().once(pipeline); // the first start of all has more to do
            }
            for (int round = 0; round < work.settings().rounds(); round++) {
                try (MillraceRun run = work.bench().run(pipeline)) {
                    double seconds = run.awaitReady() / 1e9;
                    if (!duckdb) {
                        work.measurements().add(EMPTY, Map.of("seconds", seconds));
                    }
                    work.measurements()
                            .add(
                                    duckdb ? IDLE_DUCKDB : IDLE_POSTGRES,
                                    atRest(run, work.settings().seconds()));
                    run.stop();
                }
            }
            Bench.dropSlots(source);
        }
    }

    /**
     * What a process holds and uses when it is left to itself: for two seconds to come to rest, then for {@code seconds}. It counts what it holds
     * at the beginning or the end of these, whatever is more.
     */
    static Map<String, Double> atRest(MillraceRun run, int seconds) throws Exception {
        WatchedProcess process = run.process();
        process.leave(TimeUnit.SECONDS.toNanos(2));
        Map<String, Double> numbers = new HashMap<>(process.now());
        double before = process.usage().cpuSeconds();
        process.leave(TimeUnit.SECONDS.toNanos(seconds));
        process.now().forEach((name, number) -> numbers.merge(name, number, Math::max));
        numbers.put("cpuPerSecond", (process.usage().cpuSeconds() - before) / seconds);
        numbers.put("peak", process.usage().peakMegabytes());
        return numbers;
    }

    private void large() throws Exception {
        try (TestDatabase source = work.bench().source();
                TestDatabase target = work.bench().target()) {
            long megabytes = work.settings().logMegabytes();
            random(source, megabytes);
            Path pipeline = work.bench().pipeline("large", source, target);
            Files.writeString(pipeline.resolve("millrace.yaml"), "web: {port: 0}\nlog: {replay: 1d}\n");
            work.bench().once(pipeline);
            for (int round = 0; round < work.settings().rounds(); round++) {
                try (MillraceRun run = work.bench().run(pipeline)) {
                    start(LARGE, source, run, megabytes);
                    run.process().signal("KILL");
                }
                try (MillraceRun run = work.bench().run(pipeline)) {
                    start(AFTER_KILL, source, run, megabytes);
                    run.stop();
                }
            }
            Bench.dropSlots(source);
        }
    }

    private void start(String name, TestDatabase source, MillraceRun run, long megabytes) throws Exception {
        double ready = run.awaitReady() / 1e9;
        Bench.await(
                source,
                "SELECT bool_and(active) FROM pg_replication_slots WHERE database = current_database()",
                run.process());
        double streaming = run.process().nanos() / 1e9;
        double log = run.logBytes() / 1048576.0;
        if (log < megabytes * 0.9) {
            throw new IllegalStateException("the log has " + log + " MB, not " + megabytes);
        }
        work.measurements().add(name, Map.of("seconds", ready, "streaming", streaming, "logMegabytes", log));
    }

    /** Tables of rows that can't be compressed. */
    private static void random(TestDatabase source, long megabytes) throws Exception {
        for (int table = 0; table * (long) MEGABYTES_PER_TABLE < megabytes; table++) {
            long rows =
                    Math.min(MEGABYTES_PER_TABLE, megabytes - table * (long) MEGABYTES_PER_TABLE) * ROWS_PER_MEGABYTE;
            source.execute("CREATE TABLE noise_%1$d (id bigint PRIMARY KEY, bytes bytea)".formatted(table));
            source.execute("ALTER TABLE noise_%d ALTER bytes SET STORAGE EXTERNAL".formatted(table));
            source.execute(
                    "INSERT INTO noise_%d SELECT row, (SELECT string_agg(sha512((row || ' ' || part || ' %d')::bytea), '') FROM generate_series(1, 128) part) FROM generate_series(1, %d) row"
                            .formatted(table, table, rows));
        }
    }
}
