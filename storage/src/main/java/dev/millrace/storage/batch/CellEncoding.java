package dev.millrace.storage.batch;

import dev.millrace.storage.event.Type;
import java.math.BigDecimal;

/** Writes cells that take more than a plain number, drawn in {@link CellFormat}. Stateless. */
final class CellEncoding {
    private CellEncoding() {}

    /** False, and nothing written, where the type can't hold the number. */
    static boolean integer(Bytes out, Type type, long value) {
        switch (type) {
            case BYTE -> {
                if (value != (byte) value) {
                    return false;
                }
                out.putByte((int) value);
            }
            case SHORT -> {
                if (value != (short) value) {
                    return false;
                }
                out.putShort((int) value);
            }
            case INTEGER, DATE -> {
                if (value != (int) value || type == Type.DATE && isInfinity((int) value)) {
                    return false;
                }
                out.putInt((int) value);
            }
            case LONG, TIME -> out.putLong(value);
            default -> {
                return false;
            }
        }
        return true;
    }

    private static boolean isInfinity(int days) {
        return days == Integer.MAX_VALUE || days == Integer.MIN_VALUE;
    }

    static void decimal(Bytes out, long unscaled, int scale) {
        int lengthAt = out.size();
        out.putByte(0);
        out.putZigzag(scale);
        long rest = unscaled;
        while (rest != (byte) rest) {
            out.putByte((int) rest);
            rest >>= 8;
        }
        out.putByte((int) rest);
        out.array()[lengthAt] = (byte) (out.size() - lengthAt - 1);
    }

    /** A DECIMAL whose unscaled value fits no long. */
    static void bigDecimal(Bytes out, BigDecimal value) {
        byte[] digits = value.unscaledValue().toByteArray();
        int zigzag = (value.scale() << 1) ^ (value.scale() >> 31);
        int scaleBytes = 1 + (31 - Integer.numberOfLeadingZeros(zigzag | 1)) / 7;
        out.putByte(CellFormat.DECIMAL_BIG);
        out.putVarint(scaleBytes + digits.length);
        out.putVarint(zigzag);
        out.putBytes(digits, 0, digits.length);
    }

    /** False, and nothing written, where the type has no such value. */
    static boolean special(Bytes out, Type type, Special value) {
        boolean positive = value == Special.POSITIVE_INFINITY;
        if (value == Special.NAN && type != Type.DECIMAL) {
            return false;
        }
        switch (type) {
            case DECIMAL ->
                out.putByte(
                        switch (value) {
                            case NAN -> CellFormat.DECIMAL_NAN;
                            case POSITIVE_INFINITY -> CellFormat.DECIMAL_POSITIVE_INFINITY;
                            case NEGATIVE_INFINITY -> CellFormat.DECIMAL_NEGATIVE_INFINITY;
                        });
            case DATE -> out.putInt(positive ? Integer.MAX_VALUE : Integer.MIN_VALUE);
            case DATETIME -> timestamp(out, positive ? Long.MAX_VALUE : Long.MIN_VALUE, 0);
            case ZONED_DATETIME -> {
                timestamp(out, positive ? Long.MAX_VALUE : Long.MIN_VALUE, 0);
                out.putInt(0);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    static void timestamp(Bytes out, long epochSecond, int nano) {
        out.putLong(epochSecond);
        out.putInt(nano);
    }
}
