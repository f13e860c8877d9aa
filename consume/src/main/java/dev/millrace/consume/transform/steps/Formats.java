package dev.millrace.consume.transform.steps;

import dev.millrace.config.transform.StepDefinition.TextFormat;
import dev.millrace.consume.script.StrictPattern;
import dev.millrace.consume.transform.EventFailure;
import dev.millrace.storage.batch.Special;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Type;
import java.math.BigDecimal;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.text.ParsePosition;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalQueries;
import java.time.temporal.TemporalQuery;
import java.util.Locale;

/** Numbers and times as texts by patterns, and back: {@link DecimalFormat}'s and {@link DateTimeFormatter}'s, strict in reading. */
final class Formats {
    private static final int LONGEST = 1_000;

    private Formats() {}

    /** @throws StepProblem for a pattern or type that can't be */
    static Casts.Cast parse(TextFormat format, DataType to) {
        return switch (to.type()) {
            case BYTE, SHORT, INTEGER, LONG, FLOAT, DOUBLE, DECIMAL -> parseNumber(format, to);
            case DATE -> {
                DateTimeFormatter pattern = pattern(format);
                yield (in, out) ->
                        Times.set(out, read(in.text(), pattern, LocalDate::from, "a date", format), in.text());
            }
            case TIME -> {
                DateTimeFormatter pattern = pattern(format);
                yield (in, out) -> out.number(read(in.text(), pattern, LocalTime::from, "a time", format)
                        .toNanoOfDay());
            }
            case DATETIME -> {
                DateTimeFormatter pattern = pattern(format);
                yield (in, out) -> Times.set(out, moment(in.text(), pattern, format));
            }
            case ZONED_DATETIME -> {
                DateTimeFormatter pattern = pattern(format).withZone(ZoneId.of(format.zone()));
                yield (in, out) -> Times.set(out, read(in.text(), pattern, Formats::zoned, "a time", format));
            }
            default ->
                throw new StepProblem(
                        "'parse' makes no " + to.type(), "Name a number's or a time's type, or use 'cast'.");
        };
    }

    /** A time that a clock put forward passes over is none; of one that comes twice it is the first. */
    private static OffsetDateTime zoned(TemporalAccessor parsed) {
        ZonedDateTime time = ZonedDateTime.from(parsed);
        boolean ownOffset = parsed.isSupported(ChronoField.OFFSET_SECONDS);
        LocalDateTime written = parsed.query(TemporalQueries.localDate()) == null ? null : LocalDateTime.from(parsed);
        if (!ownOffset && written != null && !written.equals(time.toLocalDateTime())) {
            throw new DateTimeException("the zone has no such time");
        }
        return time.toOffsetDateTime();
    }

    private static LocalDateTime moment(String text, DateTimeFormatter pattern, TextFormat format) {
        return read(text, pattern, LocalDateTime::from, "a date and time", format);
    }

    private static <T> T read(
            String text, DateTimeFormatter pattern, TemporalQuery<T> query, String wanted, TextFormat format) {
        try {
            if (text.length() <= LONGEST) {
                return pattern.parse(text, query);
            }
        } catch (DateTimeException none) {
            throw Casts.unfit(text, wanted + " in the form " + format.pattern());
        }
        throw Casts.unfit(text, wanted + " in the form " + format.pattern());
    }

    private static Casts.Cast parseNumber(TextFormat format, DataType to) {
        DecimalFormat pattern = numbers(format);
        pattern.setParseBigDecimal(true);
        Casts.Cast fit = Casts.of(DataType.of(Type.DECIMAL), to);
        ParsePosition position = new ParsePosition(0);
        Value number = new Value();
        return (in, out) -> {
            String text = in.text();
            position.setIndex(0);
            position.setErrorIndex(-1);
            Number read = text.length() <= LONGEST ? pattern.parse(text, position) : null;
            if (!(read instanceof BigDecimal decimal)
                    || position.getIndex() != text.length()
                    || !isGrouped(text, pattern)
                    || Math.abs((long) decimal.scale()) > Numbers.LARGEST_EXPONENT) {
                throw Casts.unfit(text, "a number in the form " + format.pattern());
            }
            number.object(decimal);
            fit.apply(number, out);
        };
    }

    /** Java reads 1,5 as 15 where the comma parts thousands: it has to part them where the form does. */
    private static boolean isGrouped(String text, DecimalFormat pattern) {
        char mark = pattern.getDecimalFormatSymbols().getGroupingSeparator();
        boolean negative = !pattern.getNegativePrefix().isEmpty() && text.startsWith(pattern.getNegativePrefix());
        int at = negative
                ? pattern.getNegativePrefix().length()
                : pattern.getPositivePrefix().length();
        int sinceMark = 0;
        boolean marked = false;
        for (; at < text.length() && (Character.isDigit(text.charAt(at)) || text.charAt(at) == mark); at++) {
            if (text.charAt(at) != mark) {
                sinceMark++;
            } else if (!pattern.isGroupingUsed()
                    || sinceMark == 0
                    || sinceMark > pattern.getGroupingSize()
                    || marked && sinceMark != pattern.getGroupingSize()) {
                return false;
            } else {
                marked = true;
                sinceMark = 0;
            }
        }
        return !marked || sinceMark == pattern.getGroupingSize();
    }

    static Casts.Cast format(TextFormat format, Type from) {
        return switch (from) {
            case BYTE, SHORT, INTEGER, LONG -> {
                DecimalFormat pattern = numbers(format);
                yield (in, out) -> out.object(pattern.format(in.number));
            }
            case FLOAT -> {
                DecimalFormat pattern = numbers(format);
                yield (in, out) -> out.object(
                        finite(in.real)
                                ? pattern.format(new BigDecimal(Float.toString((float) in.real)))
                                : special(in.real));
            }
            case DOUBLE -> {
                DecimalFormat pattern = numbers(format);
                yield (in, out) -> out.object(
                        finite(in.real) ? pattern.format(new BigDecimal(Double.toString(in.real))) : special(in.real));
            }
            case DECIMAL -> {
                DecimalFormat pattern = numbers(format);
                yield (in, out) -> out.object(in.special != null ? Casts.text(in, from) : pattern.format(in.decimal()));
            }
            case DATE, TIME, DATETIME, ZONED_DATETIME -> time(format, from);
            default ->
                throw new StepProblem(
                        "a " + from + " has no format", "Use it on a number or a time, or an expression.");
        };
    }

    private static boolean finite(double value) {
        return !Double.isNaN(value) && !Double.isInfinite(value);
    }

    private static String special(double value) {
        return Double.toString(value);
    }

    private static Casts.Cast time(TextFormat format, Type from) {
        DateTimeFormatter pattern = pattern(format);
        ZoneId zone = ZoneId.of(format.zone());
        return (in, out) -> {
            if (in.special == Special.POSITIVE_INFINITY || in.special == Special.NEGATIVE_INFINITY) {
                out.object(Casts.text(in, from));
                return;
            }
            TemporalAccessor time =
                    switch (from) {
                        case DATE -> Times.date(in);
                        case TIME -> Times.within(() -> LocalTime.ofNanoOfDay(in.number));
                        case DATETIME -> Times.dateTime(in);
                        default -> Times.zoned(in).atZoneSameInstant(zone);
                    };
            try {
                out.object(pattern.format(time));
            } catch (DateTimeException missing) {
                throw new EventFailure(
                        "TRANSFORM_TIME",
                        "",
                        "the form " + format.pattern() + " asks for what a " + from + " has not, or has no room for",
                        "Correct the form.");
            }
        };
    }

    private static DecimalFormat numbers(TextFormat format) {
        try {
            return new DecimalFormat(
                    format.pattern(), DecimalFormatSymbols.getInstance(Locale.forLanguageTag(format.locale())));
        } catch (IllegalArgumentException e) {
            throw new StepProblem(
                    "'" + format.pattern() + "' is no form of numbers: " + e.getMessage(), "Write one like #,##0.00.");
        }
    }

    private static DateTimeFormatter pattern(TextFormat format) {
        try {
            return DateTimeFormatter.ofPattern(
                            StrictPattern.of(format.pattern()), Locale.forLanguageTag(format.locale()))
                    .withResolverStyle(ResolverStyle.STRICT);
        } catch (IllegalArgumentException e) {
            throw new StepProblem(
                    "'" + format.pattern() + "' is no form of times: " + e.getMessage(),
                    "Write one like dd.MM.yyyy HH:mm:ss.");
        }
    }
}
