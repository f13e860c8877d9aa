package dev.millrace.ingest.postgres;

import java.util.Arrays;

/**
 * Where the columns of one TupleData stand in its message (PostgreSQL manual, "Logical Replication Message Formats"): offsets and lengths,
 * nothing copied. Confined to one thread; reused.
 */
final class Tuple {
    static final int NULL = -1;
    /** An untouched value out of line, that was not sent. */
    static final int UNCHANGED = -2;

    private int[] offsets = new int[16];
    private int[] lengths = new int[16];
    private int size;

    void read(MessageBytes in) {
        size = in.int16();
        if (size > offsets.length) {
            offsets = Arrays.copyOf(offsets, size);
            lengths = Arrays.copyOf(lengths, size);
        }
        for (int i = 0; i < size; i++) {
            int kind = in.int8();
            switch (kind) {
                case 'n' -> lengths[i] = NULL;
                case 'u' -> lengths[i] = UNCHANGED;
                case 't' -> {
                    int length = in.int32();
                    offsets[i] = in.skip(length);
                    lengths[i] = length;
                }
                default ->
                    throw MessageBytes.malformed("a column of kind " + kind + ", neither NULL nor unchanged nor text");
            }
        }
    }

    int size() {
        return size;
    }

    int offset(int column) {
        return offsets[column];
    }

    /** In bytes; {@link #NULL} or {@link #UNCHANGED} without a value. */
    int length(int column) {
        return lengths[column];
    }

    /** Takes this column from {@code other}, a tuple of the same message. */
    void take(int column, Tuple other) {
        offsets[column] = other.offsets[column];
        lengths[column] = other.lengths[column];
    }

    /** Whether both hold the same text there; {@code buffer} is the message's. */
    boolean same(int column, Tuple other, byte[] buffer) {
        int length = lengths[column];
        if (length < 0 || other.lengths[column] < 0) {
            return length == other.lengths[column];
        }
        int from = offsets[column];
        int otherFrom = other.offsets[column];
        return Arrays.equals(buffer, from, from + length, buffer, otherFrom, otherFrom + other.lengths[column]);
    }
}
