package dev.millrace.app.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class PipelineSnapshotTest {
    private static final long NOW_MILLIS = 1_700_000_000_000L;

    @Test
    void theLagIsTheAgeOfTheOldestThatWaits() {
        assertEquals(OptionalLong.of(2_500), lag(575, NOW_MILLIS - 2_500));
    }

    @Test
    void nothingWaitsWithoutALag() {
        assertEquals(OptionalLong.of(1), lag(1, NOW_MILLIS), "just committed");
        assertEquals(OptionalLong.of(1), lag(1, NOW_MILLIS + 60_000), "by a clock ahead of ours");
        assertEquals(OptionalLong.empty(), PipelineSnapshot.lagMillis(575, Long.MAX_VALUE, NOW_MILLIS));
    }

    @Test
    void whereNothingWaitsThereIsNoLag() {
        assertEquals(OptionalLong.of(0), lag(0, NOW_MILLIS - 2_500));
        assertEquals(OptionalLong.of(0), PipelineSnapshot.lagMillis(0, Long.MAX_VALUE, NOW_MILLIS));
    }

    private static OptionalLong lag(long behind, long oldestMillis) {
        return PipelineSnapshot.lagMillis(behind, oldestMillis * 1_000, NOW_MILLIS);
    }
}
