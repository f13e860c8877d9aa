package dev.millrace.consume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.pipeline.ConnectorDefinition;
import dev.millrace.config.pipeline.DestinationDefinition;
import dev.millrace.config.pipeline.LoadRules;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.consume.testing.SourceModel;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.EncodedBatch;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.log.ChronicleEventLog;
import dev.millrace.storage.log.EventLog;
import dev.millrace.storage.log.LogOptions;
import dev.millrace.storage.log.Topic;
import dev.millrace.storage.log.TopicName;
import dev.millrace.storage.state.RocksStateStore;
import dev.millrace.storage.state.StateStore;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RealLogTest {
    @TempDir
    Path folder;

    @Test
    void goesOnFromItsPlaceInTheRealLogAfterEachRestart() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        SourceModel source = new SourceModel(new SplittableRandom(seed));
        Pipe pipe = new Pipe(folder);
        for (int start = 0; start < 3; start++) {
            try (StateStore state = RocksStateStore.open(folder.resolve("state"));
                    EventLog log = new ChronicleEventLog(LogOptions.defaults(folder.resolve("log")), state);
                    Topic topic = log.open(new TopicName("team", "orders", TopicName.Mode.REALTIME));
                    Destination destination = pipe.destination()) {
                Consumer consumer = consumer(pipe, destination, topic, state);
                CompletableFuture<Void> run = CompletableFuture.runAsync(() -> run(consumer));
                BatchWriter writer = new BatchWriter();
                long events = 0;
                for (int batch = 0; batch < 40; batch++) {
                    for (int i = 0; i < 25; i++) {
                        source.change(writer);
                    }
                    EncodedBatch made = writer.finish(1, false, true, OffsetDelta.NONE);
                    events += made.header().eventCount();
                    topic.append(made);
                }
                assertTrue(
                        consumer.awaitApplied(topic.appendedIndex(), TimeUnit.SECONDS.toMillis(Pipe.WAIT_SECONDS)),
                        "seed " + seed);
                consumer.stop();
                run.get(Pipe.WAIT_SECONDS, TimeUnit.SECONDS);
                assertEquals(events, consumer.status().eventsApplied(), "events since this start");
            }
            assertEquals(
                    source.rows(),
                    pipe.query("SELECT area, id, note, \"large\" FROM shop.item ORDER BY area || '|' || id"),
                    "seed " + seed);
        }
    }

    private static Consumer consumer(Pipe pipe, Destination destination, Topic topic, StateStore state) {
        ConnectorDefinition end = new ConnectorDefinition("duckdb", pipe.settings());
        PipelineDefinition definition = new PipelineDefinition(
                "orders",
                end,
                List.of("*"),
                new DestinationDefinition("duckdb", pipe.settings()),
                LoadRules.merge(OnDelete.HARD),
                Optional.empty(),
                Optional.empty());
        return new Consumer(definition, destination, topic, state, ConsumeOptions.defaults(), Clock.systemUTC());
    }

    private static void run(Consumer consumer) {
        try {
            consumer.run();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
