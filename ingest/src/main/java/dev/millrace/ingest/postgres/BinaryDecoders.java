package dev.millrace.ingest.postgres;

import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.Special;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteOrder;

/** Decoders of binary forms, as the types' send functions write them (PostgreSQL source, {@code src/backend/utils/adt}). */
final class BinaryDecoders {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
    private static final long[] TENS = new long[19];

    /** 2000-01-01, from which PostgreSQL counts. */
    private static final long EPOCH_DAYS = 10_957;

    /** The server's own limits, 4714-11-24 BC and 5874897-12-31. */
    private static final int FIRST_DAY = -2_451_545;

    private static final int LAST_DAY = 2_145_031_948;
    private static final long DAY_MICROS = 86_400_000_000L;

    private static final long EPOCH_SECONDS = 946_684_800L;

    static {
        TENS[0] = 1;
        for (int i = 1; i < TENS.length; i++) {
            TENS[i] = TENS[i - 1] * 10;
        }
    }

    private BinaryDecoders() {}

    static short shortAt(byte[] b, int offset) {
        return (short) SHORT.get(b, offset);
    }

    static int intAt(byte[] b, int offset) {
        return (int) INT.get(b, offset);
    }

    static long longAt(byte[] b, int offset) {
        return (long) LONG.get(b, offset);
    }

    static void bool(byte[] b, int offset, int length, BatchWriter out) {
        expect("boolean", 1, length);
        out.putBoolean(b[offset] != 0);
    }

    static void int2(byte[] b, int offset, int length, BatchWriter out) {
        expect("smallint", 2, length);
        out.putLong(shortAt(b, offset));
    }

    static void int4(byte[] b, int offset, int length, BatchWriter out) {
        expect("integer", 4, length);
        out.putLong(intAt(b, offset));
    }

    static void int8(byte[] b, int offset, int length, BatchWriter out) {
        expect("bigint", 8, length);
        out.putLong(longAt(b, offset));
    }

    static void oid(byte[] b, int offset, int length, BatchWriter out) {
        expect("oid", 4, length);
        out.putLong(Integer.toUnsignedLong(intAt(b, offset)));
    }

    /** NaN has many bit patterns and one text form; Java's conversions leave one. */
    static void float4(byte[] b, int offset, int length, BatchWriter out) {
        expect("real", 4, length);
        float value = Float.intBitsToFloat(intAt(b, offset));
        out.putDouble(Float.isNaN(value) ? Double.NaN : value);
    }

    static void float8(byte[] b, int offset, int length, BatchWriter out) {
        expect("double precision", 8, length);
        double value = Double.longBitsToDouble(longAt(b, offset));
        out.putDouble(Double.isNaN(value) ? Double.NaN : value);
    }

    static CellDecoder money(int scale) {
        return (b, offset, length, out) -> {
            expect("money", 8, length);
            out.putDecimal(longAt(b, offset), scale);
        };
    }

    static void date(byte[] b, int offset, int length, BatchWriter out) {
        expect("date", 4, length);
        int days = intAt(b, offset);
        if (days == Integer.MAX_VALUE || days == Integer.MIN_VALUE) {
            out.putSpecial(days > 0 ? Special.POSITIVE_INFINITY : Special.NEGATIVE_INFINITY);
        } else if (days >= FIRST_DAY && days <= LAST_DAY) {
            out.putLong(days + EPOCH_DAYS);
        } else {
            throw Malformed.value("date", length);
        }
    }

    static void time(byte[] b, int offset, int length, BatchWriter out) {
        expect("time", 8, length);
        long micros = longAt(b, offset);
        if (micros < 0 || micros > DAY_MICROS) {
            throw Malformed.value("time", length);
        }
        out.putLong(micros * 1000);
    }

    static void timestamp(byte[] b, int offset, int length, BatchWriter out) {
        expect("timestamp", 8, length);
        long micros = longAt(b, offset);
        if (!putInfinity(micros, out)) {
            out.putDateTime(
                    Math.floorDiv(micros, 1_000_000L) + EPOCH_SECONDS, (int) Math.floorMod(micros, 1_000_000L) * 1000);
        }
    }

    static void timestamptz(byte[] b, int offset, int length, BatchWriter out) {
        expect("timestamp with time zone", 8, length);
        long micros = longAt(b, offset);
        if (!putInfinity(micros, out)) {
            out.putZonedDateTime(
                    Math.floorDiv(micros, 1_000_000L) + EPOCH_SECONDS,
                    (int) Math.floorMod(micros, 1_000_000L) * 1000,
                    0);
        }
    }

    private static boolean putInfinity(long micros, BatchWriter out) {
        if (micros != Long.MAX_VALUE && micros != Long.MIN_VALUE) {
            return false;
        }
        out.putSpecial(micros > 0 ? Special.POSITIVE_INFINITY : Special.NEGATIVE_INFINITY);
        return true;
    }

    static void uuid(byte[] b, int offset, int length, BatchWriter out) {
        expect("uuid", 16, length);
        byte[] text = new byte[36];
        int to = 0;
        for (int i = 0; i < 16; i++) {
            if (i == 4 || i == 6 || i == 8 || i == 10) {
                text[to++] = '-';
            }
            text[to++] = HEX[b[offset + i] >> 4 & 15];
            text[to++] = HEX[b[offset + i] & 15];
        }
        out.putBytes(text, 0, 36);
    }

    /** A version byte, then the text. */
    static void jsonb(byte[] b, int offset, int length, BatchWriter out) {
        if (length < 2 || b[offset] != 1) {
            throw Malformed.value("jsonb", length);
        }
        out.lendBytes(b, offset + 1, length - 1);
    }

    /**
     * Counts of base-10000 digits, weight of the first, sign, digits behind the point, then the digits. Trailing zero digits are left out, so
     * the unscaled value is the digits' number times or divided by a power of ten.
     */
    static void numeric(byte[] b, int offset, int length, BatchWriter out) {
        if (length < 8) {
            throw Malformed.value("numeric", length);
        }
        int digits = shortAt(b, offset) & 0xffff; // up to 36,864 of them
        int weight = shortAt(b, offset + 2);
        int sign = shortAt(b, offset + 4) & 0xffff;
        int scale = shortAt(b, offset + 6);
        if (length != 8 + 2 * digits || scale < 0) {
            throw Malformed.value("numeric", length);
        }
        if (sign != 0 && sign != 0x4000) {
            out.putSpecial(
                    switch (sign) {
                        case 0xC000 -> Special.NAN;
                        case 0xD000 -> Special.POSITIVE_INFINITY;
                        case 0xF000 -> Special.NEGATIVE_INFINITY;
                        default -> throw Malformed.value("numeric", length);
                    });
            return;
        }
        int exponent = digits == 0 ? 0 : scale + 4 * (weight - digits + 1);
        boolean fitsLong = digits <= 4 || digits == 5 && shortAt(b, offset + 8) < 922;
        if (fitsLong && exponent < TENS.length && exponent > -TENS.length) {
            long value = 0;
            for (int i = 0; i < digits; i++) {
                value = value * 10_000 + digit(b, offset + 8 + 2 * i, length);
            }
            if (exponent <= 0 || value <= Long.MAX_VALUE / TENS[exponent]) {
                value = exponent <= 0 ? value / TENS[-exponent] : value * TENS[exponent];
                out.putDecimal(sign == 0 ? value : -value, scale);
                return;
            }
        }
        bigNumeric(b, offset + 8, digits, exponent, sign != 0, scale, out);
    }

    private static int digit(byte[] b, int offset, int length) {
        int digit = shortAt(b, offset);
        if (digit < 0 || digit > 9999) {
            throw Malformed.value("numeric", length);
        }
        return digit;
    }

    private static void bigNumeric(
            byte[] b, int offset, int digits, int exponent, boolean negative, int scale, BatchWriter out) {
        StringBuilder text = new StringBuilder(4 * digits + Math.max(0, exponent) + 1).append('0');
        for (int i = 0; i < digits; i++) {
            int digit = digit(b, offset + 2 * i, 8 + 2 * digits);
            text.append((char) ('0' + digit / 1000)).append((char) ('0' + digit / 100 % 10));
            text.append((char) ('0' + digit / 10 % 10)).append((char) ('0' + digit % 10));
        }
        if (exponent >= 0) {
            text.append("0".repeat(exponent));
        } else {
            text.setLength(Math.max(1, text.length() + exponent));
        }
        BigInteger unscaled = new BigInteger(text.toString());
        TextDecoders.putDecimal(new BigDecimal(negative ? unscaled.negate() : unscaled, scale), out);
    }

    private static void expect(String type, int expected, int length) {
        if (length != expected) {
            throw Malformed.value(type, length);
        }
    }
}
