package dev.millrace.app.demo;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.folder.FolderTree;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The demo's PostgreSQL: a real server of a version and with settings that suit logical replication, binaries, data and log under one
 * folder, kept between starts, reachable over the loopback address as user {@code postgres} without a password. The folder:
 *
 * <pre>
 *   binaries/   the unpacked server          port         the port of the last start, taken again while it is free
 *   data/       its data directory           complete     there once the data directory was set up to the end
 *   server.log  what the server says
 * </pre>
 *
 * One process at a time may use a folder: the caller holds its lock. A server left over from a killed process is stopped at the next
 * start. {@link #close()} waits 30 seconds at most; connections should have gone before, replication connections above all.
 */
public final class DemoPostgres implements AutoCloseable {
    private static final String DATABASE = "pagila";
    private static final String USER = "postgres";
    private static final long STOP_SECONDS = 20;

    private final Path folder;
    private EmbeddedPostgres server;

    /** @param folder the server's own; made when missing */
    public DemoPostgres(Path folder) {
        this.folder = folder.toAbsolutePath();
    }

    /** Sets the server up when it is new, starts it and makes the database; ready for connections when it returns. */
    public synchronized void start() {
        try {
            Files.createDirectories(folder);
            // The library makes the binaries' folder writable for all; nobody else gets that far.
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
            stopLeftOver(folder);
            Path complete = folder.resolve("complete");
            if (!Files.exists(complete)) {
                // Set up halfway and killed: nothing of value is in there yet.
                FolderTree.delete(data(folder));
            }
            server = builder().start();
            Files.writeString(folder.resolve("port"), Integer.toString(server.getPort()));
            createDatabase();
            if (!Files.exists(complete)) {
                Files.createFile(complete);
            }
        } catch (IOException | SQLException | IllegalStateException e) {
            close();
            throw MillraceException.resource(
                    "DEMO_POSTGRES_NOT_STARTED",
                    "The demo's PostgreSQL in '" + folder + "' does not start",
                    String.valueOf(e.getMessage()),
                    "See '" + folder.resolve("server.log") + "', or begin anew with 'millrace demo --remove'.",
                    e);
        }
    }

    public String host() {
        return "localhost";
    }

    /** The port, once started. */
    public synchronized int port() {
        if (server == null) {
            throw new IllegalStateException("not started");
        }
        return server.getPort();
    }

    public String database() {
        return DATABASE;
    }

    public String user() {
        return USER;
    }

    /** A new connection to the database, in autocommit. */
    public Connection connect() throws SQLException {
        return connect(DATABASE);
    }

    /** Stops the server in good order; its data stays. */
    @Override
    public synchronized void close() {
        try {
            if (server != null) {
                server.close();
            }
        } catch (IOException e) {
            throw notStopped(e.toString(), e);
        } finally {
            server = null;
            // The library gives up after 5 seconds, and knows nothing of a start that failed halfway.
            stopLeftOver(folder);
        }
    }

    /** Stops the server that runs on a folder, whoever started it; nothing happens when there is none. */
    public static void stopLeftOver(Path folder) {
        Path pidFile = data(folder.toAbsolutePath()).resolve("postmaster.pid");
        try {
            Optional<ProcessHandle> running = serverOf(pidFile);
            if (running.isPresent()) {
                // SIGINT: roll back what is under way, write everything out, end.
                signal(running.get(), "-INT");
                if (!ended(running.get(), STOP_SECONDS)) {
                    signal(running.get(), "-QUIT");
                    ended(running.get(), STOP_SECONDS / 2);
                }
            }
            Files.deleteIfExists(pidFile);
        } catch (IOException e) {
            throw notStopped(e.toString(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw notStopped("the wait was interrupted", e);
        }
    }

    /** The live PostgreSQL a pid file speaks of; empty when the number is stale or another program's by now. */
    private static Optional<ProcessHandle> serverOf(Path pidFile) throws IOException {
        if (!Files.exists(pidFile)) {
            return Optional.empty();
        }
        List<String> lines = Files.readAllLines(pidFile, StandardCharsets.UTF_8);
        if (lines.isEmpty() || !lines.get(0).matches("-?[0-9]{1,18}")) {
            return Optional.empty();
        }
        return ProcessHandle.of(Math.abs(Long.parseLong(lines.get(0))))
                .filter(process -> process.info().command().orElse("postgres").endsWith("postgres"));
    }

    private static void signal(ProcessHandle process, String signal) throws IOException, InterruptedException {
        new ProcessBuilder("kill", signal, Long.toString(process.pid()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    private static boolean ended(ProcessHandle process, long seconds) throws InterruptedException {
        try {
            process.onExit().get(seconds, TimeUnit.SECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot wait for process " + process.pid(), e);
        }
    }

    private EmbeddedPostgres.Builder builder() throws IOException {
        ProcessBuilder.Redirect log =
                ProcessBuilder.Redirect.appendTo(folder.resolve("server.log").toFile());
        Path binaries = Files.createDirectories(folder.resolve("binaries"));
        return EmbeddedPostgres.builder()
                .setOverrideWorkingDirectory(binaries.toFile())
                .setDataDirectory(data(folder))
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(false)
                .setLocaleConfig("locale", "C")
                .setPGStartupWait(Duration.ofSeconds(60))
                .setOutputRedirector(log)
                .setErrorRedirector(log)
                .setPort(lastPortIfFree())
                .setServerConfig("wal_level", "logical")
                .setServerConfig("max_replication_slots", "10")
                .setServerConfig("max_wal_senders", "10")
                // The library starts servers for tests, without fsync; this one keeps its data.
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "off")
                .setServerConfig("shared_buffers", "64MB")
                .setServerConfig("unix_socket_directories", "");
    }

    /** 0, any free port, when there is no last one or somebody else has it. */
    private int lastPortIfFree() throws IOException {
        Path file = folder.resolve("port");
        if (!Files.exists(file)) {
            return 0;
        }
        String text = Files.readString(file).trim();
        if (!text.matches("[0-9]{1,5}")) {
            return 0;
        }
        int port = Integer.parseInt(text);
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return port;
        } catch (IOException | IllegalArgumentException e) {
            return 0;
        }
    }

    private void createDatabase() throws SQLException {
        try (Connection connection = connect("postgres");
                Statement statement = connection.createStatement()) {
            boolean exists;
            try (ResultSet row =
                    statement.executeQuery("SELECT 1 FROM pg_database WHERE datname = '" + DATABASE + "'")) {
                exists = row.next();
            }
            if (!exists) {
                statement.execute("CREATE DATABASE " + DATABASE);
            }
        }
    }

    private Connection connect(String name) throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://" + host() + ":" + port() + "/" + name, USER, "");
    }

    private static Path data(Path folder) {
        return folder.resolve("data");
    }

    private static MillraceException notStopped(String why, Exception cause) {
        return MillraceException.resource(
                "DEMO_POSTGRES_NOT_STOPPED",
                "The demo's PostgreSQL does not stop",
                why,
                "Look for its process with 'ps' and stop it by hand.",
                cause);
    }
}
