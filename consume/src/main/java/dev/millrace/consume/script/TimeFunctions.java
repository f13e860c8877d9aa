package dev.millrace.consume.script;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoUnit;
import java.time.temporal.Temporal;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalQueries;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.mozilla.javascript.EcmaError;
import org.mozilla.javascript.ScriptRuntime;
import org.mozilla.javascript.ScriptableObject;

/**
 * {@code Time}: dates and times as the texts that cells are, exact to the nanosecond. {@code now()} is the event's time; {@code parse(text,
 * pattern)} and {@code format(time, pattern)} take the patterns of java.time in English; {@code plus(time, n, unit)}, {@code truncate(time,
 * unit)}, {@code between(from, to, unit)} take the units {@code years} to {@code nanos}; {@code inZone(time, zone)} says an instant in a zone's
 * own offset, and gives a time without an offset the zone's.
 */
final class TimeFunctions {
    private static final int KEPT_PATTERNS = 100;
    /** What is kept is no event's, so that it has to be small: no form of a time is longer. */
    private static final int LONGEST_PATTERN = 200;

    private final Map<String, DateTimeFormatter> patterns = new HashMap<>();

    private TimeFunctions() {}

    static void install(ScriptableObject scope, ScriptableObject time) {
        TimeFunctions functions = new TimeFunctions();
        Helpers.define(
                scope,
                time,
                "now",
                0,
                (context, any, self, args) ->
                        IsoTimes.text(IsoTimes.ofMicros(((LimitedContext) context).eventMicros())));
        Helpers.define(
                scope,
                time,
                "parse",
                2,
                (context, any, self, args) ->
                        checked(() -> functions.parse(Helpers.text(args, 0), Helpers.text(args, 1))));
        Helpers.define(
                scope,
                time,
                "format",
                2,
                (context, any, self, args) ->
                        checked(() -> functions.pattern(Helpers.text(args, 1)).format(time(args, 0))));
        Helpers.define(
                scope,
                time,
                "plus",
                3,
                (context, any, self, args) -> checked(() ->
                        IsoTimes.text(time(args, 0).plus((long) ScriptRuntime.toInteger(args, 1), unit(args, 2)))));
        Helpers.define(
                scope,
                time,
                "truncate",
                2,
                (context, any, self, args) -> checked(() -> IsoTimes.text(truncated(time(args, 0), unit(args, 1)))));
        Helpers.define(
                scope,
                time,
                "between",
                3,
                (context, any, self, args) ->
                        checked(() -> JsValues.number(unit(args, 2).between(time(args, 0), time(args, 1)))));
        Helpers.define(
                scope,
                time,
                "inZone",
                2,
                (context, any, self, args) ->
                        checked(() -> IsoTimes.text(inZone(time(args, 0), ZoneId.of(Helpers.text(args, 1))))));
    }

    private interface Step {
        Object run();
    }

    private static Object checked(Step step) {
        try {
            return step.run();
        } catch (DateTimeException | ArithmeticException | IllegalArgumentException unfit) {
            throw ScriptRuntime.rangeError(String.valueOf(unfit.getMessage()));
        }
    }

    private String parse(String text, String pattern) {
        TemporalAccessor parsed = pattern(pattern).parse(text);
        LocalDate day = parsed.query(TemporalQueries.localDate());
        var clock = parsed.query(TemporalQueries.localTime());
        var offset = parsed.query(TemporalQueries.zone());
        if (day == null) {
            throw new DateTimeException("'" + pattern + "' holds no date");
        }
        if (clock == null) {
            return IsoTimes.text(day);
        }
        LocalDateTime local = day.atTime(clock);
        return IsoTimes.text(offset == null ? local : local.atZone(offset).toOffsetDateTime());
    }

    private DateTimeFormatter pattern(String pattern) {
        if (pattern.length() > LONGEST_PATTERN) {
            throw new IllegalArgumentException("a pattern has at most " + LONGEST_PATTERN + " characters");
        }
        if (patterns.size() >= KEPT_PATTERNS) {
            patterns.clear();
        }
        return patterns.computeIfAbsent(pattern, it -> DateTimeFormatter.ofPattern(StrictPattern.of(it), Locale.ENGLISH)
                .withResolverStyle(ResolverStyle.STRICT));
    }

    private static Temporal time(Object[] args, int index) {
        String text = Helpers.text(args, index);
        OffsetDateTime zoned = IsoTimes.zoned(text);
        if (zoned != null) {
            return zoned;
        }
        LocalDateTime local = IsoTimes.dateTime(text);
        LocalDate day = local == null ? IsoTimes.date(text) : null;
        if (local == null && day == null) {
            throw notATime(text);
        }
        return local == null ? day : local;
    }

    private static EcmaError notATime(String text) {
        return ScriptRuntime.typeError("not a time like 2024-05-01, 2024-05-01T13:00:05 or 2024-05-01T13:00:05Z: "
                + (text.length() > 40 ? "a text of " + text.length() + " characters" : "'" + text + "'"));
    }

    private static ChronoUnit unit(Object[] args, int index) {
        String name = Helpers.text(args, index).toUpperCase(Locale.ROOT);
        return ChronoUnit.valueOf(name.endsWith("S") ? name : name + "S");
    }

    private static Temporal truncated(Temporal time, ChronoUnit unit) {
        LocalDate day = LocalDate.from(time);
        LocalDate begin =
                switch (unit) {
                    case YEARS -> day.withDayOfYear(1);
                    case MONTHS -> day.withDayOfMonth(1);
                    case WEEKS -> day.minusDays(day.getDayOfWeek().getValue() - 1L);
                    default -> day;
                };
        boolean days = unit.compareTo(ChronoUnit.DAYS) >= 0;
        if (time instanceof LocalDateTime local) {
            return days ? begin.atStartOfDay() : local.truncatedTo(unit);
        }
        if (time instanceof OffsetDateTime zoned) {
            return days ? begin.atStartOfDay().atOffset(zoned.getOffset()) : zoned.truncatedTo(unit);
        }
        return begin;
    }

    private static OffsetDateTime inZone(Temporal time, ZoneId zone) {
        if (time instanceof OffsetDateTime zoned) {
            return zoned.atZoneSameInstant(zone).toOffsetDateTime();
        }
        LocalDateTime local =
                time instanceof LocalDateTime it ? it : LocalDate.from(time).atStartOfDay();
        return local.atZone(zone).toOffsetDateTime();
    }
}
