package dev.millrace.app.transform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.transform.Rehearsal;
import dev.millrace.consume.transform.Transformation;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import dev.millrace.storage.log.ChronicleEventLog;
import dev.millrace.storage.log.EventLog;
import dev.millrace.storage.log.LogOptions;
import dev.millrace.storage.log.Topic;
import dev.millrace.storage.log.TopicName;
import dev.millrace.storage.state.RocksStateStore;
import dev.millrace.storage.state.StateStore;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogSamplesTest {
    private static final TopicName NAME = new TopicName("default", "orders", TopicName.Mode.REALTIME);
    private static final Schema FILM = new Schema(
            new TableName("public", "film"), 1, List.of(new Column("id", DataType.of(Type.INTEGER), false, 1, "", 0)));

    @TempDir
    Path folder;

    @Test
    void whatTheLogStillHoldsIsFoundWhenWhatIsOlderWasDeleted() throws Exception {
        try (StateStore state = RocksStateStore.open(folder.resolve("state"))) {
            try (EventLog log = log(state);
                    Topic topic = log.open(NAME)) {
                append(topic, 0, 7);
                assertEquals(List.of(3, 4, 5, 6), ids(topic, 4));
                assertEquals(List.of(0, 1, 2, 3, 4, 5, 6), ids(topic, 10));
            }
            try (EventLog log = log(state);
                    Topic topic = log.open(NAME)) {
                append(topic, 7, 9);
                topic.release(topic.durableIndex() - 2);
                assertEquals(
                        "LOG_INDEX_GONE",
                        assertThrows(MillraceException.class, () -> topic.reader(topic.durableIndex() - 4)
                                        .close())
                                .code(),
                        "the first run's file is gone");
                assertEquals(List.of(7, 8), ids(topic, 10));
                assertEquals(List.of(8), ids(topic, 1));
            }
        }
    }

    private EventLog log(StateStore state) {
        LogOptions options = new LogOptions(
                folder.resolve("log"),
                LogOptions.Durability.FSYNC,
                1L << 30,
                1L << 30,
                0,
                LogOptions.Roll.HOURLY,
                Duration.ZERO,
                Clock.systemUTC());
        return new ChronicleEventLog(options, state);
    }

    private static void append(Topic topic, int from, int to) throws InterruptedException {
        for (int id = from; id < to; id++) {
            BatchWriter writer = new BatchWriter();
            writer.beginTransaction(id + 1, 1_700_000_000_000_000L, "0/" + id, 0);
            writer.beginRow(Operation.INSERT, writer.schema(FILM));
            writer.putLong(id);
            writer.endRow();
            long index = topic.append(writer.finish(1_700_000_000_000L, false, true, OffsetDelta.NONE));
            assertTrue(topic.awaitDurable(index, 240_000));
        }
    }

    private static List<Object> ids(Topic topic, int most) throws InterruptedException {
        return LogSamples.run(topic, new Rehearsal(Transformation.NONE), Trials.of("public.film"), most).stream()
                .map(outcome -> (Object) ((Number) outcome.input().values().get("id")).intValue())
                .toList();
    }
}
