package dev.millrace.storage.batch;

import java.nio.charset.StandardCharsets;

/** Reads forward within bounds; every step outside them is BATCH_MALFORMED. Confined to one thread. */
final class ByteCursor {
    private final byte[] array;
    private final int end;
    private int at;

    ByteCursor(byte[] array, int begin, int end) {
        this.array = array;
        this.at = begin;
        this.end = end;
    }

    int at() {
        return at;
    }

    int remaining() {
        return end - at;
    }

    /** Steps over {@code length} bytes and tells where they begin. */
    int take(int length) {
        if (length < 0 || length > end - at) {
            throw BatchFormat.malformed("a length of " + length + " at byte " + at + " reaches beyond byte " + end);
        }
        int begin = at;
        at += length;
        return begin;
    }

    int readByte() {
        return array[take(1)] & 0xff;
    }

    int readInt() {
        return (int) Bytes.INT.get(array, take(4));
    }

    long readLong() {
        return (long) Bytes.LONG.get(array, take(8));
    }

    int readVarint() {
        int value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            int next = readByte();
            value |= (next & 0x7f) << shift;
            if (next < 0x80) {
                return value;
            }
        }
        throw BatchFormat.malformed("a number before byte " + at + " has more than five bytes");
    }

    int readZigzag() {
        int value = readVarint();
        return (value >>> 1) ^ -(value & 1);
    }

    /** A count of things of which each takes at least {@code bytesEach}. */
    int readCount(int bytesEach) {
        int count = readVarint();
        if (count < 0 || count > remaining() / bytesEach) {
            throw BatchFormat.malformed("a count of " + count + " before byte " + at + " does not fit what follows");
        }
        return count;
    }

    String readText() {
        int length = readVarint();
        return new String(array, take(length), length, StandardCharsets.UTF_8);
    }
}
