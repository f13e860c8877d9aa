package dev.millrace.consume.testing;

import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.util.List;

/** A table of ten columns of all kinds, about 250 bytes a row, for measurements. */
public final class TenColumns {
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

    private TenColumns() {}

    /** Puts so many rows into the pipe's log, in batches of a megabyte; READ rows as those of a historical load. */
    public static void fill(Pipe pipe, int rows, Operation operation) {
        boolean read = operation == Operation.READ;
        BatchWriter writer = new BatchWriter();
        for (int i = 0; i < rows; i++) {
            if (writer.eventCount() == 0) {
                writer.beginTransaction(read ? 0 : 1, 1_700_000_000_000_000L, "0/1", i);
            }
            row(writer, operation, i);
            if (writer.sizeBytes() > 1 << 20 || i == rows - 1) {
                pipe.topic.append(writer.finish(1_700_000_000_000L, read, true, OffsetDelta.NONE));
            }
        }
    }

    private static void row(BatchWriter writer, Operation operation, int i) {
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
    }
}
