package dev.millrace.consume.script;

import dev.millrace.storage.batch.Special;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Times as the texts a script sees: {@code 2024-05-01}, {@code 13:00:05.25}, {@code 2024-05-01T13:00:05.25}, {@code
 * 2024-05-01T13:00:05.25+02:00} or {@code …Z}; a fraction as long as it has digits, years before 0 and beyond 9999 with a sign, {@code infinity}
 * and {@code -infinity}. Reading takes a space for the T as well, and gives back null for what is no such time. Exact to the nanosecond.
 */
final class IsoTimes {
    private static final Pattern TIME = Pattern.compile("(-?)(\\d{1,7}):(\\d\\d):(\\d\\d)(?:\\.(\\d{1,9}))?");
    private static final int LONGEST = 50;

    private IsoTimes() {}

    static String text(Object time) {
        if (time instanceof Special special) {
            return special == Special.POSITIVE_INFINITY ? "infinity" : "-infinity";
        }
        if (time instanceof LocalDateTime local) {
            return local.toLocalDate() + "T" + clock(local.toLocalTime());
        }
        if (time instanceof OffsetDateTime zoned) {
            return zoned.toLocalDate() + "T" + clock(zoned.toLocalTime()) + zoned.getOffset();
        }
        return time instanceof Duration duration ? span(duration) : time.toString();
    }

    private static String clock(LocalTime time) {
        return span(Duration.ofNanos(time.toNanoOfDay()));
    }

    private static String span(Duration span) {
        Duration size = span.abs();
        StringBuilder text = new StringBuilder(18);
        if (span.isNegative()) {
            text.append('-');
        }
        two(text, size.toHours()).append(':');
        two(text, size.toMinutesPart()).append(':');
        two(text, size.toSecondsPart());
        int nanos = size.toNanosPart();
        if (nanos != 0) {
            int end = text.length() + 10;
            text.append('.').append(1_000_000_000L + nanos).deleteCharAt(end - 9);
            while (text.charAt(text.length() - 1) == '0') {
                text.setLength(text.length() - 1);
            }
        }
        return text.toString();
    }

    private static StringBuilder two(StringBuilder text, long number) {
        return number < 10 ? text.append('0').append(number) : text.append(number);
    }

    static Special infinity(String text) {
        return switch (text) {
            case "infinity" -> Special.POSITIVE_INFINITY;
            case "-infinity" -> Special.NEGATIVE_INFINITY;
            default -> null;
        };
    }

    static LocalDate date(String text) {
        try {
            return text.length() > LONGEST ? null : LocalDate.parse(text);
        } catch (DateTimeException none) {
            return null;
        }
    }

    static LocalDateTime dateTime(String text) {
        try {
            return text.length() > LONGEST
                    ? null
                    : LocalDateTime.parse(text.replace(' ', 'T'), DateTimeFormatter.ISO_LOCAL_DATE_TIME);
        } catch (DateTimeException none) {
            return null;
        }
    }

    static OffsetDateTime zoned(String text) {
        try {
            return text.length() > LONGEST
                    ? null
                    : OffsetDateTime.parse(text.replace(' ', 'T'), DateTimeFormatter.ISO_OFFSET_DATE_TIME);
        } catch (DateTimeException none) {
            return null;
        }
    }

    /** From midnight; may be negative or more than a day. */
    static Duration time(String text) {
        Matcher parts = TIME.matcher(text);
        if (text.length() > LONGEST || !parts.matches()) {
            return null;
        }
        int minutes = Integer.parseInt(parts.group(3));
        int seconds = Integer.parseInt(parts.group(4));
        long hours = Long.parseLong(parts.group(2));
        if (minutes > 59 || seconds > 59 || hours > 2_500_000) {
            return null;
        }
        String fraction = parts.group(5) == null ? "" : parts.group(5);
        long nanos = Long.parseLong(fraction + "0".repeat(9 - fraction.length()));
        Duration time = Duration.ofSeconds(hours * 3_600 + minutes * 60L + seconds, nanos);
        return parts.group(1).isEmpty() ? time : time.negated();
    }

    static OffsetDateTime ofMicros(long micros) {
        long seconds = Math.floorDiv(micros, 1_000_000L);
        int nanos = (int) Math.floorMod(micros, 1_000_000L) * 1_000;
        return LocalDateTime.ofEpochSecond(seconds, nanos, ZoneOffset.UTC).atOffset(ZoneOffset.UTC);
    }
}
