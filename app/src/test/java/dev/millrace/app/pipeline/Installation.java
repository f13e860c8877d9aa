package dev.millrace.app.pipeline;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import dev.millrace.app.Connectors;
import dev.millrace.app.Millrace;
import dev.millrace.config.installation.LogConfig;
import dev.millrace.config.installation.MillraceConfig;
import dev.millrace.config.installation.WebConfig;
import dev.millrace.config.load.ConfigLoader;
import dev.millrace.config.pipeline.Loading;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.storage.folder.DataFolder;
import dev.millrace.storage.log.ChronicleEventLog;
import dev.millrace.storage.log.LogOptions;
import dev.millrace.storage.log.Topic;
import dev.millrace.storage.state.RocksStateStore;
import dev.millrace.storage.state.Run;
import dev.millrace.storage.state.StateStore;
import dev.millrace.storage.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A whole installation in this process, with one pipeline from a test database into DuckDB or a second test database. */
final class Installation implements AutoCloseable {
    private static final long MILLIS = 240_000;

    private final Path folder;
    private final TestDatabase source;
    private final TestDatabase target;
    private PipelineDefinition definition;
    private Millrace millrace;

    /** {@code target} null: a DuckDB file. {@code more} are lines of YAML at the top level. */
    Installation(Path folder, TestDatabase source, TestDatabase target, String mode, String more) throws IOException {
        this(folder, source, target, mode, "", more);
    }

    /** {@code settings} are the destination's, as {@code ", key: value"}. */
    Installation(Path folder, TestDatabase source, TestDatabase target, String mode, String settings, String more)
            throws IOException {
        this.folder = folder;
        this.source = source;
        this.target = target;
        String yaml = """
        name: e2e-%s
        source: %s
        destination: %s
        %s
        """.formatted(
                        source.database().replaceAll("[^a-z0-9]", ""),
                        "{type: postgresql, mode: %s, %s}".formatted(mode, address(source)),
                        target == null
                                ? "{type: duckdb, path: warehouse.duckdb%s}".formatted(settings)
                                : "{type: postgresql, %s%s}".formatted(address(target), settings),
                        more);
        Path file = Files.writeString(folder.resolve("pipeline.yaml"), yaml);
        this.definition = new ConfigLoader(Connectors.sourceKinds(), Connectors.destinationKinds())
                .loadPipeline(file)
                .orThrow();
    }

    private static String address(TestDatabase database) {
        return "host: %s, port: %d, database: %s, user: %s, password: \"%s\", sslMode: disable"
                .formatted(database.host(), database.port(), database.database(), database.user(), database.password());
    }

    /** From the next start on. */
    void loading(Loading loading) {
        definition = definition.withDestination(definition.destination().withLoading(loading));
    }

    /** The last runs of the pipeline's task of that name, newest first. */
    List<Run> runs(String task) {
        return millrace.runs(definition.name(), 100).stream()
                .filter(run -> run.subject().task().endsWith("/" + task))
                .toList();
    }

    PipelineRuntime start() {
        return start(LogConfig.DEFAULT);
    }

    /** With a log that is kept as told. */
    PipelineRuntime start(LogConfig log) {
        MillraceConfig usual = MillraceConfig.defaults(folder).withWeb(new WebConfig(false, "127.0.0.1", 0));
        MillraceConfig config = new MillraceConfig(
                usual.dataFolder(),
                usual.pipelinesFolder(),
                usual.destinationsFolder(),
                usual.team(),
                usual.web(),
                log,
                usual.workers(),
                usual.encryption());
        millrace = Millrace.start(config, List.of(definition), Level.WARN);
        return pipeline();
    }

    PipelineRuntime pipeline() {
        return millrace.pipelines().get(0);
    }

    void stop() {
        millrace.close();
        millrace = null;
    }

    /** Waits until all that is committed now is at the destination. */
    void catchUp() throws InterruptedException {
        byte[] position = pipeline().position();
        long end = System.nanoTime() + MILLIS * 1_000_000;
        while (!pipeline().awaitCaughtUp(position, 200)) {
            pipeline().failure().ifPresent(failure -> {
                throw failure;
            });
            assertTrue(
                    System.nanoTime() < end,
                    () -> "not caught up: " + pipeline().snapshot());
        }
    }

    /** Deletes what earlier runs have left of the log, as retention does after a while; only while stopped. */
    void releaseLog() {
        MillraceConfig config = MillraceConfig.defaults(folder);
        Clock clock = Clock.systemUTC();
        try (DataFolder data = DataFolder.open(config.dataFolder(), clock);
                StateStore state = RocksStateStore.open(data.state());
                ChronicleEventLog log = new ChronicleEventLog(options(data, clock), state)) {
            Topic topic = log.open(PipelineRuntime.topicName(config.team(), definition.name()));
            topic.release(topic.durableIndex());
        }
    }

    private static LogOptions options(DataFolder data, Clock clock) {
        return new LogOptions(
                data.log(),
                LogOptions.Durability.FSYNC,
                1L << 30,
                1L << 30,
                0,
                LogOptions.Roll.HOURLY,
                Duration.ZERO,
                clock);
    }

    /** The rows of a query at the source. */
    List<String> atSource(String sql) throws SQLException {
        return source.rows(sql);
    }

    /** The rows of a query at the destination, as text joined by |; a DuckDB file is free only while stopped. */
    List<String> atDestination(String sql) throws SQLException {
        if (target != null) {
            return target.rows(sql);
        }
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + folder.resolve("warehouse.duckdb"));
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            List<String> rows = new ArrayList<>();
            while (result.next()) {
                List<String> cells = new ArrayList<>();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    String cell = result.getString(i);
                    cells.add(cell == null ? "∅" : cell);
                }
                rows.add(String.join("|", cells));
            }
            return rows;
        }
    }

    @Override
    public void close() {
        if (millrace != null) {
            stop();
        }
    }
}
