package dev.millrace.app.bench;

import dev.millrace.storage.testing.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Latency, (f): at a rate that leaves everybody idle most of the time, after half as long for warming up. A PostgreSQL destination is asked by
 * a query. A DuckDB file can't be opened beside the process that loads it, so that process is asked how many changes it has committed, over
 * HTTP; what that takes counts as latency.
 */
final class LatencyPart {
    static final String TO_POSTGRES = Measurements.OURS + "latency into PostgreSQL";
    static final String TO_DUCKDB = Measurements.OURS + "latency into DuckDB";
    static final String SUBSCRIPTION = "latency of PostgreSQL's subscription";

    private static final int ROWS = 10_000;

    private final Work work;
    private final TestDatabase source;
    private final TestDatabase target;
    private final TestDatabase subscriber;

    private LatencyPart(Work work, TestDatabase source, TestDatabase target, TestDatabase subscriber) {
        this.work = work;
        this.source = source;
        this.target = target;
        this.subscriber = subscriber;
    }

    static void measure(Work work) throws Exception {
        try (TestDatabase source = work.bench().source();
                TestDatabase target = work.bench().target();
                TestDatabase subscriber = work.bench().target()) {
            new LatencyPart(work, source, target, subscriber).rounds();
            Bench.dropSlots(source);
        }
    }

    private void rounds() throws Exception {
        MixedTable.create(source);
        MixedTable.fill(source, ROWS);
        source.execute("CREATE PUBLICATION marked FOR TABLE orders, mark");
        Path postgres = work.bench().pipeline("latencypostgresql", source, target);
        Path duckdb = work.bench().pipeline("latencyduckdb", source, null);
        try (Subscription subscription = Subscription.create(source, subscriber, work.clients())) {
            rounds(postgres, duckdb, subscription);
        }
    }

    private void rounds(Path postgres, Path duckdb, Subscription subscription) throws Exception {
        for (int round = 0; round < work.settings().rounds(); round++) {
            // One at a time: whoever is not measured is caught up and stopped.
            work.bench().once(postgres);
            try (MillraceRun run = work.bench().run(postgres)) {
                run.awaitReady();
                resident(TO_POSTGRES, take(target), run);
                run.stop();
            }
            MixedTable.requireSame(source, target);
            subscription.catchUp();
            subscription.enable();
            work.measurements().add(SUBSCRIPTION, take(subscriber));
            subscription.disable();
            work.bench().once(duckdb);
            try (MillraceRun run = work.bench().run(duckdb)) {
                run.awaitReady();
                long before = MixedTable.marked(source);
                resident(TO_DUCKDB, take(() -> before + run.applied() / Latency.CHANGES), run);
                run.stop();
            }
            MixedTable.requireSame(source, duckdb.resolve("warehouse.duckdb"), "public");
        }
    }

    private Map<String, Double> take(TestDatabase destination) throws Exception {
        try (Connection connection = destination.connect();
                PreparedStatement look = connection.prepareStatement("SELECT n FROM public.mark")) {
            return take(() -> number(look));
        }
    }

    private Map<String, Double> take(Latency.Destination destination) throws Exception {
        Latency latency = new Latency(source, ROWS);
        int seconds = work.settings().seconds();
        latency.measure(work.settings().rate(), (seconds + 1) / 2, destination);
        return latency.measure(work.settings().rate(), seconds, destination);
    }

    private void resident(String name, Map<String, Double> latencies, MillraceRun run) {
        Map<String, Double> numbers = new LinkedHashMap<>(latencies);
        numbers.put("rss", run.process().usage().peakMegabytes());
        numbers.put("cpu", run.process().usage().cpuSeconds());
        work.measurements().add(name, numbers);
    }

    private static long number(PreparedStatement look) throws SQLException {
        try (ResultSet row = look.executeQuery()) {
            return row.next() ? row.getLong(1) : 0;
        }
    }
}
