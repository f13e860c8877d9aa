package dev.millrace.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import dev.millrace.app.Millrace;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** An installation with the one pipeline {@code shop}, from one test database into another, and the command line on it. */
final class RunningPipeline implements AutoCloseable {
    private static final long SECONDS = 90;
    private static final long PAUSE_NANOS = 20_000_000;

    final TestDatabase source;
    final TestDatabase target;
    final Cli cli;
    private final Path folder;
    private Millrace millrace;

    /** Not started. */
    RunningPipeline(Path folder) throws Exception {
        this.folder = folder;
        this.source = TestPostgres.shared().createDatabase();
        this.target = TestPostgres.shared().createDatabase();
        Path config = Files.writeString(folder.resolve("millrace.yaml"), "web: {port: 0}\n");
        Files.createDirectories(folder.resolve("pipelines"));
        this.cli = new Cli(config);
    }

    /** The pipeline's file. */
    Path file() {
        return folder.resolve("pipelines").resolve("shop.yaml");
    }

    /** Starts it with these lines of YAML at the top level of its definition. */
    void start(String more) throws Exception {
        Files.writeString(file(), """
                name: shop
                source: {type: postgresql, %s}
                destination: {type: postgresql, %s}
                %s
                """.formatted(address(source), address(target), more));
        millrace = Millrace.start(
                MillraceCommand.loader()
                        .loadInstallation(folder.resolve("millrace.yaml"))
                        .orThrow(),
                List.of(MillraceCommand.loader().loadPipeline(file()).orThrow()),
                Level.OFF);
    }

    private static String address(TestDatabase database) {
        return "host: %s, port: %d, database: %s, user: %s, password: \"%s\", sslMode: disable"
                .formatted(database.host(), database.port(), database.database(), database.user(), database.password());
    }

    void stop() {
        millrace.close();
        millrace = null;
    }

    /** Waits until all that the source has committed now has been applied, parked or passed over. */
    void catchUp() throws InterruptedException {
        byte[] position = millrace.pipelines().get(0).position();
        assertTrue(
                millrace.pipelines().get(0).awaitCaughtUp(position, TimeUnit.SECONDS.toMillis(SECONDS)),
                () -> "not caught up: " + millrace.snapshots());
    }

    /** What is to come true. */
    interface Condition {
        boolean holds() throws Exception;
    }

    void await(String what, Condition condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (!condition.holds()) {
            assertTrue(
                    System.nanoTime() < end,
                    () -> "not in time: " + what + "; " + cli.out() + cli.err()
                            + (millrace == null ? "" : millrace.snapshots()));
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    /** Waits until both queries have the same rows. */
    void awaitEqual(String atSource, String atTarget) throws Exception {
        List<String> wanted = source.rows(atSource);
        await(atTarget, () -> wanted.equals(found(atTarget)));
        assertEquals(wanted, target.rows(atTarget));
    }

    /** Nothing where the table or a column isn't there. */
    private List<String> found(String query) {
        try {
            return target.rows(query);
        } catch (SQLException notThere) {
            return List.of(String.valueOf(notThere.getMessage()));
        }
    }

    @Override
    public void close() throws SQLException {
        if (millrace != null) {
            stop();
        }
        try (source;
                target) {
            // both are dropped
        }
    }
}
