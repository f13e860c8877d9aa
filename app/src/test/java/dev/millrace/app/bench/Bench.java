package dev.millrace.app.bench;

import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** Two servers that sync as they do in earnest, and pipelines between them in folders of their own. */
final class Bench implements AutoCloseable {
    private static final Map<String, String> SETTINGS =
            Map.of("fsync", "on", "full_page_writes", "on", "shared_buffers", "256MB", "max_wal_size", "4GB");

    private final Path folder;
    private final TestPostgres from = TestPostgres.start(SETTINGS);
    private final TestPostgres to = TestPostgres.start(SETTINGS);
    private final AtomicInteger pipelines = new AtomicInteger();

    Bench(Path folder) {
        this.folder = folder;
    }

    TestDatabase source() throws SQLException {
        return from.createDatabase();
    }

    TestDatabase target() throws SQLException {
        return to.createDatabase();
    }

    /** A pipeline's folder, with {@code pipeline.yaml} in it. {@code target} null: a DuckDB file. */
    Path pipeline(TestDatabase source, TestDatabase target) throws IOException {
        String name = "bench" + pipelines.incrementAndGet();
        Path own = Files.createDirectories(folder.resolve(name));
        Files.writeString(own.resolve("pipeline.yaml"), """
                name: %s
                source: {type: postgresql, %s}
                objects: ["public.*"]
                onDelete: hard
                destination: %s
                """.formatted(
                        name,
                        address(source),
                        target == null
                                ? "{type: duckdb, path: warehouse.duckdb}"
                                : "{type: postgresql, " + address(target) + "}"));
        return own;
    }

    private static String address(TestDatabase database) {
        return "host: %s, port: %d, database: %s, user: %s, password: \"%s\", sslMode: disable"
                .formatted(database.host(), database.port(), database.database(), database.user(), database.password());
    }

    /** {@code run --once} to its end. */
    static MillraceRun once(Path pipeline) throws IOException {
        return MillraceRun.start(pipeline, "run", "--once", "--data", "data", "pipeline.yaml");
    }

    /** {@code run}, until it is stopped. */
    static MillraceRun run(Path pipeline) throws IOException {
        return MillraceRun.start(pipeline, "run", "--data", "data", "pipeline.yaml");
    }

    /** Nanoseconds of a {@code run --once} that has nothing to do: start-up, looking, and the end. */
    static long nothing(Path pipeline) throws IOException, InterruptedException {
        try (MillraceRun run = once(pipeline)) {
            return run.end();
        }
    }

    /** Throws unless both tables hold the same. */
    static void requireSame(TestDatabase source, TestDatabase target, Path pipeline) throws SQLException {
        String sql = "SELECT count(*) || ' ' || sum(amount) || ' ' || sum(quantity) FROM public.orders";
        String there = target == null ? duckdb(pipeline, sql) : target.rows(sql).get(0);
        String here = source.rows(sql).get(0);
        if (!here.equals(there)) {
            throw new IllegalStateException("the destination has " + there + ", the source " + here);
        }
    }

    private static String duckdb(Path pipeline, String sql) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection("jdbc:duckdb:" + pipeline.resolve("warehouse.duckdb"));
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    /** Lets go of what a pipeline keeps at the source. */
    static void dropSlots(TestDatabase source) throws SQLException {
        source.execute("SELECT pg_terminate_backend(active_pid, 10000) FROM pg_replication_slots"
                + " WHERE database = current_database() AND active_pid IS NOT NULL");
        source.execute(
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()");
    }

    @Override
    public void close() {
        try (from;
                to) {
            pipelines.set(0);
        }
    }
}
