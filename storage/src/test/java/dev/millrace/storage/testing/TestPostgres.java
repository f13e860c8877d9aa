package dev.millrace.storage.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A real PostgreSQL 18 on a free port of the loopback address, with logical replication on and fsync off (what is committed outlives
 * {@link #kill()}, not the machine), its data in a new folder under {@code java.io.tmpdir}. Every server is stopped and its folder deleted at the end of the process at the latest. User {@code postgres},
 * no password, works for root. Thread-safe.
 */
public final class TestPostgres implements AutoCloseable {
    /** What the system gives to outgoing connections: a server that is down for a moment would find its port taken by one of them. */
    private static final Path OUTGOING_PORTS = Path.of("/proc/sys/net/ipv4/ip_local_port_range");

    private static final int LOWEST_PORT = 15_000;
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static TestPostgres shared;

    private final Path folder;
    private final Map<String, String> settings;
    private final int port;
    private final Thread stopAtExit;
    private EmbeddedPostgres server;
    private boolean closed;

    private TestPostgres(Path folder, Map<String, String> settings, int port) {
        this.folder = folder;
        this.port = port;
        this.settings = settings;
        this.stopAtExit = new Thread(this::discard, "stop-test-postgres");
    }

    /** The process's common server, started by the first call. Not to be closed, stopped or reconfigured. */
    public static synchronized TestPostgres shared() {
        if (shared == null) {
            shared = start(Map.of());
        }
        return shared;
    }

    /** A server of the caller's own, with {@code settings} over the usual ones; close it. */
    public static TestPostgres start(Map<String, String> settings) {
        Map<String, String> all = new LinkedHashMap<>(Map.of(
                "wal_level", "logical",
                "max_replication_slots", "64",
                "max_wal_senders", "64",
                "max_prepared_transactions", "16",
                "max_connections", "150",
                "shared_buffers", "32MB",
                "fsync", "off",
                "synchronous_commit", "on", // off is what the embedding sets: kill() would lose what was committed
                "full_page_writes", "off",
                "max_wal_size", "512MB"));
        all.putAll(settings);
        try {
            TestPostgres postgres = new TestPostgres(Files.createTempDirectory("millrace-postgres-"), all, freePort());
            Runtime.getRuntime().addShutdownHook(postgres.stopAtExit);
            postgres.start();
            return postgres;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return port;
    }

    private static int freePort() throws IOException {
        int end = Files.exists(OUTGOING_PORTS)
                ? Integer.parseInt(Files.readString(OUTGOING_PORTS).trim().split("\\s+")[0])
                : 0;
        SplittableRandom random = new SplittableRandom();
        for (int tries = 0; end > LOWEST_PORT && tries < 1_000; tries++) {
            int port = random.nextInt(LOWEST_PORT, end);
            if (isFree(port)) {
                return port;
            }
        }
        try (ServerSocket any = new ServerSocket(0)) {
            return any.getLocalPort();
        }
    }

    private static boolean isFree(int port) throws IOException {
        try (ServerSocket free = new ServerSocket(port)) {
            return free.isBound();
        } catch (BindException taken) {
            return false;
        }
    }

    /** A new, empty database with a name of its own. */
    public TestDatabase createDatabase() throws SQLException {
        return createDatabase("");
    }

    /** A new database with all that is in another one of this server, to which nobody may be connected meanwhile. */
    public TestDatabase createDatabaseLike(TestDatabase other) throws SQLException {
        return createDatabase(" TEMPLATE " + other.database());
    }

    private TestDatabase createDatabase(String more) throws SQLException {
        String name = "test_" + DATABASES.incrementAndGet();
        try (Connection connection = DriverManager.getConnection(
                        "jdbc:postgresql://localhost:" + port() + "/postgres", "postgres", "");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name + more);
        }
        return new TestDatabase("localhost", port(), name, "postgres", "");
    }

    /** Starts a stopped or killed server again, on the same port with the same data. */
    public synchronized void start() throws IOException {
        if (server != null || closed) {
            throw new IllegalStateException(closed ? "the server was closed" : "the server is running");
        }
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setDataDirectory(folder)
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(false)
                .setLocaleConfig("locale", "C")
                .setPGStartupWait(Duration.ofSeconds(120))
                .setPort(port);
        settings.forEach(builder::setServerConfig);
        server = builder.start();
    }

    /** Stops the server in good order; {@link #start()} brings it back. */
    public synchronized void stop() throws IOException {
        signal("-INT");
        awaitEnd();
        release();
    }

    /** Ends the server at once, as a crash of all its processes does; {@link #start()} recovers it. */
    public synchronized void kill() throws IOException {
        signal("-QUIT");
        awaitEnd();
        release();
    }

    /** Ends the server for good and deletes its data; idempotent. */
    @Override
    public void close() {
        discard();
        Runtime.getRuntime().removeShutdownHook(stopAtExit);
    }

    private synchronized void discard() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            kill();
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void release() throws IOException {
        if (server != null) {
            server.close();
            server = null;
        }
    }

    private void signal(String signal) throws IOException {
        Optional<ProcessHandle> process = process();
        if (process.isEmpty()) {
            return;
        }
        Process kill = new ProcessBuilder(
                        "kill", signal, Long.toString(process.get().pid()))
                .inheritIO()
                .start();
        kill.onExit().join();
    }

    private void awaitEnd() throws IOException {
        Optional<ProcessHandle> process = process();
        if (process.isEmpty()) {
            return;
        }
        try {
            process.get().onExit().get(180, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.get().destroyForcibly();
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
            process.get().destroyForcibly();
        }
    }

    private Optional<ProcessHandle> process() throws IOException {
        Path pidFile = folder.resolve("postmaster.pid");
        if (!Files.exists(pidFile)) {
            return Optional.empty();
        }
        return ProcessHandle.of(
                Long.parseLong(Files.readAllLines(pidFile).get(0).trim()));
    }
}
