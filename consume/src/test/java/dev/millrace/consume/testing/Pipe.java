package dev.millrace.consume.testing;

import dev.millrace.config.pipeline.ConnectorDefinition;
import dev.millrace.config.pipeline.DestinationDefinition;
import dev.millrace.config.pipeline.Guarantee;
import dev.millrace.config.pipeline.LoadRules;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.config.setting.Settings;
import dev.millrace.config.transform.TransformDefinition;
import dev.millrace.consume.ConsumeOptions;
import dev.millrace.consume.Consumer;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.duckdb.DuckDbConnector;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.testing.MemoryState;
import dev.millrace.storage.testing.MemoryTopic;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A log in memory, a state store in memory and a DuckDB file, with whatever consumers a test puts between them. */
public final class Pipe {
    public static final int WAIT_SECONDS = 180;

    public final MemoryTopic topic = new MemoryTopic();
    public final MemoryState state = new MemoryState();
    /** What consumers made from now on do to rows. */
    public List<TransformDefinition> transform = List.of();

    private final Path file;

    private final long memoryLimitBytes;

    public Pipe(Path folder) {
        this(folder, 256L << 20);
    }

    public Pipe(Path folder, long memoryLimitBytes) {
        this.memoryLimitBytes = memoryLimitBytes;
        this.file = folder.resolve("warehouse.duckdb");
    }

    public Destination destination() {
        return new DuckDbConnector().open("orders", settings());
    }

    public Settings settings() {
        return new Settings(Map.of("path", file, "memoryLimit", memoryLimitBytes, "threads", 2L));
    }

    public Path file() {
        return file;
    }

    public Consumer consumer(Destination destination, OnDelete onDelete, ConsumeOptions options) {
        return consumer(destination, onDelete, options, Optional.empty());
    }

    public Consumer consumer(
            Destination destination, OnDelete onDelete, ConsumeOptions options, Optional<Guarantee> guarantee) {
        return consumer(destination, LoadRules.merge(onDelete), options, guarantee);
    }

    public Consumer consumer(
            Destination destination, LoadRules rules, ConsumeOptions options, Optional<Guarantee> guarantee) {
        ConnectorDefinition end = new ConnectorDefinition("duckdb", settings());
        PipelineDefinition definition = new PipelineDefinition(
                        "orders",
                        end,
                        List.of("*"),
                        new DestinationDefinition("duckdb", settings()),
                        rules,
                        guarantee,
                        Optional.empty())
                .withTransform(transform);
        return new Consumer(definition, destination, topic, state, options, Clock.systemUTC());
    }

    /** Finishes the writer's batch into the log. */
    public void append(BatchWriter writer) {
        topic.append(writer.finish(1_700_000_000_000L, false, true, OffsetDelta.NONE));
    }

    /** Runs a fresh consumer until all that is in the log is applied. */
    public void drain(OnDelete onDelete) throws InterruptedException {
        try (Destination destination = destination()) {
            drain(consumer(destination, onDelete, ConsumeOptions.defaults()));
        }
    }

    /** Runs the consumer until all that is in the log is applied, and stops it for good; or throws what it threw: it may run again. */
    public void drain(Consumer consumer) throws InterruptedException {
        CompletableFuture<Void> run = CompletableFuture.runAsync(() -> {
            try {
                consumer.run();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        while (!run.isDone() && !consumer.awaitApplied(topic.appendedIndex(), 20)) {
            if (System.nanoTime() > until) {
                throw new IllegalStateException("not applied in time: " + consumer.status());
            }
        }
        if (!run.isCompletedExceptionally()) {
            consumer.stop();
        }
        try {
            run.get(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e);
        } catch (TimeoutException e) {
            throw new IllegalStateException("did not stop", e);
        }
    }

    /** Does something to the file by hand; no destination may be open. */
    public void execute(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The rows of a query, columns joined by "|". */
    public List<String> query(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + file);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                StringBuilder text = new StringBuilder();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    text.append(i == 1 ? "" : "|").append(rows.getString(i));
                }
                found.add(text.toString());
            }
            return found;
        }
    }
}
