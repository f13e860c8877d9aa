package dev.millrace.app.bench;

import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Two servers that sync as they do in earnest, and pipelines between them in folders of their own. */
final class Bench implements AutoCloseable {
    private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(5);
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final Map<String, String> SETTINGS = Map.of(
            "fsync", "on",
            "full_page_writes", "on",
            "shared_buffers", "256MB",
            "max_wal_size", "8GB",
            "checkpoint_timeout", "1h",
            "autovacuum", "off", // else it comes in some rounds and not in others
            "max_connections", "700",
            "max_replication_slots", "160",
            "max_wal_senders", "160",
            "wal_sender_timeout", "0"); // a reader that is held back for a while is not a lost one

    private final Path folder;
    private final String jvm;
    private final TestPostgres from;
    private final TestPostgres to;

    /**
     * Starts the servers.
     *
     * @param jvm more flags for Millrace's JVM
     */
    Bench(Path folder, String jvm) {
        this.folder = folder;
        this.jvm = jvm;
        this.from = TestPostgres.start(SETTINGS);
        this.to = TestPostgres.start(SETTINGS);
    }

    Path folder() {
        return folder;
    }

    TestDatabase source() throws SQLException {
        return from.createDatabase();
    }

    TestDatabase target() throws SQLException {
        return to.createDatabase();
    }

    /** A new folder with {@code pipeline.yaml} of this name and {@code millrace.yaml}. {@code target} null: a DuckDB file. */
    Path pipeline(String name, TestDatabase source, TestDatabase target) throws IOException {
        return pipeline(name, source, target, "public");
    }

    /** As the other, into a schema of the pipeline's own. */
    Path pipeline(String name, TestDatabase source, TestDatabase target, String schema) throws IOException {
        Path own = Files.createDirectory(folder.resolve(name));
        Files.writeString(own.resolve("millrace.yaml"), "web: {port: 0}\n");
        String destination =
                target == null ? "type: duckdb, path: warehouse.duckdb" : "type: postgresql, " + address(target);
        define(own.resolve("pipeline.yaml"), name, source, "public.*", destination + ", schema: " + schema);
        return own;
    }

    static void define(Path file, String name, TestDatabase source, String objects, String destination)
            throws IOException {
        Files.writeString(file, """
                name: %s
                source: {type: postgresql, %s}
                objects: ["%s"]
                onDelete: hard
                destination: {%s}
                """.formatted(name, address(source), objects, destination));
    }

    static String address(TestDatabase database) {
        return "host: %s, port: %d, database: %s, user: %s, password: \"%s\", sslMode: disable"
                .formatted(database.host(), database.port(), database.database(), database.user(), database.password());
    }

    /** Millrace with these arguments, in a folder of {@link #pipeline}. */
    MillraceRun start(Path folder, String... arguments) throws IOException {
        return MillraceRun.start(folder, jvm, arguments);
    }

    /** {@code run --once}, to its end. */
    Cost once(Path pipeline) throws IOException, InterruptedException {
        try (MillraceRun run = start(pipeline, "run", "--once", "--data", "data", "pipeline.yaml")) {
            return run.end();
        }
    }

    /** {@code run}, until it is stopped. */
    MillraceRun run(Path pipeline) throws IOException {
        return start(pipeline, "run", "--data", "data", "pipeline.yaml");
    }

    /** Writes out what the round before has left in the servers' memory, so that it is not this one's burden. */
    static void settle(TestDatabase... databases) throws SQLException {
        for (TestDatabase database : databases) {
            database.execute("CHECKPOINT");
        }
    }

    /** Waits until a query's only value is {@code t}; these have to live meanwhile. */
    static void await(TestDatabase database, String query, WatchedProcess... alive) throws SQLException, IOException {
        long begun = System.nanoTime();
        try (var connection = database.connect();
                var statement = connection.prepareStatement(query)) {
            while (true) {
                try (var row = statement.executeQuery()) {
                    if (row.next() && row.getBoolean(1)) {
                        return;
                    }
                }
                for (WatchedProcess process : alive) {
                    process.requireAlive();
                }
                if (System.nanoTime() - begun > LONGEST_NANOS) {
                    throw new IllegalStateException("still not so: " + query);
                }
                LockSupport.parkNanos(LOOK_NANOS);
            }
        }
    }

    /** The source's slot of a pipeline. */
    static String slot(String pipeline) {
        return "millrace_" + pipeline;
    }

    /** Lets go of what pipelines keep at the source. */
    static void dropSlots(TestDatabase source) throws SQLException {
        source.terminate("SELECT active_pid FROM pg_replication_slots WHERE database = current_database()");
        source.execute(
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()");
    }

    @Override
    public void close() {
        try {
            to.close();
        } finally {
            from.close();
        }
    }
}
