package dev.millrace.app.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.storage.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * One pipeline between two ends, in a folder of its own: {@code pipeline.yaml}, {@code millrace.yaml}, {@code data/}, and
 * {@code warehouse.duckdb} where the destination is DuckDB.
 */
public final class Stage {
    /** How long a trial waits for anything: what takes seconds on a machine of its own, and several times that beside other work. */
    public static final long SECONDS = 240;

    private final Path folder;
    private final TestDatabase source;
    private final TestDatabase target;
    private Admin admin;
    private int sourcePort;
    private int targetPort;
    private String objects = Ledger.OBJECTS;
    private String sourceSettings = "";
    private String targetSettings = "";
    private String more = "";
    private String installation = "";
    private Path dataDisk;
    private Path duckdbDisk;

    /** {@code target} null: a DuckDB file. */
    public Stage(Path folder, TestDatabase source, TestDatabase target) {
        this.folder = folder;
        this.dataDisk = folder;
        this.duckdbDisk = folder;
        this.source = source;
        this.target = target;
        this.admin = new Admin(folder.resolve("data"));
        this.sourcePort = source.port();
        this.targetPort = target == null ? 0 : target.port();
    }

    /** Other ports than the databases' own, e.g. those of a proxy; zero leaves one as it is. */
    public Stage through(int sourceProxy, int targetProxy) {
        sourcePort = sourceProxy == 0 ? sourcePort : sourceProxy;
        targetPort = targetProxy == 0 ? targetPort : targetProxy;
        return this;
    }

    /** The objects' names and patterns, instead of the ledger's tables. */
    public Stage objects(String names) {
        objects = names;
        return this;
    }

    /** Further settings of either end, e.g. {@code connectTimeout: 2s}; empty for none. */
    public Stage settings(String ofSource, String ofTarget) {
        sourceSettings = ofSource.isEmpty() ? "" : ", " + ofSource;
        targetSettings = ofTarget.isEmpty() ? "" : ", " + ofTarget;
        return this;
    }

    /** Further lines of YAML at the pipeline's top level, e.g. {@code guarantee: at-least-once}. */
    public Stage with(String yaml) {
        more = yaml + "\n";
        return this;
    }

    /** Further lines of YAML for {@code millrace.yaml}. */
    public Stage installation(String yaml) {
        installation = yaml + "\n";
        return this;
    }

    /** The data folder and the DuckDB file below other folders than the stage's own, such as disks that can fail. */
    public Stage on(Path forData, Path forDuckdb) {
        dataDisk = forData;
        duckdbDisk = forDuckdb;
        admin = new Admin(data());
        return this;
    }

    public Path folder() {
        return folder;
    }

    public Path data() {
        return dataDisk.resolve("data");
    }

    public Path duckdbFile() {
        return duckdbDisk.resolve("warehouse.duckdb");
    }

    /** The pipeline's name. */
    public String pipeline() {
        return "fault-" + source.database().replaceAll("[^a-z0-9]", "");
    }

    /** Copies the data folder as it is into {@code other}: the same pipeline, with the same ends. */
    public Stage copyTo(Path other) throws IOException {
        try (Stream<Path> files = Files.walk(data())) {
            for (Path file : files.toList()) {
                Path to = other.resolve("data").resolve(data().relativize(file).toString());
                Files.createDirectories(to.getParent());
                Files.copy(file, to, StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        Stage copy = new Stage(other, source, target);
        copy.sourcePort = sourcePort;
        copy.targetPort = targetPort;
        copy.objects = objects;
        copy.more = more;
        copy.installation = installation;
        copy.duckdbDisk = duckdbDisk;
        return copy.write();
    }

    public boolean duckdb() {
        return target == null;
    }

    public TestDatabase source() {
        return source;
    }

    /** Null where the destination is DuckDB. */
    public TestDatabase target() {
        return target;
    }

    /** Writes the definitions; needed once before the first start, and again after a change of the above. */
    public Stage write() throws IOException {
        String destination = duckdb()
                ? "{type: duckdb, path: " + duckdbFile() + targetSettings + "}"
                : "{type: postgresql, " + address(target, targetPort) + targetSettings + "}";
        Files.writeString(folder.resolve("millrace.yaml"), "web: {port: 0}\n" + installation);
        Files.writeString(folder.resolve("pipeline.yaml"), """
                name: %s
                source: {type: postgresql, %s}
                objects: [%s]
                onDelete: hard
                destination: %s
                %s""".formatted(
                        pipeline(), address(source, sourcePort) + sourceSettings, objects, destination, more));
        return this;
    }

    /** {@code millrace run} until it is stopped; {@code fault} as in {@code -Dmillrace.fault}, or empty. */
    public MillraceProcess run(String fault) throws IOException {
        return run(fault, Map.of());
    }

    /** The same with variables added to the environment. */
    public MillraceProcess run(String fault, Map<String, String> variables) throws IOException {
        Files.deleteIfExists(data().resolve("control")); // a killed process has left its own
        return MillraceProcess.start(folder, fault, variables, "run", "--data", data().toString(), "pipeline.yaml");
    }

    /** {@code millrace run --once}. */
    public MillraceProcess once(String fault) throws IOException {
        return once(fault, Map.of());
    }

    /** The same with variables added to the environment. */
    public MillraceProcess once(String fault, Map<String, String> variables) throws IOException {
        return MillraceProcess.start(
                folder, fault, variables, "run", "--once", "--data", data().toString(), "pipeline.yaml");
    }

    /** {@code millrace reload --all}, while nothing runs: the next start begins again from nothing. */
    public void beginAgain() throws Exception {
        Files.deleteIfExists(data().resolve("control"));
        try (MillraceProcess reload = MillraceProcess.start(
                folder, "", "reload", "--all", "--pipeline", "pipeline.yaml", "--data", data().toString())) {
            assertEquals(0, reload.await(SECONDS), reload::text);
        }
    }

    /** The running process's answers. */
    public Admin admin() {
        return admin;
    }

    /** Waits until {@code /health/ready} says so; milliseconds from {@code sinceNanos}. */
    public long awaitReady(MillraceProcess process, long sinceNanos) throws InterruptedException {
        await(process, "ready", () -> admin.health().map(Admin.Health::ready).orElse(false));
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - sinceNanos);
    }

    /** Waits until the historical load of every object is over. */
    public void awaitLoaded(MillraceProcess process) throws InterruptedException {
        await(process, "loaded", admin::loaded);
    }

    /** Something that becomes true while a process runs. */
    @FunctionalInterface
    public interface Condition {
        boolean holds() throws InterruptedException;
    }

    /** Waits until it is so; throws when the process ends before, or after {@link #SECONDS}. */
    public static void await(MillraceProcess process, String what, Condition condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (!condition.holds()) {
            assertTrue(System.nanoTime() < deadline, () -> "not " + what + " in time: " + process.text());
            int end = process.awaitMillis(20);
            assertEquals(-1, end, () -> "ended before it was " + what + ": " + process.text());
        }
    }

    /** Runs it once more until all is there, and requires that it ends well. */
    public void finish() throws Exception {
        try (MillraceProcess last = once("")) {
            assertEquals(0, last.await(SECONDS), last::text);
        }
    }

    /** Requires that source and destination hold just what the ledger says was committed. */
    public void compare(Ledger ledger) throws SQLException {
        try (Connection from = source.connect();
                Connection to = destination()) {
            for (Ledger.Table table : ledger.tables()) {
                List<String> wanted = table.rows();
                assertSame(wanted, rows(from, table.query("")), "ledger and source: " + table.name());
                assertSame(wanted, rows(to, table.query("public.")), "ledger and destination: " + table.name());
            }
        }
    }

    /** A connection to the destination; to a DuckDB file only while no process of ours has it. */
    public Connection destination() throws SQLException {
        return duckdb() ? DriverManager.getConnection("jdbc:duckdb:" + duckdbFile()) : target.connect();
    }

    /** The first column of every row, in the order of its bytes. */
    public static List<String> rows(Connection connection, String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                rows.add(result.getString(1));
            }
        }
        rows.sort(null);
        return rows;
    }

    /** Says which rows differ, and not the other ten thousand. */
    public static void assertSame(List<String> wanted, List<String> found, String what) {
        if (!wanted.equals(found)) {
            List<String> missing = new ArrayList<>(wanted);
            found.forEach(missing::remove);
            List<String> extra = new ArrayList<>(found);
            wanted.forEach(extra::remove);
            assertTrue(
                    missing.isEmpty() && extra.isEmpty(),
                    () -> what + ": " + missing.size() + " lost: " + some(missing) + ", " + extra.size()
                            + " doubled or wrong: " + some(extra));
        }
    }

    private static List<String> some(List<String> rows) {
        return rows.subList(0, Math.min(5, rows.size()));
    }

    private static String address(TestDatabase database, int port) {
        return "host: %s, port: %d, database: %s, user: %s, password: \"${env:MILLRACE_TEST_PASSWORD:-%s}\""
                .formatted(database.host(), port, database.database(), database.user(), database.password());
    }
}
