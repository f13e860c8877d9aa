package dev.millrace.storage.log;

import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.EncodedBatch;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** Batches of one row whose content tells their number. */
final class TestBatches {
    private static final Schema SCHEMA = new Schema(
            new TableName("public", "numbers"),
            1,
            List.of(
                    new Column("number", DataType.of(Type.LONG), false, 1, "int8", 1),
                    new Column("filler", DataType.of(Type.BYTE_ARRAY), true, 0, "bytea", 2)));

    private TestBatches() {}

    /** A batch whose payload has about {@code bytes} bytes that don't compress. */
    static EncodedBatch batch(long number, int bytes, long createdAtMillis) {
        byte[] filler = new byte[bytes];
        new SplittableRandom(number).nextBytes(filler);
        BatchWriter writer = new BatchWriter();
        writer.beginTransaction(number, number, "0/" + number, 0);
        writer.beginRow(Operation.INSERT, writer.schema(SCHEMA));
        writer.putLong(number);
        writer.lendBytes(filler, 0, bytes);
        writer.endRow();
        byte[] offset = ByteBuffer.allocate(8).putLong(number).array();
        return writer.finish(createdAtMillis, false, true, new OffsetDelta(Map.of("stream", Optional.of(offset))));
    }

    /** The number {@code batch} was made with; throws when anything of it is not as it was made. */
    static long number(StoredBatch batch) {
        BatchReader reader = new BatchReader();
        reader.open(batch);
        if (!reader.next() || !batch.header().endsTransaction()) {
            throw new AssertionError("batch " + batch.logIndex() + " has lost its row or a flag");
        }
        long number = reader.values().longAt(0);
        byte[] filler = new byte[reader.values().bytesLength(1)];
        new SplittableRandom(number).nextBytes(filler);
        int from = reader.values().bytesOffset(1);
        byte[] offset = batch.header().offsetDelta().entries().get("stream").orElseThrow();
        boolean same = java.util.Arrays.equals(filler, 0, filler.length, reader.buffer(), from, from + filler.length)
                && ByteBuffer.wrap(offset).getLong() == number
                && reader.transactionId() == number
                && !reader.next();
        if (!same) {
            throw new AssertionError("batch " + batch.logIndex() + " is not what was appended");
        }
        return number;
    }
}
