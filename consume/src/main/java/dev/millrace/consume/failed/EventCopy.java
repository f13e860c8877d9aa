package dev.millrace.consume.failed;

import dev.millrace.storage.batch.BatchHeader;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.batch.EncodedBatch;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.batch.StoredBatch;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * One event as a batch of its own, in the log's own encoding, so that it is replayed exactly as it was. Confined to one thread.
 *
 * <pre>
 *  0  1  format, 1
 *  1  8  when its batch was made, milliseconds from 1970 UTC, big-endian as all numbers
 *  9  1  1: of a historical load
 * 10  4  bytes of the body before compression
 * 14  n  the body, as {@code storage.batch} draws it
 * </pre>
 */
final class EventCopy {
    private static final byte FORMAT = 1;
    private static final int HEAD_BYTES = 14;

    private final BatchWriter writer = new BatchWriter();

    /** The reader's current event. */
    byte[] encode(BatchReader reader, BatchHeader batch) {
        int schema = writer.schema(reader.schema());
        writer.beginTransaction(reader.transactionId(), reader.modifiedAtMicros(), reader.position(), reader.ordinal());
        if (reader.operation().hasCells()) {
            writer.beginRow(reader.operation(), schema);
            put(reader.values());
            if (reader.hasBefore()) {
                writer.beginBefore();
                put(reader.before());
            }
            writer.endRow();
        } else {
            writer.control(reader.operation(), schema);
        }
        EncodedBatch one = writer.finish(batch.createdAtMillis(), batch.historicalLoad(), true, OffsetDelta.NONE);
        ByteBuffer copy = ByteBuffer.allocate(HEAD_BYTES + one.bodyLength())
                .put(FORMAT)
                .putLong(one.header().createdAtMillis())
                .put((byte) (one.header().historicalLoad() ? 1 : 0))
                .putInt(one.header().rawLength());
        one.pieces(0, one.bodyLength(), copy::put);
        return copy.array();
    }

    private void put(Cells cells) {
        for (int column = 0; column < cells.schema().columns().size(); column++) {
            writer.putCopy(cells, column);
        }
    }

    static StoredBatch decode(EventPlace place, byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        byte format = in.get();
        if (format != FORMAT) {
            throw new IllegalStateException("failed event " + place + " has format " + format);
        }
        BatchHeader header = new BatchHeader(in.getLong(), 1, in.get() == 1, true, in.getInt(), OffsetDelta.NONE);
        return new StoredBatch(
                place.logIndex(), header, Arrays.copyOfRange(bytes, HEAD_BYTES, bytes.length), new int[] {place.row()});
    }
}
