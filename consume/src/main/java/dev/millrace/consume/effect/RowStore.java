package dev.millrace.consume.effect;

import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.batch.EncodedBatch;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import java.util.Arrays;

/** Where row images stand and what is known of their events: columns of primitives that grow. A row is a number from 0. */
final class RowStore {
    static final int NONE = -1;

    private final Schema schema;
    private byte[][] buffers = new byte[64][];
    private int[] offsets = new int[64];
    private int[] lengths = new int[64];
    /** The image that holds the values of this one's UNCHANGED cells. */
    private int[] priors = new int[64];

    private long[] ingestedAt = new long[64];
    private long[] modifiedAt = new long[64];
    private long[] ordinals = new long[64];
    private String[] positions = new String[64];
    private int size;

    RowStore(Schema schema) {
        this.schema = schema;
    }

    Schema schema() {
        return schema;
    }

    int size() {
        return size;
    }

    /** Adds the reader's current row. */
    int addValues(BatchReader reader, long ingestedAtMicros, int prior) {
        return add(reader, reader.valuesOffset(), reader.valuesLength(), ingestedAtMicros, prior);
    }

    /** Adds the reader's current row before. */
    int addBefore(BatchReader reader, long ingestedAtMicros, int prior) {
        return add(reader, reader.beforeOffset(), reader.beforeLength(), ingestedAtMicros, prior);
    }

    /** Adds {@code image} as what the reader's current event, which has no cells, leaves. */
    int addImage(BatchReader reader, byte[] image, long ingestedAtMicros) {
        int row = add(reader, 0, image.length, ingestedAtMicros, NONE);
        buffers[row] = image;
        return row;
    }

    /** A row of {@code schema} without any value. */
    static byte[] emptyImage(Schema schema) {
        BatchWriter writer = new BatchWriter();
        writer.beginTransaction(0, Long.MIN_VALUE, "", 0);
        writer.beginRow(Operation.INSERT, writer.schema(schema));
        for (int column = 0; column < schema.columns().size(); column++) {
            writer.putNull();
        }
        writer.endRow();
        EncodedBatch encoded = writer.finish(0, false, true, OffsetDelta.NONE);
        BatchReader reader = new BatchReader();
        reader.open(encoded.stored(1));
        reader.next();
        return Arrays.copyOfRange(
                reader.buffer(), reader.valuesOffset(), reader.valuesOffset() + reader.valuesLength());
    }

    private int add(BatchReader reader, int offset, int length, long ingestedAtMicros, int prior) {
        if (size == offsets.length) {
            grow(size * 2);
        }
        int row = size++;
        buffers[row] = reader.buffer();
        offsets[row] = offset;
        lengths[row] = length;
        priors[row] = prior;
        ingestedAt[row] = ingestedAtMicros;
        modifiedAt[row] = reader.modifiedAtMicros();
        ordinals[row] = reader.ordinal();
        positions[row] = reader.position();
        return row;
    }

    /** The row's image stands elsewhere from now on, and needs no other. */
    void replaceImage(int row, byte[] buffer, int offset, int length) {
        buffers[row] = buffer;
        offsets[row] = offset;
        lengths[row] = length;
        priors[row] = NONE;
    }

    void moveTo(int row, Cells cells) {
        cells.moveTo(schema, buffers[row], offsets[row], lengths[row]);
    }

    int prior(int row) {
        return priors[row];
    }

    long ingestedAtMicros(int row) {
        return ingestedAt[row];
    }

    long modifiedAtMicros(int row) {
        return modifiedAt[row];
    }

    String eventId(int row) {
        return positions[row] + ":" + ordinals[row];
    }

    void clear() {
        Arrays.fill(buffers, 0, size, null);
        Arrays.fill(positions, 0, size, null);
        size = 0;
    }

    private void grow(int capacity) {
        buffers = Arrays.copyOf(buffers, capacity);
        offsets = Arrays.copyOf(offsets, capacity);
        lengths = Arrays.copyOf(lengths, capacity);
        priors = Arrays.copyOf(priors, capacity);
        ingestedAt = Arrays.copyOf(ingestedAt, capacity);
        modifiedAt = Arrays.copyOf(modifiedAt, capacity);
        ordinals = Arrays.copyOf(ordinals, capacity);
        positions = Arrays.copyOf(positions, capacity);
    }
}
