package dev.millrace.ingest.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.EncodedBatch;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.state.StateOffsets;
import dev.millrace.storage.testing.MemoryState;
import dev.millrace.storage.testing.MemoryTopic;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The end of a run on a disk that hangs: nothing counts as stored that isn't, and the run says so. */
class JournalEndTest {
    private final MemoryTopic topic = new MemoryTopic(false);
    private final MemoryState state = new MemoryState();
    private final Journal journal = new Journal(topic, new StateOffsets(state, "test"), 0, 1);

    private static EncodedBatch empty() {
        return new BatchWriter().finish(0, false, true, OffsetDelta.NONE);
    }

    private void append(int place) {
        journal.append(empty(), Map.of(ProgressCodec.STREAM, Optional.of(new byte[] {(byte) place})), true);
    }

    @Test
    void whatTheDiskDoesNotStoreInTimeIsToldAndIsNoPlaceToAcknowledge() throws InterruptedException {
        journal.restore(new Barrier(Barrier.ALL_RULES), BatchReader::new);
        append(1);
        topic.sync(1);
        journal.settle(0);
        append(2);
        MillraceException failure = assertThrows(MillraceException.class, () -> journal.finish(0));
        assertEquals("LOG_SLOW", failure.code());
        assertArrayEquals(new byte[] {1}, journal.durableStream());
        assertEquals(1, new StateOffsets(state, "test").logIndex());
        topic.sync(2);
        journal.finish(0);
        assertArrayEquals(new byte[] {2}, journal.durableStream());
        assertEquals(2, new StateOffsets(state, "test").logIndex());
    }

    @Test
    void aPowerCutBehindSuchAnEndIsNothingThatWasAcknowledged() throws InterruptedException {
        journal.restore(new Barrier(Barrier.ALL_RULES), BatchReader::new);
        append(1);
        topic.sync(1);
        append(2);
        assertThrows(MillraceException.class, () -> journal.finish(0));
        topic.cutPower();
        state.cutPower();
        Journal next = new Journal(topic, new StateOffsets(state, "test"), 0, 1);
        Map<String, byte[]> entries = next.restore(new Barrier(Barrier.ALL_RULES), BatchReader::new);
        assertArrayEquals(new byte[] {1}, entries.get(ProgressCodec.STREAM));
    }
}
