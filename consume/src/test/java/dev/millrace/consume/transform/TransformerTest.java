package dev.millrace.consume.transform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TransformerTest {
    private static final Schema LEFT = schema("left");
    private static final Schema RIGHT = schema("right");
    private static final Schema COPY = schema("copy");

    /** Each row of LEFT as often as its number says, the second and further into COPY; what is negative is refused after a row is written. */
    private static final RowPhase REPEAT = phase(LEFT, List.of(LEFT, COPY), (event, sink) -> {
        long times = Math.abs(event.values().longAt(0));
        for (long i = 0; i < times; i++) {
            BatchWriter row = sink.begin(event.operation(), i == 0 ? LEFT : COPY);
            row.putCopy(event.values(), 0);
            row.endRow();
        }
        if (event.values().longAt(0) < 0) {
            throw new EventFailure("NEGATIVE", "n", "it is negative", "");
        }
    });

    private final BatchWriter writer = new BatchWriter();

    @Test
    void aBatchNoPhaseHasToDoWithPassesUntouched() {
        row(RIGHT, 1);
        StoredBatch batch = batch();
        Transformer transformer = new Transformation(List.of(REPEAT)).open(FailedEvents.STOP);
        assertSame(batch, transformer.apply(0, batch));
        assertEquals(List.of("INSERT right 1 @0/7:0"), read(transformer.open(batch)));
    }

    @Test
    void rowsKeepTheirIdsThroughDropsAndSplitsAndPhases() {
        row(RIGHT, 5);
        row(LEFT, 0);
        row(LEFT, 3);
        row(RIGHT, 6);
        writer.beginTransaction(8, 80, "0/8", 4);
        row(LEFT, 1);
        Transformer transformer = new Transformation(
                        List.of(REPEAT, phase(COPY, List.of(COPY), (event, sink) -> sink.pass())))
                .open(FailedEvents.STOP);
        assertEquals(
                List.of(
                        "INSERT right 5 @0/7:0",
                        "INSERT left 3 @0/7:2",
                        "INSERT copy 3 @0/7:2:1",
                        "INSERT copy 3 @0/7:2:2",
                        "INSERT right 6 @0/7:3",
                        "INSERT left 1 @0/8:4"),
                read(transformer.open(batch())));
    }

    @Test
    void whatConcernsTheWholeTableIsRepeatedForEachOfItsRoutes() {
        writer.beginTransaction(7, 70, "0/7", 0);
        writer.control(Operation.TRUNCATE, writer.schema(LEFT));
        writer.control(Operation.LOAD_STARTED, writer.schema(RIGHT));
        assertEquals(
                List.of("TRUNCATE left @0/7:0", "TRUNCATE copy @0/7:0:1", "LOAD_STARTED right @0/7:1"),
                read(new Transformation(List.of(REPEAT)).open(FailedEvents.STOP).open(batch())));
    }

    @Test
    void aRefusedEventLeavesNothingBehind() {
        row(LEFT, 1);
        row(LEFT, -2);
        row(LEFT, 2);
        StoredBatch batch = batch();
        List<String> refused = new ArrayList<>();
        Transformer transformer = new Transformation(List.of(REPEAT))
                .open((source, event, phase, failure) ->
                        refused.add(event.eventId() + " " + phase + " " + failure.code()));
        assertEquals(
                List.of("INSERT left 1 @0/7:0", "INSERT left 2 @0/7:2", "INSERT copy 2 @0/7:2:1"),
                read(transformer.open(batch)));
        assertEquals(List.of("0/7:1 test NEGATIVE"), refused);
        MillraceException stopped = assertThrows(MillraceException.class, () -> new Transformation(List.of(REPEAT))
                .open(FailedEvents.STOP)
                .open(batch));
        assertEquals("NEGATIVE", stopped.code());
        assertTrue(stopped.getMessage().contains("event 0/7:1 (INSERT) at log index 5: it is negative"));
    }

    @Test
    void twoTablesCantBecomeOne() {
        row(LEFT, 1);
        row(COPY, 1);
        Transformer transformer = new Transformation(List.of(REPEAT)).open(FailedEvents.STOP);
        StoredBatch batch = batch();
        MillraceException stopped = assertThrows(MillraceException.class, () -> transformer.open(batch));
        assertEquals("TRANSFORM_TABLE_TWICE", stopped.code());
    }

    private void row(Schema schema, long number) {
        if (writer.eventCount() == 0) {
            writer.beginTransaction(7, 70, "0/7", 0);
        }
        writer.beginRow(Operation.INSERT, writer.schema(schema));
        writer.putLong(number);
        writer.endRow();
    }

    private StoredBatch batch() {
        return writer.finish(1, false, true, OffsetDelta.NONE).stored(5);
    }

    private static List<String> read(BatchReader reader) {
        List<String> rows = new ArrayList<>();
        while (reader.next()) {
            rows.add(reader.operation() + " " + reader.schema().table().name() + " "
                    + (reader.operation().hasCells() ? reader.values().longAt(0) + " " : "") + "@" + reader.position()
                    + ":" + reader.ordinal());
        }
        return rows;
    }

    private static Schema schema(String table) {
        return new Schema(
                new TableName("", table), 1, List.of(new Column("n", DataType.of(Type.LONG), false, 0, "", 0)));
    }

    private interface Apply {
        void apply(EventView event, EventSink sink);
    }

    private static RowPhase phase(Schema input, List<Schema> outputs, Apply apply) {
        RowProgram program = new RowProgram() {
            @Override
            public List<Schema> outputs() {
                return outputs;
            }

            @Override
            public void apply(EventView event, EventSink sink) {
                apply.apply(event, sink);
            }
        };
        return new RowPhase() {
            @Override
            public String name() {
                return "test";
            }

            @Override
            public Optional<RowProgram> compile(Schema schema) {
                return schema.table().equals(input.table()) ? Optional.of(program) : Optional.empty();
            }
        };
    }
}
