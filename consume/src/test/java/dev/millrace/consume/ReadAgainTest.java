package dev.millrace.consume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.log.LogReader;
import dev.millrace.storage.testing.MemoryTopic;
import org.junit.jupiter.api.Test;

/** Part of a window is read once more, and the log doesn't give it: that was waited for without end. */
class ReadAgainTest {
    private final MemoryTopic topic = new MemoryTopic();

    private void append() {
        topic.append(new BatchWriter().finish(0, false, true, OffsetDelta.NONE));
    }

    @Test
    void whatTheLogNoLongerGivesIsToldAndTriedAgain() throws InterruptedException {
        append();
        append();
        try (LogReader log = topic.reader(0)) {
            assertEquals(1, Loading.again(log, 60_000).logIndex());
            assertEquals(2, Loading.again(log, 60_000).logIndex());
            MillraceException silent = assertThrows(MillraceException.class, () -> Loading.again(log, 20));
            assertEquals("LOG_NOT_READ", silent.code());
            assertEquals(Category.EXTERNAL, silent.category());
            append();
            assertEquals(3, Loading.again(log, 60_000).logIndex());
        }
    }
}
