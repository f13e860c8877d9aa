package dev.millrace.consume.failed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.millrace.storage.event.TableName;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ReplayNoteTest {
    private static final ReplayNote FULL = new ReplayNote(
            Long.MAX_VALUE,
            List.of(new EventPlace(1, 0), new EventPlace(70_000_000_000L, 8_000_000)),
            List.of(
                    new Held.Mark(new TableName("public", "t"), 0, new EventPlace(7, 3).packed(), true),
                    new Held.Mark(new TableName("", "Ünïcode \uD83D\uDE80\0t"), 5, 6, false)));

    @Test
    void whatIsWrittenIsReadAgain() {
        assertEquals(FULL, ReplayNote.decode(FULL.encode()));
        ReplayNote empty = new ReplayNote(0, List.of(), List.of());
        assertEquals(empty, ReplayNote.decode(empty.encode()));
        ReplayNote marksOnly = new ReplayNote(3, List.of(), FULL.marks());
        assertEquals(marksOnly, ReplayNote.decode(marksOnly.encode()));
        ReplayNote placesOnly = new ReplayNote(3, FULL.places(), List.of());
        assertEquals(placesOnly, ReplayNote.decode(placesOnly.encode()));
    }

    @Test
    void oneThatIsCutOffIsRefused() {
        byte[] whole = FULL.encode();
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            boolean endsBehindAMark = length == 28 || length == 28 + 17 + 2 + 6 + 2 + 1;
            if (!endsBehindAMark) {
                assertThrows(UncheckedIOException.class, () -> ReplayNote.decode(cut), "at byte " + length);
            }
        }
    }
}
