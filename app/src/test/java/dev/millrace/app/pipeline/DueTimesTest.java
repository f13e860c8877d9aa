package dev.millrace.app.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.config.pipeline.LoadingSchedule;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DueTimesTest {
    private static final LoadingSchedule EVERY = new LoadingSchedule.Every(Duration.ofMinutes(15));
    private static final LoadingSchedule AT_SIX =
            new LoadingSchedule.Daily(List.of(LocalTime.of(6, 0)), ZoneId.of("UTC"));
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

    @Test
    void theFirstLoadOfAnIntervalIsDueAtOnceAndOfADailyTimeAtThatTime() {
        assertEquals(Duration.ZERO, new DueTimes(EVERY, Optional.empty(), NOON, 0).left(NOON, 0));
        assertEquals(Duration.ofHours(18), new DueTimes(AT_SIX, Optional.empty(), NOON, 0).left(NOON, 0));
    }

    @Test
    void whatWasMissedWhileNothingRanIsDueOnce() {
        DueTimes interval = new DueTimes(EVERY, Optional.of(NOON.minusSeconds(3 * 3_600)), NOON, 0);
        assertEquals(Duration.ZERO, interval.left(NOON, 0));
        interval.begun(NOON, 0);
        assertEquals(Duration.ofMinutes(15), interval.left(NOON, 0), "three hours are one load");
        DueTimes daily = new DueTimes(AT_SIX, Optional.of(NOON.minusSeconds(5 * 86_400)), NOON, 0);
        assertEquals(Duration.ZERO, daily.left(NOON, 0));
        daily.begun(NOON, 0);
        assertEquals(Duration.ofHours(18), daily.left(NOON, 0), "five days are one load");
    }

    @Test
    void anIntervalGoesOnOverARestart() {
        DueTimes due = new DueTimes(EVERY, Optional.of(NOON.minusSeconds(600)), NOON, 0);
        assertEquals(Duration.ofMinutes(5), due.left(NOON, 0));
    }

    @Test
    void anIntervalIsMeasuredWhateverIsDoneToTheWallClock() {
        DueTimes due = new DueTimes(EVERY, Optional.empty(), NOON, 0);
        due.begun(NOON, 0);
        long tenMinutes = Duration.ofMinutes(10).toNanos();
        for (long hours : new long[] {-100_000, -1, 1, 100_000}) {
            assertEquals(Duration.ofMinutes(5), due.left(NOON.plusSeconds(hours * 3_600), tenMinutes));
        }
    }

    @Test
    void aClockThatIsPutForwardOverADailyTimeMakesItDueOnce() {
        DueTimes due = new DueTimes(AT_SIX, Optional.of(NOON), NOON, 0);
        Instant ahead = NOON.plusSeconds(365L * 86_400);
        assertEquals(Duration.ZERO, due.left(ahead, 1));
        due.begun(ahead, 1);
        assertEquals(Duration.ofHours(18), due.left(ahead, 2));
        assertEquals(Duration.ofHours(18), due.left(NOON, 3), "and put right again it goes on from there");
        assertEquals(Duration.ZERO, due.left(NOON.plusSeconds(18 * 3_600), 4));
    }

    @Test
    void aClockThatIsPutBackBehindADailyTimeMakesItDueAgain() {
        Instant six = Instant.parse("2026-11-21T06:00:00Z");
        DueTimes due = new DueTimes(AT_SIX, Optional.of(six), six, 0);
        Instant back = six.minusSeconds(3_600);
        assertEquals(Duration.ofHours(1), due.left(back, 1));
        assertEquals(Duration.ZERO, due.left(six.plusSeconds(1), 2), "a load too many does no harm");
    }

    @Test
    void aTimeAheadOfTheClockAtTheStartKeepsNothingBack() {
        Instant ahead = NOON.plusSeconds(365L * 86_400);
        assertEquals(Duration.ZERO, new DueTimes(EVERY, Optional.of(ahead), NOON, 0).left(NOON, 0));
        assertEquals(Duration.ofHours(18), new DueTimes(AT_SIX, Optional.of(ahead), NOON, 0).left(NOON, 0));
    }
}
