package dev.millrace.config.setting;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnitsTest {
    @Test
    void readsSpansAndSizesInEveryUnit() {
        assertEquals(Optional.of(Duration.ofMillis(500)), Durations.parse("500ms"));
        assertEquals(Optional.of(Duration.ofSeconds(10)), Durations.parse(" 10 s "));
        assertEquals(Optional.of(Duration.ofMinutes(5)), Durations.parse("5m"));
        assertEquals(Optional.of(Duration.ofHours(2)), Durations.parse("2h"));
        assertEquals(Optional.of(Duration.ofDays(1)), Durations.parse("1d"));
        assertEquals(Optional.of(Duration.ZERO), Durations.parse("0"));
        assertEquals(OptionalLong.of(12), Sizes.parse("12B"));
        assertEquals(OptionalLong.of(64 << 10), Sizes.parse("64kb"));
        assertEquals(OptionalLong.of(8 << 20), Sizes.parse("8 MiB"));
        assertEquals(OptionalLong.of(20L << 30), Sizes.parse("20GB"));
        assertEquals(OptionalLong.of(3L << 40), Sizes.parse("3TB"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10", "-1s", "1.5h", "1 year", "s", "36501d", "999999999999d", "1000000000000s"})
    void refusesWhatIsNoSpan(String text) {
        assertEquals(Optional.empty(), Durations.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10", "-1MB", "1.5GB", "MB", "1PB", "99999999999TB", "9999999999999999B"})
    void refusesWhatIsNoSize(String text) {
        assertEquals(OptionalLong.empty(), Sizes.parse(text));
    }

    @Test
    void whatIsWrittenIsReadBack() {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 10_000; i++) {
            long bytes = random.nextLong(1L << random.nextInt(1, 49));
            assertEquals(OptionalLong.of(bytes), Sizes.parse(Sizes.format(bytes)), () -> "seed " + seed);
            Duration span = Duration.ofMillis(random.nextLong(1L << random.nextInt(1, 39)));
            assertEquals(Optional.of(span), Durations.parse(Durations.format(span)), () -> "seed " + seed);
        }
    }
}
