package dev.millrace.storage.batch;

import dev.millrace.storage.event.Type;

/**
 * The bytes of a row image: states, then the cells that have a value, without gaps. Integers are little-endian.
 *
 * <pre>
 * image
 *   0     ⌈columns/4⌉   two bits a column, lowest first: 0 value, 1 NULL, 2 UNCHANGED
 *   .         cells     of the columns with a value, in column order
 *
 * cell
 *   BOOLEAN          1   0 or 1
 *   BYTE             1   }
 *   SHORT            2   } two's complement
 *   INTEGER          4   }
 *   LONG             8   }
 *   FLOAT            4   IEEE 754; every NaN as 0x7fc00000, -0.0 kept
 *   DOUBLE           8   IEEE 754; every NaN as 0x7ff8000000000000, -0.0 kept
 *   DATE             4   days; the int's maximum is infinity, its minimum -infinity
 *   TIME             8   nanoseconds
 *   DATETIME        12   8 seconds (the long's maximum is infinity, its minimum -infinity), 4 nanoseconds
 *   ZONED_DATETIME  16   as DATETIME, then 4 offset in seconds
 *   DECIMAL        1+n   n (1 to 13), zigzag varint scale, the fewest bytes that hold the unscaled value, lowest first
 *                        0x80 NaN · 0x81 infinity · 0x82 -infinity
 *                  1+m   0x90, varint length, zigzag varint scale, unscaled value in two's complement, highest first
 *   all others           varint length, bytes (UTF-8 except for BYTE_ARRAY)
 * </pre>
 *
 * <p>Equal cells of one type have one encoding. What is equal is decided by the bytes: a DECIMAL's scale is part of it (1.5 is not 1.50),
 * -0.0 is not 0.0, and two instants written in different offsets are not equal.
 */
final class CellFormat {
    static final int VALUE = 0;
    static final int NULL = 1;
    static final int UNCHANGED = 2;

    /** Kinds of cells: the width where it is fixed, else one of these. */
    static final byte DECIMAL = -1;

    static final byte BYTES = -2;

    static final int DECIMAL_NAN = 0x80;
    static final int DECIMAL_POSITIVE_INFINITY = 0x81;
    static final int DECIMAL_NEGATIVE_INFINITY = 0x82;
    static final int DECIMAL_BIG = 0x90;
    static final int DECIMAL_SMALL_MAX = 13;

    private CellFormat() {}

    static byte kind(Type type) {
        return switch (type) {
            case BOOLEAN, BYTE -> 1;
            case SHORT -> 2;
            case INTEGER, FLOAT, DATE -> 4;
            case LONG, DOUBLE, TIME -> 8;
            case DATETIME -> 12;
            case ZONED_DATETIME -> 16;
            case DECIMAL -> DECIMAL;
            case CHAR, STRING, BYTE_ARRAY, LIST, MAP, LIST_MAP, FILE_REF -> BYTES;
        };
    }

    static int stateBytes(int columns) {
        return (columns + 3) >>> 2;
    }

    static int state(byte[] buffer, int image, int column) {
        return (buffer[image + (column >> 2)] >>> ((column & 3) << 1)) & 3;
    }

    /** Where the variable cell at {@code at} ends; not beyond {@code end}. */
    static int endOfVariable(byte[] buffer, int at, int end, byte kind) {
        if (at >= end) {
            throw BatchFormat.malformed("a cell at byte " + at + " begins behind its row");
        }
        int first = buffer[at] & 0xff;
        if (kind == BYTES) {
            return first < 0x80 ? bounded(at, 1L + first, end) : endOfPrefixed(buffer, at, end);
        }
        if (first >= 1 && first <= DECIMAL_SMALL_MAX) {
            return bounded(at, 1L + first, end);
        }
        if (first >= DECIMAL_NAN && first <= DECIMAL_NEGATIVE_INFINITY) {
            return at + 1;
        }
        if (first == DECIMAL_BIG) {
            return endOfPrefixed(buffer, at + 1, end);
        }
        throw BatchFormat.malformed("a DECIMAL at byte " + at + " begins with " + first);
    }

    private static int endOfPrefixed(byte[] buffer, int at, int end) {
        long length = varint(buffer, at, end);
        return bounded(at, varintBytes(buffer, at) + length, end);
    }

    private static int bounded(int at, long length, int end) {
        if (length > end - at) {
            throw BatchFormat.malformed("a cell of " + length + " bytes at byte " + at + " reaches beyond its row");
        }
        return at + (int) length;
    }

    /** The unsigned varint at {@code at}, read within {@code end}. */
    static long varint(byte[] buffer, int at, int end) {
        long value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            int place = at + shift / 7;
            if (place >= end) {
                throw BatchFormat.malformed("a number at byte " + at + " reaches beyond its row");
            }
            value |= (long) (buffer[place] & 0x7f) << shift;
            if (buffer[place] >= 0) {
                return value;
            }
        }
        throw BatchFormat.malformed("a number at byte " + at + " has more than five bytes");
    }

    /** How many bytes a varint that has been checked takes. */
    static int varintBytes(byte[] buffer, int at) {
        int place = at;
        while (buffer[place] < 0) {
            place++;
        }
        return place - at + 1;
    }

    static int zigzag(long varint) {
        int value = (int) varint;
        return (value >>> 1) ^ -(value & 1);
    }
}
