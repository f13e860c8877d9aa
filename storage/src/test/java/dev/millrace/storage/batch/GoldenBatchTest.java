package dev.millrace.storage.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Batches written by released versions must be read for good. The files under {@code golden} are never written again; {@link #main} wrote
 * them, and writes the next version's.
 */
class GoldenBatchTest {
    @Test
    void aVersionOneBatchWithEveryTypeStillDecodes() throws IOException {
        byte[] body = resource("batch-v1.bin");
        String expected = new String(resource("batch-v1.txt"), StandardCharsets.UTF_8);
        assertEquals(expected, describe(body));
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = GoldenBatchTest.class.getResourceAsStream("/golden/" + name)) {
            assertNotNull(in, name);
            return in.readAllBytes();
        }
    }

    /** The file is the body behind 4 bytes raw length and 4 bytes event count. */
    private static String describe(byte[] file) {
        int rawLength = (int) Bytes.INT.get(file, 0);
        int events = (int) Bytes.INT.get(file, 4);
        BatchHeader header = new BatchHeader(0, events, false, true, rawLength, OffsetDelta.NONE);
        BatchReader reader = new BatchReader();
        reader.open(new StoredBatch(1, header, Arrays.copyOfRange(file, 8, file.length)));
        StringBuilder text = new StringBuilder();
        while (reader.next()) {
            text.append(reader.operation())
                    .append(' ')
                    .append(reader.schema().table())
                    .append(" v")
                    .append(reader.schema().version());
            text.append(" in ").append(reader.transactionId()).append(' ').append(reader.modifiedAtMicros());
            text.append(" id ")
                    .append(reader.position())
                    .append(':')
                    .append(reader.ordinal())
                    .append('\n');
            if (reader.operation().hasCells()) {
                describe(reader.values(), text);
                if (reader.hasBefore()) {
                    text.append(" before\n");
                    describe(reader.before(), text);
                }
            }
        }
        return text.toString();
    }

    private static void describe(Cells cells, StringBuilder text) {
        Object[] row = RandomRows.read(cells);
        for (int i = 0; i < row.length; i++) {
            Column column = cells.schema().columns().get(i);
            text.append("  ")
                    .append(column.name())
                    .append('/')
                    .append(column.sourceType())
                    .append('/')
                    .append(column.sourceId());
            text.append(column.nullable() ? " " : "! ")
                    .append(column.dataType().length())
                    .append(" = ");
            if (row[i] instanceof byte[] bytes) {
                text.append(HexFormat.of().formatHex(bytes));
            } else if (row[i] instanceof String string) {
                byte[] utf8 = string.getBytes(StandardCharsets.UTF_8);
                text.append(utf8.length)
                        .append(" bytes ")
                        .append(HexFormat.of().formatHex(utf8, 0, Math.min(40, utf8.length)));
            } else {
                text.append(row[i]);
            }
            text.append('\n');
        }
    }

    /** Writes {@code batch-v1.bin} and {@code batch-v1.txt} into the folder given. */
    public static void main(String[] args) throws IOException {
        BatchWriter writer = new BatchWriter();
        Schema schema = RandomRows.everyType(7);
        int number = writer.schema(schema);
        RandomRows rows = new RandomRows(new SplittableRandom(20261121));
        writer.beginTransaction(0, Long.MIN_VALUE, "load", 100);
        writer.control(Operation.LOAD_STARTED, number);
        for (Special special : Special.values()) {
            writer.beginRow(Operation.READ, number);
            Object[] row = rows.row(schema);
            row[7] = special;
            RandomRows.write(writer, schema, row);
            writer.endRow();
        }
        writer.control(Operation.LOAD_COMPLETED, number);
        writer.beginTransaction(4711, 1_795_000_000_000_000L, "0/16B3748", 0);
        for (int i = 0; i < 24; i++) {
            Operation operation = Operation.of(1 + i % 3);
            writer.beginRow(operation, number);
            Object[] row = rows.row(schema);
            row[7] = i % 2 == 0 ? new BigDecimal("-12345678901234567890.5000") : row[7];
            RandomRows.write(writer, schema, row);
            if (operation == Operation.UPDATE) {
                writer.beginBefore();
                RandomRows.write(writer, schema, rows.row(schema));
            }
            writer.endRow();
        }
        writer.control(Operation.TRUNCATE, number);
        EncodedBatch batch = writer.finish(0, false, true, OffsetDelta.NONE);
        byte[] file = new byte[8 + batch.bodyLength()];
        Bytes.INT.set(file, 0, batch.header().rawLength());
        Bytes.INT.set(file, 4, batch.header().eventCount());
        System.arraycopy(batch.body(), 0, file, 8, batch.bodyLength());
        Files.write(Path.of(args[0], "batch-v1.bin"), file);
        Files.writeString(Path.of(args[0], "batch-v1.txt"), describe(file));
    }
}
