package dev.millrace.storage.batch;

import dev.millrace.config.error.MillraceException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A growing byte array with little-endian puts; the same array is used over {@link #clear()}. Outsize arrays of others may stand between its
 * own bytes, referred to and not copied: places ({@link #size()}, {@link #truncate}, {@link #setInt}) are those of its own array,
 * {@link #length()} counts both. Confined to one thread.
 */
final class Bytes {
    static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final int KEPT_BYTES = 16 << 20;

    private final int initialBytes;
    private byte[] array;
    private int size;
    private final List<EncodedBatch.Lent> lent = new ArrayList<>();
    private int lentBytes;

    Bytes(int initialBytes) {
        this.initialBytes = initialBytes;
        this.array = new byte[initialBytes];
    }

    byte[] array() {
        return array;
    }

    int size() {
        return size;
    }

    /** Its own bytes and those that are lent to it. */
    int length() {
        return size + lentBytes;
    }

    /** What is lent to it, in order. */
    List<EncodedBatch.Lent> lent() {
        return lent;
    }

    /** Goes back to an earlier size; what was lent behind it is forgotten. */
    void truncate(int newSize) {
        size = newSize;
        while (!lent.isEmpty() && lent.get(lent.size() - 1).at() > newSize) {
            lentBytes -= lent.remove(lent.size() - 1).length();
        }
    }

    /** Empties it; an array that one outsize batch has blown up is let go. */
    void clear() {
        size = 0;
        lent.clear();
        lentBytes = 0;
        if (array.length > KEPT_BYTES) {
            array = new byte[initialBytes];
        }
    }

    void ensure(int more) {
        if (more > array.length - size) {
            grow(more);
        }
    }

    private void grow(int more) {
        requireRoom(more);
        long needed = (long) size + more;
        long grown = array.length + (long) (array.length < KEPT_BYTES ? array.length : array.length / 4);
        array = Arrays.copyOf(array, (int) Math.max(needed, Math.min(BatchFormat.MAX_RAW_BYTES, grown)));
    }

    private void requireRoom(int more) {
        long needed = (long) length() + more;
        if (needed > BatchFormat.MAX_RAW_BYTES) {
            throw MillraceException.resource(
                    "BATCH_TOO_LARGE",
                    "A batch can't be encoded",
                    "it would have " + needed + " bytes, the limit is " + BatchFormat.MAX_RAW_BYTES,
                    "Exclude the column with the outsize value.",
                    null);
        }
    }

    void putByte(int value) {
        ensure(1);
        array[size++] = (byte) value;
    }

    void putShort(int value) {
        ensure(2);
        SHORT.set(array, size, (short) value);
        size += 2;
    }

    void putInt(int value) {
        ensure(4);
        INT.set(array, size, value);
        size += 4;
    }

    void putLong(long value) {
        ensure(8);
        LONG.set(array, size, value);
        size += 8;
    }

    void putVarint(int value) {
        ensure(5);
        int rest = value;
        while ((rest & ~0x7f) != 0) {
            array[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        array[size++] = (byte) rest;
    }

    void putZigzag(int value) {
        putVarint((value << 1) ^ (value >> 31));
    }

    void putBytes(byte[] bytes, int offset, int length) {
        ensure(length);
        System.arraycopy(bytes, offset, array, size, length);
        size += length;
    }

    /** As {@link #putBytes}, but outsize ones are referred to: nobody may change them while they are needed here. */
    void lend(byte[] bytes, int offset, int length) {
        if (length < BatchFormat.OUTSIZE_BYTES) {
            putBytes(bytes, offset, length);
            return;
        }
        requireRoom(length);
        lent.add(new EncodedBatch.Lent(size, bytes, offset, length));
        lentBytes += length;
    }

    void putZeros(int count) {
        ensure(count);
        Arrays.fill(array, size, size + count, (byte) 0);
        size += count;
    }

    void putText(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        putVarint(utf8.length);
        putBytes(utf8, 0, utf8.length);
    }

    void setInt(int at, int value) {
        INT.set(array, at, value);
    }
}
