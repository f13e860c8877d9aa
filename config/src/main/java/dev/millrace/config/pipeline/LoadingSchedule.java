package dev.millrace.config.pipeline;

import com.cronutils.model.Cron;
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import dev.millrace.config.setting.Durations;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;

/**
 * When a destination is loaded that isn't loaded in real time. Local times follow their zone's rules: a time that a day leaves out, because
 * the clock is put forward over it, counts as the moment at which it is put forward; of a time that a day has twice the first counts, for
 * {@link AtCron} only where the expression fixes the hour. Immutable.
 */
public sealed interface LoadingSchedule {
    /** The first moment behind {@code after} at which a load is due. */
    Instant next(Instant after);

    /** As it stands in YAML. */
    String shown();

    /** So long after the load before was due. */
    record Every(Duration interval) implements LoadingSchedule {
        /** The least there may be between two loads. */
        public static final Duration LEAST = Duration.ofSeconds(1);

        public Every {
            if (interval.compareTo(LEAST) < 0) {
                throw new IllegalArgumentException("interval below one second: " + interval);
            }
        }

        @Override
        public Instant next(Instant after) {
            return after.plus(interval);
        }

        @Override
        public String shown() {
            return "{every: " + Durations.format(interval) + "}";
        }
    }

    /**
     * At these times of each day.
     *
     * @param times not empty; in order, each once
     */
    record Daily(List<LocalTime> times, ZoneId zone) implements LoadingSchedule {
        public Daily {
            Objects.requireNonNull(zone);
            times = List.copyOf(new TreeSet<>(times));
            if (times.isEmpty()) {
                throw new IllegalArgumentException("no time of the day");
            }
        }

        @Override
        public Instant next(Instant after) {
            for (LocalDate day = after.atZone(zone).toLocalDate().minusDays(1); ; day = day.plusDays(1)) {
                for (LocalTime time : times) {
                    Instant at = moment(day.atTime(time), zone);
                    if (at.isAfter(after)) {
                        return at;
                    }
                }
            }
        }

        private static Instant moment(LocalDateTime local, ZoneId zone) {
            ZoneOffsetTransition leap = zone.getRules().getTransition(local);
            return leap != null && leap.isGap()
                    ? leap.getInstant()
                    : local.atZone(zone).toInstant();
        }

        @Override
        public String shown() {
            return "{daily: " + times.stream().map(time -> "\"" + time + "\"").toList() + ", zone: " + zone + "}";
        }
    }

    /** By a Unix cron expression of five fields: minute, hour, day of month, month, day of week. */
    final class AtCron implements LoadingSchedule {
        private static final CronParser PARSER =
                new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));

        private final String expression;
        private final ZoneId zone;
        private final ExecutionTime times;
        private final boolean anyHour;

        private AtCron(String expression, ZoneId zone, ExecutionTime times) {
            this.expression = expression;
            this.zone = zone;
            this.times = times;
            this.anyHour = expression.split(" +")[1].contains("*");
        }

        /** @throws IllegalArgumentException for no such expression, with what is wrong; and for one whose time never comes */
        public static AtCron of(String expression, ZoneId zone) {
            Cron cron = PARSER.parse(expression).validate();
            ExecutionTime times = ExecutionTime.forCron(cron);
            if (times.nextExecution(Instant.EPOCH.atZone(zone)).isEmpty()) {
                throw new IllegalArgumentException("there is no such day");
            }
            return new AtCron(cron.asString(), zone, times);
        }

        /** Looked for between two leaps of the zone at a time, on a clock that has none: the library's own handling leaves times out. */
        @Override
        public Instant next(Instant after) {
            ZoneRules rules = zone.getRules();
            ZoneOffset offset = rules.getOffset(after);
            Instant behind = after;
            ZoneOffsetTransition leap = rules.nextTransition(after);
            while (true) {
                Instant next = following(behind, offset);
                if (leap == null || next.isBefore(leap.getInstant())) {
                    if (anyHour || !isSecond(next, rules)) {
                        return next;
                    }
                    behind = next;
                } else {
                    if (leap.isGap()
                            && isIn(following(leap.getInstant().minusNanos(1), leap.getOffsetBefore()), leap)) {
                        return leap.getInstant();
                    }
                    behind = leap.getInstant().minusNanos(1);
                    offset = leap.getOffsetAfter();
                    leap = rules.nextTransition(leap.getInstant());
                }
            }
        }

        /** Whether what would have come at {@code time}, had the clock not been put forward, is left out. */
        private static boolean isIn(Instant time, ZoneOffsetTransition leap) {
            return time.atOffset(leap.getOffsetBefore()).toLocalDateTime().isBefore(leap.getDateTimeAfter());
        }

        /** Whether the same local time was there before, until the clock was put back. */
        private static boolean isSecond(Instant time, ZoneRules rules) {
            ZoneOffsetTransition back = rules.previousTransition(time.plusNanos(1));
            return back != null
                    && back.isOverlap()
                    && time.atOffset(back.getOffsetAfter()).toLocalDateTime().isBefore(back.getDateTimeBefore());
        }

        private Instant following(Instant after, ZoneOffset offset) {
            Optional<ZonedDateTime> next = times.nextExecution(after.atZone(offset));
            return next.map(ZonedDateTime::toInstant)
                    .orElseThrow(() -> new IllegalStateException("no time behind " + after + " for " + expression));
        }

        @Override
        public String shown() {
            return "{cron: \"" + expression + "\", zone: " + zone + "}";
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof AtCron cron && cron.expression.equals(expression) && cron.zone.equals(zone);
        }

        @Override
        public int hashCode() {
            return Objects.hash(expression, zone);
        }

        @Override
        public String toString() {
            return "AtCron" + shown();
        }
    }
}
