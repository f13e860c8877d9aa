package dev.millrace.app.bench;

import dev.millrace.storage.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;

/**
 * Changes, (c), (c2), (d) and (e). In each round the same changes wait in a slot for everyone: the bare reader, PostgreSQL's own subscription,
 * and a pipeline for each figure; then one after the other takes them.
 *
 * <p>For (c), the bare reader and a process of Millrace are streaming already; both are held by SIGSTOP while the changes are made and timed
 * from SIGCONT. For (c2) the process is started when the changes are there. Both times end when the source has been told that the last change
 * is safe, which Millrace does when its log is synced; the destination of these two takes no connections meanwhile.
 */
final class ChangePart implements AutoCloseable {
    static final String STREAMED = Measurements.OURS + "slot to synced log, streaming";
    static final String CAUGHT_UP = Measurements.OURS + "slot to synced log, far behind";
    static final String TO_POSTGRES = Measurements.OURS + "changes into PostgreSQL";
    static final String TO_DUCKDB = Measurements.OURS + "changes into DuckDB";
    static final String BARE = "bare reader of the slot";
    static final String SUBSCRIPTION = "PostgreSQL's subscription";

    private final Work work;
    private final TestDatabase source;
    private final TestDatabase target;
    private final TestDatabase logTarget;
    private final TestDatabase subscriber;
    private final long rows;

    private ChangePart(Work work) throws SQLException {
        this.work = work;
        this.source = work.bench().source();
        this.target = work.bench().target();
        this.logTarget = work.bench().target();
        this.subscriber = work.bench().target();
        this.rows = Math.max(1_000, work.settings().rows() / 10);
    }

    static void measure(Work work) throws Exception {
        try (ChangePart part = new ChangePart(work)) {
            part.rounds();
        }
    }

    private void rounds() throws Exception {
        MixedTable.create(source);
        MixedTable.fill(source, rows);
        source.execute("CREATE PUBLICATION bare FOR TABLE orders; CREATE PUBLICATION marked FOR TABLE orders, mark");
        Path streaming = loaded("c", "cstream", logTarget, "one");
        Path behind = loaded("k", "cbehind", logTarget, "two");
        Path toPostgres = loaded("d", "dpostgresql", target, "public");
        Path toDuckdb = loaded("e", "educkdb", null, "public");
        try (Subscription subscription = wants("d") ? Subscription.create(source, subscriber, work.clients()) : null) {
            for (int round = 0; round < work.settings().rounds(); round++) {
                logs(streaming, behind, subscription);
                if (wants("d")) {
                    moved(TO_POSTGRES, toPostgres);
                    MixedTable.requireSame(source, target);
                }
                if (wants("e")) {
                    moved(TO_DUCKDB, toDuckdb);
                    MixedTable.requireSame(source, toDuckdb.resolve("warehouse.duckdb"), "public");
                }
            }
            delivered(streaming, behind);
        }
    }

    /** Makes a round's changes; what goes into a log or is the server's own takes them at once. */
    private void logs(Path streaming, Path behind, Subscription subscription) throws Exception {
        Cost nothing = behind == null ? Cost.NONE : shortest(() -> intoTheLog(behind, MixedTable.mark(source)));
        Cost nothingSubscribed = subscription == null ? Cost.NONE : shortest(subscription::catchUp);
        String end = changed(streaming);
        int changes = work.settings().changes();
        if (behind != null) {
            Bench.settle(source);
            work.measurements().moved(CAUGHT_UP, intoTheLog(behind, end), nothing, changes);
        }
        if (subscription != null) {
            Bench.settle(source, subscriber);
            work.measurements().moved(SUBSCRIPTION, subscription.catchUp(), nothingSubscribed, changes);
            MixedTable.requireSame(source, subscriber);
        }
    }

    private boolean wants(String letters) {
        return work.settings().any(letters);
    }

    /** A pipeline that has loaded the tables; null where its figure isn't wanted. */
    private Path loaded(String letter, String name, TestDatabase into, String schema) throws Exception {
        if (!wants(letter)) {
            return null;
        }
        Path pipeline = work.bench().pipeline(name, source, into, schema);
        work.bench().once(pipeline);
        return pipeline;
    }

    /** Makes the changes, with those who stream held meanwhile, and lets these have them one after the other. Where the changes end. */
    private String changed(Path streaming) throws Exception {
        if (!wants("cke")) {
            return MixedTable.change(source, rows, work.settings().changes());
        }
        source.execute("SELECT pg_create_logical_replication_slot('bare', 'pgoutput')");
        connections(logTarget, false);
        int changes = work.settings().changes();
        try (WatchedProcess reader = work.clients().readSlot(source, "bare", "bare", changes);
                MillraceRun run = streaming == null ? null : work.bench().run(streaming)) {
            Bench.await(source, "SELECT active FROM pg_replication_slots WHERE slot_name = 'bare'", reader);
            reader.signal("STOP");
            if (run != null) {
                acknowledged(run, streaming, MixedTable.mark(source));
                run.process().signal("STOP");
            }
            long begun = System.nanoTime();
            String end = MixedTable.change(source, rows, changes);
            work.measurements().add("making the changes", Map.of("seconds", (System.nanoTime() - begun) / 1e9));
            Bench.settle(source);
            Cost before = reader.cost();
            reader.signal("CONT");
            work.measurements().moved(BARE, reader.end().since(before), Cost.NONE, changes);
            if (run != null) {
                Bench.settle(source);
                before = run.process().cost();
                run.process().signal("CONT");
                acknowledged(run, streaming, end);
                work.measurements().moved(STREAMED, run.process().cost().since(before), Cost.NONE, changes);
                run.stop();
            }
            return end;
        } finally {
            connections(logTarget, true);
            source.terminate("SELECT active_pid FROM pg_replication_slots WHERE slot_name = 'bare'");
            source.execute("SELECT pg_drop_replication_slot('bare')");
        }
    }

    /** From the start of a process that can't reach its destination until the source has been told that all is safe. */
    private Cost intoTheLog(Path pipeline, String end) throws Exception {
        connections(logTarget, false);
        try (MillraceRun run = work.bench().run(pipeline)) {
            acknowledged(run, pipeline, end);
            Cost cost = run.process().cost();
            run.stop();
            return cost;
        } finally {
            connections(logTarget, true);
        }
    }

    private void acknowledged(MillraceRun run, Path pipeline, String end) throws SQLException, IOException {
        Bench.await(
                source,
                "SELECT confirmed_flush_lsn > '%s' FROM pg_replication_slots WHERE slot_name = '%s'"
                        .formatted(end, Bench.slot(pipeline.getFileName().toString())),
                run.process());
    }

    private void connections(TestDatabase database, boolean allowed) throws SQLException {
        target.execute("ALTER DATABASE " + database.database() + " ALLOW_CONNECTIONS " + allowed);
        if (!allowed) {
            target.terminate("SELECT pid FROM pg_stat_activity WHERE datname = '" + database.database() + "'");
        }
    }

    private void moved(String name, Path pipeline) throws Exception {
        Bench.settle(source, target);
        Cost whole = work.bench().once(pipeline);
        Cost nothing = shortest(() -> work.bench().once(pipeline));
        work.measurements().moved(name, whole, nothing, work.settings().changes());
    }

    private Cost shortest(Cost.Try once) throws Exception {
        return Cost.shortest(work.settings().tries(), once);
    }

    /** What went into the log alone has to arrive too. */
    private void delivered(Path... pipelines) throws Exception {
        for (Path pipeline : pipelines) {
            if (pipeline != null) {
                work.bench().once(pipeline);
                MixedTable.requireSame(
                        source, logTarget, pipeline.getFileName().toString().equals("cstream") ? "one" : "two");
            }
        }
    }

    @Override
    public void close() throws SQLException {
        Bench.dropSlots(source);
        for (TestDatabase database : new TestDatabase[] {source, target, logTarget, subscriber}) {
            database.close();
        }
    }
}
