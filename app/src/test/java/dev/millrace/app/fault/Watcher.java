package dev.millrace.app.fault;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Reads a destination all the time and holds it against {@link Invariants}. PostgreSQL is read beside the running process, by a thread from
 * {@link #start} to {@link #stop}. A DuckDB file is its process's alone; what can honestly be said of it is what another process would find if
 * that one were killed now: {@link #look} copies the file and its write-ahead log, while the process is stopped or gone, and opens the copy.
 */
public final class Watcher implements AutoCloseable {
    private static final long PAUSE_MILLIS = 50;
    private static final long OUTAGE_NANOS = TimeUnit.SECONDS.toNanos(240);

    private final Stage stage;
    private final Invariants invariants = new Invariants();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private Thread thread;
    private volatile Throwable failure;

    /** Begins nothing yet. */
    public Watcher(Stage stage) {
        this.stage = stage;
    }

    /** What it looks for. */
    public Invariants invariants() {
        return invariants;
    }

    /** Begins to read a PostgreSQL destination; does nothing for DuckDB. */
    public Watcher start() {
        if (!stage.duckdb()) {
            thread = new Thread(this::watch, "watcher");
            thread.start();
        }
        return this;
    }

    private void watch() {
        long since = System.nanoTime();
        while (stopped.getCount() > 0) {
            try (Connection connection = stage.target().connect()) {
                while (stopped.getCount() > 0) {
                    invariants.check(connection);
                    since = System.nanoTime();
                    stopped.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
                }
            } catch (SQLException e) { // the destination may be what a trial breaks
                if (System.nanoTime() - since > OUTAGE_NANOS) {
                    failure = e;
                    return;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException | Error e) {
                failure = e;
                return;
            }
        }
    }

    /** Looks once: at PostgreSQL as it is, at DuckDB as {@code process} would leave it if it were killed now; null where none runs. */
    public void look(MillraceProcess process) throws SQLException, IOException, InterruptedException {
        requireNoFailure();
        if (stage.duckdb()) {
            Path copy = Files.createTempDirectory(stage.folder(), "look-").resolve("warehouse.duckdb");
            if (process != null) {
                process.signal("STOP");
            }
            try {
                copy(stage.duckdbFile(), copy);
                copy(Path.of(stage.duckdbFile() + ".wal"), Path.of(copy + ".wal"));
            } finally {
                if (process != null) {
                    process.signal("CONT");
                }
            }
            if (Files.exists(copy)) {
                try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + copy)) {
                    invariants.check(connection);
                }
                Files.delete(copy);
            }
        } else {
            try (Connection connection = stage.target().connect()) {
                invariants.check(connection);
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        if (Files.exists(from)) {
            Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Ends the reading; throws what was found to be wrong, and when nothing was ever looked at. */
    public void stop() throws InterruptedException {
        end();
        requireNoFailure();
        assertTrue(invariants.looks() > 0, "the destination was never looked at");
    }

    private void requireNoFailure() {
        if (failure != null) {
            throw new AssertionError("seen at the destination: " + failure.getMessage(), failure);
        }
    }

    private void end() throws InterruptedException {
        stopped.countDown();
        if (thread != null) {
            thread.join();
            thread = null;
        }
    }

    @Override
    public void close() {
        try {
            end();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
