package dev.millrace.consume.duckdb;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.ConsumeOptions;
import dev.millrace.consume.Consumer;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.nio.file.Path;
import java.util.List;

/** Measures, by hand: a historical load and then upserts of a table of ten columns into DuckDB. Arguments: folder, rows. */
public final class LoadSpeed {
    private static final Schema SCHEMA = new Schema(
            new TableName("public", "wide"),
            1,
            List.of(
                    new Column("id", DataType.of(Type.LONG), false, 1, "int8", 1),
                    new Column("a", DataType.of(Type.INTEGER), true, 0, "int4", 2),
                    new Column("b", DataType.of(Type.STRING), true, 0, "text", 3),
                    new Column("c", DataType.of(Type.STRING), true, 0, "text", 4),
                    new Column("d", DataType.decimal(12, 2), true, 0, "numeric", 5),
                    new Column("e", DataType.time(Type.ZONED_DATETIME, 6), true, 0, "timestamptz", 6),
                    new Column("f", DataType.of(Type.BOOLEAN), true, 0, "bool", 7),
                    new Column("g", DataType.of(Type.DOUBLE), true, 0, "float8", 8),
                    new Column("h", DataType.of(Type.DATE), true, 0, "date", 9),
                    new Column("i", DataType.of(Type.MAP), true, 0, "jsonb", 10)));

    private LoadSpeed() {}

    public static void main(String[] arguments) throws Exception {
        Pipe pipe = new Pipe(Path.of(arguments[0]));
        int rows = Integer.parseInt(arguments[1]);
        try (Destination destination = pipe.destination()) {
            Consumer consumer = pipe.consumer(destination, OnDelete.HARD, ConsumeOptions.defaults());
            for (int round = 0; round < 2; round++) {
                fill(pipe, rows, round == 0 ? Operation.READ : Operation.UPDATE);
                Consumer used =
                        round == 0 ? consumer : pipe.consumer(destination, OnDelete.HARD, ConsumeOptions.defaults());
                long start = System.nanoTime();
                pipe.drain(used);
                double seconds = (System.nanoTime() - start) / 1e9;
                System.out.printf(
                        "%s: %,d rows in %.2f s = %,.0f rows/s, %d windows%n",
                        round == 0 ? "historical" : "upserts",
                        rows,
                        seconds,
                        rows / seconds,
                        used.status().windows());
            }
        }
    }

    private static void fill(Pipe pipe, int rows, Operation operation) {
        BatchWriter writer = new BatchWriter();
        for (int i = 0; i < rows; i++) {
            if (writer.eventCount() == 0) {
                writer.beginTransaction(operation == Operation.READ ? 0 : 1, 1_700_000_000_000_000L, "0/1", i);
            }
            writer.beginRow(operation, writer.schema(SCHEMA));
            writer.putLong(i);
            writer.putLong(i % 1000);
            writer.putString("customer number " + i % 5000 + " of the shop around the corner");
            writer.putString("https://example.org/some/long/path/" + i + "/with/more/text/that/goes/on/for/a/while");
            writer.putDecimal(i * 7L, 2);
            writer.putZonedDateTime(1_700_000_000L + i, 123_000, 0);
            writer.putBoolean(i % 3 == 0);
            writer.putDouble(i * 0.5);
            writer.putLong(19_000 + i % 500);
            writer.putString("{\"n\": " + i + ", \"tag\": \"x\"}");
            writer.endRow();
            if (writer.sizeBytes() > 1 << 20 || i == rows - 1) {
                pipe.topic.append(
                        writer.finish(1_700_000_000_000L, operation == Operation.READ, true, OffsetDelta.NONE));
            }
        }
    }
}
