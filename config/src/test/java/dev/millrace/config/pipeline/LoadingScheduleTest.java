package dev.millrace.config.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LoadingScheduleTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    @Test
    void anIntervalCountsFromTheLoadBefore() {
        LoadingSchedule schedule = new LoadingSchedule.Every(Duration.ofMinutes(15));
        assertEquals(Instant.parse("2026-03-01T10:17:03Z"), schedule.next(Instant.parse("2026-03-01T10:02:03Z")));
    }

    @Test
    void dailyTimesComeInTheirZone() {
        LoadingSchedule schedule = daily("06:00", "18:30");
        assertEquals(
                List.of("2026-01-10T18:30+01:00", "2026-01-11T06:00+01:00", "2026-01-11T18:30+01:00"),
                following(schedule, "2026-01-10T06:00:00+01:00", 3));
    }

    @Test
    void aDailyTimeThatTheClockJumpsOverIsWhenItJumps() {
        assertEquals(
                List.of("2026-03-28T02:30+01:00", "2026-03-29T03:00+02:00", "2026-03-30T02:30+02:00"),
                following(daily("02:30"), "2026-03-28T00:00:00+01:00", 3));
    }

    @Test
    void aDailyTimeThatADayHasTwiceComesOnce() {
        assertEquals(
                List.of("2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"),
                following(daily("02:30"), "2026-10-25T00:00:00+02:00", 2));
    }

    @Test
    void aCronTimeThatTheClockJumpsOverIsWhenItJumps() {
        assertEquals(
                List.of("2026-03-28T02:30+01:00", "2026-03-29T03:00+02:00", "2026-03-30T02:30+02:00"),
                following(cron("30 2 * * *"), "2026-03-28T00:00:00+01:00", 3));
        assertEquals(
                List.of("2026-03-29T00:00+01:00", "2026-03-29T03:00+02:00", "2026-03-29T04:00+02:00"),
                following(cron("0 */2 * * *"), "2026-03-28T22:30:00+01:00", 3));
    }

    @Test
    void aCronTimeThatTheJumpLeavesAloneComesAsUsual() {
        assertEquals(
                List.of("2026-03-29T06:00+02:00", "2026-03-30T06:00+02:00"),
                following(cron("0 6 * * *"), "2026-03-28T20:00:00+01:00", 2));
    }

    @Test
    void anHourThatADayHasTwiceCountsTwiceForCronWithoutAnHour() {
        assertEquals(
                List.of(
                        "2026-10-25T02:00+02:00",
                        "2026-10-25T02:30+02:00",
                        "2026-10-25T02:00+01:00",
                        "2026-10-25T02:30+01:00",
                        "2026-10-25T03:00+01:00"),
                following(cron("*/30 * * * *"), "2026-10-25T01:40:00+02:00", 5));
        assertEquals(
                List.of("2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"),
                following(cron("30 2 * * *"), "2026-10-24T20:00:00+02:00", 2));
    }

    @Test
    void whatIsNoExpressionIsRefused() {
        for (String wrong : List.of("abc", "* * * *", "61 * * * *", "0 0 30 2 *", "@daily", "0 0 31 4 *")) {
            assertThrows(IllegalArgumentException.class, () -> cron(wrong), wrong);
        }
    }

    /** Whatever the zone does: the next time is behind, and going on from it no day is without one. */
    @Test
    void noDayIsWithoutItsLoad() {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        List<String> zones = List.of("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Chatham");
        for (int round = 0; round < 200; round++) {
            ZoneId zone = ZoneId.of(zones.get(random.nextInt(zones.size())));
            LocalTime time = LocalTime.of(random.nextInt(24), random.nextInt(60));
            LoadingSchedule schedule = random.nextBoolean()
                    ? new LoadingSchedule.Daily(List.of(time), zone)
                    : LoadingSchedule.AtCron.of(time.getMinute() + " " + time.getHour() + " * * *", zone);
            Instant at = Instant.ofEpochSecond(1_700_000_000L + random.nextLong(10L * 365 * 86_400));
            for (int day = 0; day < 20; day++) {
                Instant next = schedule.next(at);
                Duration between = Duration.between(at, next);
                String told = "seed " + seed + ": " + schedule + " after " + at + " is " + next;
                assertTrue(next.isAfter(at), told);
                assertTrue(between.compareTo(Duration.ofHours(26)) <= 0, told);
                assertTrue(day == 0 || between.compareTo(Duration.ofHours(22)) >= 0, told);
                at = next;
            }
        }
    }

    private static LoadingSchedule daily(String... times) {
        return new LoadingSchedule.Daily(
                List.of(times).stream().map(LocalTime::parse).toList(), BERLIN);
    }

    private static LoadingSchedule cron(String expression) {
        return LoadingSchedule.AtCron.of(expression, BERLIN);
    }

    private static List<String> following(LoadingSchedule schedule, String after, int count) {
        List<String> found = new ArrayList<>();
        Instant at = ZonedDateTime.parse(after).toInstant();
        for (int i = 0; i < count; i++) {
            at = schedule.next(at);
            found.add(at.atZone(BERLIN).toOffsetDateTime().toString());
        }
        return found;
    }
}
