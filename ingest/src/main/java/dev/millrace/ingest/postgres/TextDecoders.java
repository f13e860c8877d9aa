package dev.millrace.ingest.postgres;

import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.Special;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/** Decoders of the text forms of booleans, numbers, bytes and text; by hand, because a String per value is most of the cost otherwise. */
final class TextDecoders {
    private static final double[] TENS = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22
    };
    private static final int IN_PLACE_BYTES = 8 << 20;
    /** No text of the server's has it there. */
    private static final byte DECODED = 0;

    private static final BigInteger LONG_MAX = BigInteger.valueOf(Long.MAX_VALUE);

    private TextDecoders() {}

    /** Text, and bytes that are the same in both forms. */
    static void bytes(byte[] b, int offset, int length, BatchWriter out) {
        out.lendBytes(b, offset, length);
    }

    static void bool(byte[] b, int offset, int length, BatchWriter out) {
        if (length != 1 || (b[offset] != 't' && b[offset] != 'f')) {
            throw Malformed.value("boolean", length);
        }
        out.putBoolean(b[offset] == 't');
    }

    static void int2(byte[] b, int offset, int length, BatchWriter out) {
        long value = parseLong(b, offset, length);
        if (value != (short) value) {
            throw Malformed.value("smallint", length);
        }
        out.putLong(value);
    }

    static void int4(byte[] b, int offset, int length, BatchWriter out) {
        long value = parseLong(b, offset, length);
        if (value != (int) value) {
            throw Malformed.value("integer", length);
        }
        out.putLong(value);
    }

    static void int8(byte[] b, int offset, int length, BatchWriter out) {
        out.putLong(parseLong(b, offset, length));
    }

    static long parseLong(byte[] b, int offset, int length) {
        int end = offset + length;
        boolean negative = length > 0 && b[offset] == '-';
        int at = negative ? offset + 1 : offset;
        if (at == end || end - at > 19) {
            throw Malformed.value("integer", length);
        }
        long value = 0; // kept negative: the range below zero is the larger one
        for (; at < end; at++) {
            int digit = b[at] - '0';
            if (digit < 0 || digit > 9) {
                throw Malformed.value("integer", length);
            }
            value = value * 10 - digit;
        }
        if (value > 0 || (!negative && value == Long.MIN_VALUE)) {
            throw Malformed.value("integer", length);
        }
        return negative ? value : -value;
    }

    static void numeric(byte[] b, int offset, int length, BatchWriter out) {
        int end = offset + length;
        boolean negative = length > 0 && b[offset] == '-';
        int at = negative ? offset + 1 : offset;
        if (at == end) {
            throw Malformed.value("numeric", length);
        }
        if (b[at] == 'N' || b[at] == 'I') {
            out.putSpecial(
                    b[at] == 'N' ? Special.NAN : negative ? Special.NEGATIVE_INFINITY : Special.POSITIVE_INFINITY);
            return;
        }
        long value = 0;
        int scale = 0;
        boolean fraction = false;
        for (; at < end; at++) {
            int digit = b[at] - '0';
            if (digit >= 0 && digit <= 9) {
                if (value >= 100_000_000_000_000_000L) { // a nineteenth digit may not fit
                    bigNumeric(b, offset, length, out);
                    return;
                }
                value = value * 10 + digit;
                scale += fraction ? 1 : 0;
            } else if (b[at] == '.' && !fraction) {
                fraction = true;
            } else {
                throw Malformed.value("numeric", length);
            }
        }
        out.putDecimal(negative ? -value : value, scale);
    }

    private static void bigNumeric(byte[] b, int offset, int length, BatchWriter out) {
        try {
            putDecimal(new BigDecimal(new String(b, offset, length, StandardCharsets.ISO_8859_1)), out);
        } catch (NumberFormatException e) {
            throw Malformed.value("numeric", length);
        }
    }

    /** One form for each value: whatever fits a long goes as a long. */
    static void putDecimal(BigDecimal value, BatchWriter out) {
        BigInteger unscaled = value.unscaledValue();
        if (unscaled.abs().compareTo(LONG_MAX) <= 0) {
            out.putDecimal(unscaled.longValue(), value.scale());
        } else {
            out.putDecimal(value);
        }
    }

    static void float8(byte[] b, int offset, int length, BatchWriter out) {
        out.putDouble(parseDouble(b, offset, length));
    }

    static void float4(byte[] b, int offset, int length, BatchWriter out) {
        try {
            out.putDouble(Float.parseFloat(new String(b, offset, length, StandardCharsets.ISO_8859_1)));
        } catch (NumberFormatException e) {
            throw Malformed.value("real", length);
        }
    }

    /**
     * Up to 15 digits and a power of ten up to 22 are exact in a double, so one multiplication or division rounds correctly (W. Clinger, "How
     * to read floating point numbers accurately", 1990); the rest is the JDK's.
     */
    static double parseDouble(byte[] b, int offset, int length) {
        int end = offset + length;
        boolean negative = length > 0 && b[offset] == '-';
        long digits = 0;
        int count = 0;
        int exponent = 0;
        boolean fraction = false;
        int at = negative ? offset + 1 : offset;
        for (; at < end; at++) {
            int digit = b[at] - '0';
            if (digit >= 0 && digit <= 9 && count < 15) {
                digits = digits * 10 + digit;
                count++;
                exponent -= fraction ? 1 : 0;
            } else if (b[at] == '.' && !fraction) {
                fraction = true;
            } else {
                return slowDouble(b, offset, length);
            }
        }
        if (count == 0 || -exponent >= TENS.length) {
            return slowDouble(b, offset, length);
        }
        double value = digits / TENS[-exponent];
        return negative ? -value : value;
    }

    private static double slowDouble(byte[] b, int offset, int length) {
        try {
            return Double.parseDouble(new String(b, offset, length, StandardCharsets.ISO_8859_1));
        } catch (NumberFormatException e) {
            throw Malformed.value("double precision", length);
        }
    }

    /**
     * Money in whatever locale: its digits are the number the server keeps, and {@code scale} says where the point stands. Negative by a
     * minus sign or by parentheses, as the locales have it.
     */
    static CellDecoder money(int scale) {
        return (b, offset, length, out) -> out.putDecimal(parseMoney(b, offset, length), scale);
    }

    static long parseMoney(byte[] b, int offset, int length) {
        boolean negative = false;
        long value = 0; // kept negative, as in parseLong
        int digits = 0;
        for (int at = offset; at < offset + length; at++) {
            int digit = b[at] - '0';
            if (digit >= 0 && digit <= 9) {
                value = value * 10 - digit;
                digits++;
            } else if (b[at] == '-' || b[at] == '(') {
                negative = true;
            }
        }
        if (digits == 0 || digits > 19 || value > 0 || (!negative && value == Long.MIN_VALUE)) {
            throw Malformed.value("money", length);
        }
        return negative ? value : -value;
    }

    /**
     * The hex form, {@code \x0aff}. An outsize value is decoded where it stands, since there is hardly room for it beside its text, and its second
     * character changed, so that it is known should it be asked for again (a row before shares it with the row).
     */
    static void bytea(byte[] b, int offset, int length, BatchWriter out) {
        if (length < 2 || (length & 1) != 0 || b[offset] != '\\') {
            throw Malformed.value("bytea", length);
        }
        int bytes = (length - 2) / 2;
        if (bytes < IN_PLACE_BYTES) {
            byte[] value = new byte[bytes];
            hex(b, offset, length, value, 0);
            out.lendBytes(value, 0, bytes);
            return;
        }
        if (b[offset + 1] != DECODED) {
            hex(b, offset, length, b, offset + 2);
            b[offset + 1] = DECODED;
        }
        out.lendBytes(b, offset + 2, bytes);
    }

    private static void hex(byte[] b, int offset, int length, byte[] to, int at) {
        if (b[offset + 1] != 'x') {
            throw Malformed.value("bytea", length);
        }
        int place = at;
        for (int from = offset + 2; from < offset + length; from += 2) {
            int high = Character.digit(b[from], 16);
            int low = Character.digit(b[from + 1], 16);
            if (high < 0 || low < 0) {
                throw Malformed.value("bytea", length);
            }
            to[place++] = (byte) (high << 4 | low);
        }
    }
}
