package dev.millrace.consume.duckdb;

import dev.millrace.config.error.MillraceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.duckdb.DuckDBConnection;

/** A database file and how it is opened: bounded memory, spilling beside the file, no access to other files, no downloads. */
record DuckDbFile(String pipeline, Path path, long memoryLimitBytes, int threads) {
    DuckDbErrors errors() {
        return new DuckDbErrors(pipeline, path);
    }

    /** What DuckDB says while another connection of this process, the last until now, is being closed. */
    private static final String CLOSING = "Unique file handle conflict";

    private static final long LONGEST_CLOSING_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /**
     * Opens the file, making it and its folder where they are missing; connections of one process share the database. Waits, within limits, for
     * another pipeline of this process that is closing it.
     */
    DuckDBConnection open() {
        Path folder = path.toAbsolutePath().getParent();
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw MillraceException.user(
                    "DESTINATION_READ_ONLY",
                    "DuckDB database '" + path + "' can't be made",
                    "folder '" + folder + "' can't be made: " + e.getMessage(),
                    "Choose a path this user may write to.");
        }
        Properties properties = new Properties();
        properties.setProperty("memory_limit", (memoryLimitBytes >> 10) + "KiB");
        properties.setProperty("threads", Integer.toString(threads));
        properties.setProperty("temp_directory", path.toAbsolutePath() + ".tmp");
        properties.setProperty("preserve_insertion_order", "false");
        properties.setProperty("autoinstall_known_extensions", "false");
        properties.setProperty("autoload_known_extensions", "false");
        properties.setProperty("enable_external_access", "false");
        try {
            DuckDBConnection connection = open(properties);
            UnpackedLibrary.remove();
            return connection;
        } catch (SQLException e) {
            throw errors().explain(e, "");
        } catch (LinkageError e) {
            throw errors().notLoaded(e);
        }
    }

    private DuckDBConnection open(Properties properties) throws SQLException {
        long startedAtNanos = System.nanoTime();
        while (true) {
            try {
                return (DuckDBConnection)
                        DriverManager.getConnection("jdbc:duckdb:" + path.toAbsolutePath(), properties);
            } catch (SQLException e) {
                boolean closing = String.valueOf(e.getMessage()).contains(CLOSING);
                boolean late = System.nanoTime() - startedAtNanos > LONGEST_CLOSING_NANOS;
                if (!closing || late || Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                LockSupport.parkNanos(LOOK_NANOS);
            }
        }
    }
}
