package dev.millrace.ingest.postgres;

import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.Special;

/**
 * Decoders of dates and times in PostgreSQL's ISO text form: {@code 2024-02-29 23:59:59.123456+00}, with {@code BC} behind for years before
 * Christ, years beyond 9999, and {@code infinity} and {@code -infinity}.
 */
final class TimeText {
    private static final long DAY_SECONDS = 86_400;
    private static final int LAST_YEAR = 5_874_897; // the server's last

    private TimeText() {}

    static void date(byte[] b, int offset, int length, BatchWriter out) {
        if (putInfinity(b, offset, length, out)) {
            return;
        }
        int end = endOfDigits(b, offset, length);
        int dash = dash(b, offset, end);
        if (end != dash + 6) {
            throw Malformed.value("date", length);
        }
        out.putLong(day(b, offset, dash, end, end < offset + length));
    }

    static void time(byte[] b, int offset, int length, BatchWriter out) {
        int end = offset + length;
        int behind = offset + 8;
        long nanos = secondOfDay(b, offset, end) * 1_000_000_000;
        if (behind < end) {
            int fractionEnd = fractionEnd(b, behind, end);
            if (fractionEnd != end) {
                throw Malformed.value("time", length);
            }
            nanos += nanos(b, behind, fractionEnd);
        }
        out.putLong(nanos);
    }

    static void timestamp(byte[] b, int offset, int length, BatchWriter out) {
        if (!putInfinity(b, offset, length, out)) {
            instant(b, offset, length, false, out);
        }
    }

    /** The instant; PostgreSQL keeps no offset, so the one in the text (the session's) is taken off. */
    static void timestamptz(byte[] b, int offset, int length, BatchWriter out) {
        if (!putInfinity(b, offset, length, out)) {
            instant(b, offset, length, true, out);
        }
    }

    private static void instant(byte[] b, int offset, int length, boolean zoned, BatchWriter out) {
        int end = endOfDigits(b, offset, length);
        int dash = dash(b, offset, end);
        long seconds = day(b, offset, dash, end, end < offset + length) * DAY_SECONDS + secondOfDay(b, dash + 7, end);
        int at = dash + 15;
        int nano = 0;
        if (at < end && b[at] == '.') {
            int fractionEnd = fractionEnd(b, at, end);
            nano = nanos(b, at, fractionEnd);
            at = fractionEnd;
        }
        if (zoned) {
            out.putZonedDateTime(seconds - offsetSeconds(b, at, end), nano, 0);
        } else if (at == end) {
            out.putDateTime(seconds, nano);
        } else {
            throw Malformed.value("timestamp", length);
        }
    }

    private static boolean putInfinity(byte[] b, int offset, int length, BatchWriter out) {
        if (length < 8) {
            throw Malformed.value("date or timestamp", length);
        }
        if (b[offset] == 'i') {
            out.putSpecial(Special.POSITIVE_INFINITY);
            return true;
        }
        if (b[offset] == '-') {
            out.putSpecial(Special.NEGATIVE_INFINITY);
            return true;
        }
        return false;
    }

    /** Where a {@code " BC"} begins, or the value's end. */
    private static int endOfDigits(byte[] b, int offset, int length) {
        int end = offset + length;
        return b[end - 1] == 'C' ? end - 3 : end;
    }

    private static int dash(byte[] b, int offset, int end) {
        int at = offset;
        while (at < end && b[at] != '-') {
            at++;
        }
        return at;
    }

    /** Days from 1970-01-01 in the proleptic Gregorian calendar (H. Hinnant, "chrono-compatible low-level date algorithms"). */
    private static long day(byte[] b, int offset, int dash, int end, boolean beforeChrist) {
        int year = 0;
        for (int at = offset; at < dash; at++) {
            year = year * 10 + digit(b, at, end);
            if (year > LAST_YEAR) {
                throw Malformed.value("date", end - offset);
            }
        }
        int month = two(b, dash + 1, end);
        int dayOfMonth = two(b, dash + 4, end);
        if (month < 1 || month > 12 || dayOfMonth < 1 || dayOfMonth > 31) {
            throw Malformed.value("date", end - offset);
        }
        long y = beforeChrist ? 1 - year : year; // there is no year 0: 1 BC stands before AD 1
        y -= month <= 2 ? 1 : 0;
        long era = Math.floorDiv(y, 400L);
        long yearOfEra = y - era * 400;
        long dayOfYear = (153L * (month + (month > 2 ? -3 : 9)) + 2) / 5 + dayOfMonth - 1;
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468;
    }

    private static long secondOfDay(byte[] b, int at, int end) {
        return two(b, at, end) * 3600L + two(b, at + 3, end) * 60L + two(b, at + 6, end);
    }

    private static int fractionEnd(byte[] b, int point, int end) {
        int at = point + 1;
        while (at < end && b[at] >= '0' && b[at] <= '9') {
            at++;
        }
        if (b[point] != '.' || at - point > 10) {
            throw Malformed.value("time", end - point);
        }
        return at;
    }

    private static int nanos(byte[] b, int point, int fractionEnd) {
        int value = 0;
        for (int i = 1; i <= 9; i++) {
            value = value * 10 + (point + i < fractionEnd ? b[point + i] - '0' : 0);
        }
        return value;
    }

    /** {@code +05}, {@code -03:30}, {@code +00:19:32}. */
    private static int offsetSeconds(byte[] b, int at, int end) {
        int parts = (end - at) / 3;
        if (parts < 1 || parts > 3 || (end - at) % 3 != 0 || (b[at] != '+' && b[at] != '-')) {
            throw Malformed.value("timestamp with time zone", end - at);
        }
        int seconds = two(b, at + 1, end) * 3600;
        seconds += parts > 1 ? two(b, at + 4, end) * 60 : 0;
        seconds += parts > 2 ? two(b, at + 7, end) : 0;
        return b[at] == '-' ? -seconds : seconds;
    }

    private static int two(byte[] b, int at, int end) {
        return digit(b, at, end) * 10 + digit(b, at + 1, end);
    }

    private static int digit(byte[] b, int at, int end) {
        int digit = at < end ? b[at] - '0' : -1;
        if (digit < 0 || digit > 9) {
            throw Malformed.value("date or time", end);
        }
        return digit;
    }
}
