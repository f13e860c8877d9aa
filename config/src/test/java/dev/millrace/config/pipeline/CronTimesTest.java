package dev.millrace.config.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.BitSet;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Times of random cron expressions against a look at every day and minute, as cron has always done it. */
final class CronTimesTest {
    private static final int DAYS = 9 * 366;

    /** One field: as it is written, and what it means. */
    private record Field(String text, BitSet values) {
        boolean any() {
            return text.equals("*");
        }

        static Field random(SplittableRandom random, int from, int to, boolean steps) {
            BitSet values = new BitSet();
            String text;
            switch (random.nextInt(steps ? 5 : 4)) {
                case 0 -> {
                    values.set(from, to + 1);
                    text = "*";
                }
                case 1 -> {
                    int value = from + random.nextInt(to - from + 1);
                    values.set(value);
                    text = "" + value;
                }
                case 2 -> {
                    int first = from + random.nextInt(to - from);
                    int last = first + 1 + random.nextInt(to - first);
                    values.set(first, last + 1);
                    text = first + "-" + last;
                }
                case 3 -> {
                    TreeSet<Integer> some = new TreeSet<>();
                    for (int left = 2 + random.nextInt(2); left > 0; left--) {
                        some.add(from + random.nextInt(to - from + 1));
                    }
                    some.forEach(values::set);
                    text = some.stream().map(String::valueOf).collect(Collectors.joining(","));
                }
                default -> {
                    int step = 2 + random.nextInt(Math.max(1, (to - from) / 2));
                    for (int value = from; value <= to; value += step) {
                        values.set(value);
                    }
                    text = "*/" + step;
                }
            }
            return new Field(text, values);
        }
    }

    private record Cron(Field minute, Field hour, Field day, Field month, Field weekday) {
        static Cron random(SplittableRandom random) {
            return new Cron(
                    Field.random(random, 0, 59, true),
                    Field.random(random, 0, 23, true),
                    random.nextInt(3) == 0 ? at(28 + random.nextInt(4)) : Field.random(random, 1, 31, false),
                    Field.random(random, 1, 12, true),
                    random.nextInt(2) == 0 ? new Field("*", filled(0, 6)) : Field.random(random, 0, 6, false));
        }

        private static Field at(int value) {
            return new Field("" + value, filled(value, value));
        }

        private static BitSet filled(int from, int to) {
            BitSet values = new BitSet();
            values.set(from, to + 1);
            return values;
        }

        String text() {
            return minute.text + " " + hour.text + " " + day.text + " " + month.text + " " + weekday.text;
        }

        /** A day counts by its number or its weekday where both are said. */
        private boolean on(ZonedDateTime time) {
            boolean number = day.values.get(time.getDayOfMonth());
            boolean name = weekday.values.get(time.getDayOfWeek().getValue() % 7);
            boolean both = !day.any() && !weekday.any();
            return month.values.get(time.getMonthValue()) && (both ? number || name : number && name);
        }

        /** Null where there is none for years. */
        Instant next(Instant after) {
            ZonedDateTime first =
                    after.atZone(ZoneOffset.UTC).truncatedTo(ChronoUnit.MINUTES).plusMinutes(1);
            ZonedDateTime day = first.truncatedTo(ChronoUnit.DAYS);
            for (int days = 0; days < DAYS; days++, day = day.plusDays(1)) {
                if (on(day)) {
                    for (int at = 0; at < 24 * 60; at++) {
                        ZonedDateTime time = day.plusMinutes(at);
                        if (hour.values.get(at / 60) && minute.values.get(at % 60) && !time.isBefore(first)) {
                            return time.toInstant();
                        }
                    }
                }
            }
            return null;
        }
    }

    @Test
    void everyTimeThatAnExpressionMeansComesAndNoOther() {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        ZoneId utc = ZoneId.of("UTC");
        for (int round = 0; round < 400; round++) {
            Cron cron = Cron.random(random);
            Instant at = Instant.ofEpochSecond(1_700_000_000L + random.nextLong(30L * 365 * 86_400));
            Instant expected = cron.next(at);
            if (expected != null) {
                LoadingSchedule schedule = LoadingSchedule.AtCron.of(cron.text(), utc);
                for (int times = 0; times < 8 && expected != null; times++) {
                    assertEquals(expected, schedule.next(at), "seed " + seed + ": '" + cron.text() + "' after " + at);
                    at = expected;
                    expected = cron.next(at);
                }
            }
        }
    }

    @Test
    void aLeapDayComesEveryFourYearsAndTheThirtyFirstInLongMonthsOnly() {
        ZoneId berlin = ZoneId.of("Europe/Berlin");
        LoadingSchedule leap = LoadingSchedule.AtCron.of("30 2 29 2 *", berlin);
        Instant first = leap.next(Instant.parse("2026-11-22T00:00:00Z"));
        assertEquals(Instant.parse("2028-02-29T01:30:00Z"), first);
        assertEquals(Instant.parse("2032-02-29T01:30:00Z"), leap.next(first));
        assertEquals(Instant.parse("2104-02-29T01:30:00Z"), leap.next(Instant.parse("2096-02-29T01:30:00Z")));
        LoadingSchedule last = LoadingSchedule.AtCron.of("0 0 31 * *", berlin);
        Instant march = last.next(Instant.parse("2026-01-31T00:00:00Z"));
        assertEquals(Instant.parse("2026-03-30T22:00:00Z"), march);
        assertEquals(Instant.parse("2026-05-30T22:00:00Z"), last.next(march));
    }
}
