package dev.millrace.app.bench;

import dev.millrace.storage.testing.TestDatabase;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;

/** PostgreSQL's own logical replication of the mixed table and the mark, as the server does it by default. Disabled but when asked. */
final class Subscription implements AutoCloseable {
    private final TestDatabase source;
    private final TestDatabase target;
    private final String slot;

    private Subscription(TestDatabase source, TestDatabase target) {
        this.source = source;
        this.target = target;
        this.slot = "subscribed_" + target.database();
    }

    /** Subscribes to the publication {@code marked}, with a slot from now on; nothing may change meanwhile. The rows are copied at once. */
    static Subscription create(TestDatabase source, TestDatabase target, Clients clients)
            throws SQLException, IOException, InterruptedException {
        MixedTable.create(target);
        target.execute("UPDATE mark SET n = " + MixedTable.marked(source));
        clients.copy(source, target, "binary");
        target.execute("VACUUM ANALYZE orders");
        Subscription subscription = new Subscription(source, target);
        target.execute(
                "CREATE SUBSCRIPTION bench CONNECTION 'host=%s port=%d dbname=%s user=%s' PUBLICATION marked WITH (enabled = false, connect = false, slot_name = '%s', copy_data = false)"
                        .formatted(source.host(), source.port(), source.database(), source.user(), subscription.slot));
        source.execute("SELECT pg_create_logical_replication_slot('" + subscription.slot + "', 'pgoutput')");
        subscription.enable();
        target.execute("ALTER SUBSCRIPTION bench REFRESH PUBLICATION WITH (copy_data = false)");
        subscription.disable();
        return subscription;
    }

    void enable() throws SQLException {
        target.execute("ALTER SUBSCRIPTION bench ENABLE");
    }

    /** Disables it and waits until it has let go of the slot. */
    void disable() throws SQLException, IOException {
        target.execute("ALTER SUBSCRIPTION bench DISABLE");
        Bench.await(source, "SELECT NOT active FROM pg_replication_slots WHERE slot_name = '" + slot + "'");
    }

    /** From enabling it until the mark is as at the source; the processor time is that of the worker that applies. */
    Cost catchUp() throws SQLException, IOException {
        MixedTable.mark(source);
        long mark = MixedTable.marked(source);
        long begun = System.nanoTime();
        enable();
        Bench.await(target, "SELECT n = " + mark + " FROM mark");
        long nanos = System.nanoTime() - begun;
        List<String> worker = target.rows("SELECT pid FROM pg_stat_subscription WHERE pid IS NOT NULL");
        double cpu = worker.isEmpty() ? 0 : WatchedProcess.cpuSeconds(Long.parseLong(worker.get(0)));
        disable();
        return new Cost(nanos, new Cost.Usage(cpu, 0, 0));
    }

    /** Drops it, enabled or not; the slot goes with the source. */
    @Override
    public void close() throws SQLException {
        target.execute(
                "ALTER SUBSCRIPTION bench DISABLE; ALTER SUBSCRIPTION bench SET (slot_name = NONE); DROP SUBSCRIPTION bench");
    }
}
