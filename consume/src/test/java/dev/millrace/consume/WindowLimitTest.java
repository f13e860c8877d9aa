package dev.millrace.consume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class WindowLimitTest {
    private final WindowLimit limit = new WindowLimit(new ConsumeOptions(1_000, 1 << 20, 1_000, 4));

    @Test
    void itIsWhatTheOptionsSayWhileEverythingIsTaken() {
        limit.applied(1_000, 1 << 20);
        assertEquals(1_000, limit.rows());
        assertEquals(1 << 20, limit.bytes());
    }

    @Test
    void itIsHalfOfWhatWasTooMuch() {
        limit.tooMuch(800, 10);
        assertEquals(400, limit.rows());
        limit.tooMuch(400, 10);
        assertEquals(200, limit.rows());
        limit.tooMuch(4_000, 10);
        assertEquals(100, limit.rows(), "one transaction that is larger than a window does not widen it");
    }

    @Test
    void itGrowsBackSlowlyAndOnlyByWindowsThatTellSomething() {
        limit.tooMuch(1_000, 1);
        for (int i = 0; i < 1_000; i++) {
            limit.applied(10, 10);
        }
        assertEquals(500, limit.rows(), "small windows say nothing of large ones");
        int windows = 0;
        long before = limit.rows();
        while (limit.rows() < 1_000) {
            limit.applied(limit.rows(), 1);
            windows++;
            assertTrue(limit.rows() <= before * 1.3, "in small steps");
            before = limit.rows();
        }
        assertTrue(windows >= 20 && windows <= 100, windows + " windows");
        limit.applied(5_000, 1 << 30);
        assertEquals(1_000, limit.rows(), "never beyond the options");
    }

    @Test
    void itWidensWhenWindowsAreFullInARowAndGoesBackWhenTheyAreSmallInARow() {
        limit.applied(1_000, 10);
        limit.applied(1_000, 10);
        limit.applied(900, 10);
        limit.applied(1_000, 10);
        limit.applied(1_000, 10);
        assertEquals(1_000, limit.rows(), "not in a row");
        limit.applied(1_000, 10);
        assertTrue(limit.wide());
        assertEquals(4_000, limit.rows());
        assertEquals(2 << 20, limit.bytes());
        for (int i = 0; i < 10; i++) {
            limit.applied(499, 10);
            limit.applied(499, 10);
            limit.applied(600, 10);
        }
        assertTrue(limit.wide(), "neither full nor small: it stays as it is");
        for (int i = 0; i < WindowLimit.WINDOWS_TO_WIDEN; i++) {
            limit.applied(499, 10);
        }
        assertEquals(1_000, limit.rows());
    }

    @Test
    void itGoesBackAtOnceWhenTheLogHasNoMoreOrTheDestinationCanNotTakeIt() {
        widen();
        limit.caughtUp();
        assertEquals(1_000, limit.rows());
        widen();
        limit.tooMuch(4_000, 10);
        assertEquals(500, limit.rows());
        for (int i = 0; i < WindowLimit.WINDOWS_TO_WIDEN; i++) {
            limit.applied(1_000, 10);
        }
        assertEquals(500, limit.rows(), "what can't take a window takes no wider one");
    }

    @Test
    void theHeapBoundsHowWideItGets() {
        WindowLimit bounded = new WindowLimit(new ConsumeOptions(1_000, 1 << 20, 1_000, 4), 20L << 20);
        for (int i = 0; i < WindowLimit.WINDOWS_TO_WIDEN; i++) {
            bounded.applied(1_000, 10);
        }
        assertEquals(20L << 16, bounded.bytes());
        WindowLimit tiny = new WindowLimit(new ConsumeOptions(1_000, 1 << 20, 1_000, 4), 1L << 20);
        for (int i = 0; i < WindowLimit.WINDOWS_TO_WIDEN; i++) {
            tiny.applied(1_000, 10);
        }
        assertEquals(1 << 20, tiny.bytes(), "never below what the options say");
    }

    private void widen() {
        for (int i = 0; i < WindowLimit.WINDOWS_TO_WIDEN; i++) {
            limit.applied(1_000, 10);
        }
        assertTrue(limit.wide());
    }

    @Test
    void itNeverComesToNothing() {
        for (int i = 0; i < 100; i++) {
            limit.tooMuch(1, 1);
        }
        assertTrue(limit.rows() >= 1 && limit.bytes() >= 1);
    }
}
