package dev.millrace.storage.batch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Outsize values that a batch refers to give the same bytes as copied ones. */
class LentBytesTest {
    private static final Schema SCHEMA = new Schema(
            new TableName("public", "files"),
            1,
            List.of(
                    new Column("id", DataType.of(Type.LONG), false, 1, "int8", 1),
                    new Column("one", DataType.of(Type.BYTE_ARRAY), true, 0, "bytea", 2),
                    new Column("two", DataType.of(Type.STRING), true, 0, "text", 3)));

    /** Outsize values begin somewhere in here. */
    private final byte[] shared = new byte[BatchFormat.OUTSIZE_BYTES + 100_000];

    private final BatchWriter lending = new BatchWriter();
    private final BatchWriter copying = new BatchWriter();

    @Test
    void lentValuesGiveTheSameBatchAsCopiedOnes() {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        random.nextBytes(shared);
        for (int round = 0; round < 4; round++) {
            int rows = random.nextInt(1, 5);
            for (int row = 0; row < rows; row++) {
                row(random);
            }
            EncodedBatch lent = lending.finish(1, false, true, OffsetDelta.NONE);
            EncodedBatch copied = copying.finish(1, false, true, OffsetDelta.NONE);
            assertEquals(copied.header(), lent.header(), "seed " + seed);
            byte[] wanted = raw(copied.stored(1));
            assertArrayEquals(wanted, raw(lent.stored(1)), "seed " + seed);
            assertArrayEquals(lent.stored(1).body(), inPieces(lent, random), "seed " + seed);
            lent.lent().forEach(piece -> assertSame(shared, piece.array()));
        }
    }

    /** Into both; now and then one that is abandoned or rolled back stands before it. */
    private void row(SplittableRandom random) {
        boolean abandoned = random.nextInt(4) == 0;
        boolean rolledBack = random.nextInt(4) == 0;
        boolean before = random.nextBoolean();
        long seed = random.nextLong();
        for (BatchWriter writer : List.of(lending, copying)) {
            SplittableRandom values = new SplittableRandom(seed);
            if (abandoned) {
                begin(writer, Operation.INSERT, values);
                writer.abandonRow();
            }
            writer.mark();
            if (rolledBack) {
                write(writer, before, values);
                writer.rollback();
            }
            write(writer, before, values);
        }
    }

    private void write(BatchWriter writer, boolean before, SplittableRandom values) {
        begin(writer, Operation.UPDATE, values);
        if (before) {
            writer.beginBefore();
            cells(writer, values);
        }
        writer.endRow();
    }

    private void begin(BatchWriter writer, Operation operation, SplittableRandom random) {
        writer.beginTransaction(7, 7, "0/7", 0);
        writer.beginRow(operation, writer.schema(SCHEMA));
        cells(writer, random);
    }

    private void cells(BatchWriter writer, SplittableRandom random) {
        writer.putLong(random.nextLong());
        for (int column = 1; column < 3; column++) {
            int kind = random.nextInt(4);
            if (kind == 0) {
                writer.putNull();
            } else {
                int offset = random.nextInt(50_000);
                int length = kind == 1 ? random.nextInt(300) : BatchFormat.OUTSIZE_BYTES + random.nextInt(50_000);
                if (writer == lending) {
                    writer.lendBytes(shared, offset, length);
                } else {
                    writer.putBytes(shared, offset, length);
                }
            }
        }
    }

    private static byte[] raw(StoredBatch batch) {
        byte[] decoded = BodyCodec.decode(batch.body(), batch.header().rawLength());
        int begin = BodyCodec.rawBegin(batch.body());
        byte[] raw = new byte[decoded.length - begin];
        System.arraycopy(decoded, begin, raw, 0, raw.length);
        return raw;
    }

    private static byte[] inPieces(EncodedBatch batch, SplittableRandom random) {
        ByteArrayOutputStream all = new ByteArrayOutputStream(batch.bodyLength());
        int from = 0;
        while (from < batch.bodyLength()) {
            int to = (int) Math.min(batch.bodyLength(), from + random.nextLong(1, 5_000_000));
            batch.pieces(from, to, all::write);
            from = to;
            assertEquals(from, all.size());
        }
        return all.toByteArray();
    }

    @Test
    void aDerivedBatchHasWhatWasLentToItsWriter() {
        new SplittableRandom(5).nextBytes(shared);
        begin(lending, Operation.INSERT, new SplittableRandom(3));
        lending.endRow();
        EncodedBatch first = lending.finish(1, false, true, OffsetDelta.NONE);
        BatchReader reader = new BatchReader();
        reader.open(first.stored(1));
        assertTrue(reader.next());
        lending.beginTransaction(7, 7, "0/7", 0);
        lending.beginRow(Operation.INSERT, lending.schema(SCHEMA));
        for (int column = 0; column < 3; column++) {
            lending.putCopy(reader.values(), column);
        }
        lending.endRow();
        StoredBatch derived = lending.finishDerived(first.stored(1));
        assertArrayEquals(raw(first.stored(1)), raw(derived));
        reader.close();
        reader.open(derived);
        assertTrue(reader.next());
        assertFalse(reader.next());
    }
}
