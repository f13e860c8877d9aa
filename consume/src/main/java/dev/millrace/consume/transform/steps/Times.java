package dev.millrace.consume.transform.steps;

import dev.millrace.consume.transform.EventFailure;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.util.Locale;

/**
 * Times and texts: {@code 2024-05-01}, {@code 13:00:05.25}, {@code 2024-05-01T13:00:05.25}, the same with an offset behind; reading also takes a
 * space for the T, and no seconds. Exact to the nanosecond.
 */
final class Times {
    static final long NANOS = 1_000_000_000L;
    static final long DAY_NANOS = 86_400 * NANOS;
    private static final int LONGEST = 60;

    private static final DateTimeFormatter DATE_TIME = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .appendPattern("['T'][ ]")
            .append(DateTimeFormatter.ISO_LOCAL_TIME)
            .toFormatter(Locale.ROOT)
            .withResolverStyle(ResolverStyle.STRICT);

    private static final DateTimeFormatter ZONED = new DateTimeFormatterBuilder()
            .append(DATE_TIME)
            .optionalStart()
            .appendOffset("+HH:MM", "Z")
            .optionalEnd()
            .optionalStart()
            .appendOffset("+HHmm", "Z")
            .optionalEnd()
            .toFormatter(Locale.ROOT)
            .withResolverStyle(ResolverStyle.STRICT);

    private Times() {}

    /** Computes with times; what lies beyond them fails the event. */
    interface Computation<T> {
        T run();
    }

    static <T> T within(Computation<T> computation) {
        try {
            return computation.run();
        } catch (DateTimeException outside) {
            throw new EventFailure(
                    "TRANSFORM_TIME",
                    "",
                    "a time lies outside of what can be computed with",
                    "Correct the row at the source, or leave the column as it is.");
        }
    }

    static LocalDate date(Value value) {
        return within(() -> LocalDate.ofEpochDay(value.number));
    }

    static LocalDateTime dateTime(Value value) {
        return within(() -> LocalDateTime.ofEpochSecond(value.number, value.nano, ZoneOffset.UTC));
    }

    static OffsetDateTime zoned(Value value) {
        return within(() -> {
            ZoneOffset offset = ZoneOffset.ofTotalSeconds(value.offset);
            return LocalDateTime.ofEpochSecond(value.number, value.nano, offset).atOffset(offset);
        });
    }

    static void set(Value out, LocalDateTime time) {
        Instant instant = time.toInstant(ZoneOffset.UTC);
        out.moment(instant.getEpochSecond(), instant.getNano(), 0);
    }

    static void set(Value out, OffsetDateTime time) {
        out.moment(time.toEpochSecond(), time.getNano(), time.getOffset().getTotalSeconds());
    }

    static void readDate(String text, Value out) {
        set(out, read(text, "a date", () -> LocalDate.parse(text)), text);
    }

    /** @param text what the date was, for messages */
    static void set(Value out, LocalDate date, String text) {
        long days = date.toEpochDay();
        // the least and the greatest stand for the infinities
        if (days <= Integer.MIN_VALUE || days >= Integer.MAX_VALUE) {
            throw Casts.unfit(text, "a date between the years -5877641 and 5881580");
        }
        out.number(days);
    }

    static void readTime(String text, Value out) {
        out.number(read(text, "a time", () -> LocalTime.parse(text)).toNanoOfDay());
    }

    static void readDateTime(String text, Value out) {
        set(out, read(text, "a date and time", () -> LocalDateTime.parse(text, DATE_TIME)));
    }

    static void readZoned(String text, Value out) {
        set(out, read(text, "a date and time with an offset", () -> OffsetDateTime.parse(text, ZONED)));
    }

    private static <T> T read(String text, String what, Computation<T> parse) {
        try {
            if (text.length() <= LONGEST) {
                return parse.run();
            }
        } catch (DateTimeParseException e) {
            throw Casts.unfit(text, what);
        }
        throw Casts.unfit(text, what);
    }

    static String dateTimeText(LocalDateTime time) {
        return time.toLocalDate() + "T" + clock(time.toLocalTime().toNanoOfDay());
    }

    static String zonedText(OffsetDateTime time) {
        return dateTimeText(time.toLocalDateTime()) + time.getOffset();
    }

    /** {@code hh:mm:ss}, with a fraction as long as it has digits; hours may be more than a day's. */
    static String clock(long nanos) {
        long size = Math.abs(nanos);
        StringBuilder text = new StringBuilder(18);
        if (nanos < 0) {
            text.append('-');
        }
        two(text, size / (3_600 * NANOS)).append(':');
        two(text, size / (60 * NANOS) % 60).append(':');
        two(text, size / NANOS % 60);
        long fraction = size % NANOS;
        if (fraction != 0) {
            text.append('.');
            for (long unit = NANOS / 10; fraction > 0; unit /= 10) {
                text.append((char) ('0' + fraction / unit));
                fraction %= unit;
            }
        }
        return text.toString();
    }

    private static StringBuilder two(StringBuilder text, long number) {
        return number < 10 ? text.append('0').append(number) : text.append(number);
    }
}
