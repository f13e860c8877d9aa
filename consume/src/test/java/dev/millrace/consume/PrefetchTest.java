package dev.millrace.consume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.LoadRules;
import dev.millrace.consume.destination.DataException;
import dev.millrace.consume.testing.SourceModel;
import dev.millrace.consume.transform.Transformation;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.log.LogReader;
import dev.millrace.storage.testing.MemoryTopic;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class PrefetchTest {
    private static final long WAIT_MILLIS = 60_000;
    private static final ConsumeOptions WIDE = new ConsumeOptions(1_000, 1 << 20, WAIT_MILLIS, 4);

    private final MemoryTopic topic = new MemoryTopic();
    private final BatchWriter writer = new BatchWriter();
    private int events;

    @Test
    void theNextWindowIsGatheredWhileTheConsumerIsBusy() throws Exception {
        append(3);
        Reader log = new Reader(Long.MAX_VALUE);
        try (Prefetch windows = started(log, WIDE)) {
            assertEquals(3, windows.take(WAIT_MILLIS).events());
            append(5);
            await(() -> log.read == 8);
            append(2);
            await(() -> log.read == 10);
            Gathered next = windows.take(WAIT_MILLIS);
            assertEquals(7, next.events());
            assertEquals(3, next.window().after());
            assertEquals(10, next.lastIndex());
            assertNull(windows.take(1));
        }
    }

    @Test
    void noMoreThanTheNextWindowIsGathered() throws Exception {
        append(100);
        Reader log = new Reader(Long.MAX_VALUE);
        try (Prefetch windows = started(log, new ConsumeOptions(5, 1 << 20, 0, 2))) {
            for (int taken = 5; taken <= 100; taken += 5) {
                assertEquals(5, windows.take(WAIT_MILLIS).events());
                assertTrue(log.read <= taken + 5, log.read + " batches read, " + taken + " taken");
            }
        }
    }

    @Test
    void anOutsizeWindowIsAloneInMemory() throws Exception {
        Reader log = new Reader(Long.MAX_VALUE);
        try (Prefetch windows = started(log, new ConsumeOptions(1_000, 100, 0, 2))) {
            for (int i = 0; i < 30; i++) {
                write();
            }
            topic.append(writer.finish(1, false, true, OffsetDelta.NONE));
            Gathered outsize = windows.take(WAIT_MILLIS);
            assertTrue(outsize.bytes() > 200, outsize.bytes() + " bytes");
            assertEquals(1, log.read);
            append(1);
            append(1);
            assertEquals(1, log.read, "read beside the outsize window");
            assertNotNull(windows.take(WAIT_MILLIS));
        }
    }

    @Test
    void anOutsizeBatchIsReadOnlyWhenTheWindowsBeforeItAreDoneWith() throws Exception {
        Reader log = new Reader(Long.MAX_VALUE);
        log.outsizeBehind = 5;
        append(3);
        try (Prefetch windows = started(log, WIDE)) {
            assertEquals(3, windows.take(WAIT_MILLIS).events());
            append(4);
            await(() -> log.asking);
            Gathered before = windows.take(WAIT_MILLIS);
            assertEquals(2, before.events());
            assertEquals(5, log.read, "read while a window before it is loaded");
            assertTrue(log.asking);
            assertEquals(6, windows.take(WAIT_MILLIS).window().batches().get(0).logIndex());
            await(() -> log.read == 7);
        }
    }

    @Test
    void theBeginningOfItsTransactionStaysWithAnOutsizeBatch() throws Exception {
        Reader log = new Reader(Long.MAX_VALUE);
        log.outsizeBehind = 1;
        write();
        topic.append(writer.finish(1, false, false, OffsetDelta.NONE));
        append(1);
        try (Prefetch windows = started(log, WIDE)) {
            assertEquals(2, windows.take(WAIT_MILLIS).events());
        }
    }

    @Test
    void aTransactionEndsWithABatchThatSaysSoAndHoldsNothing() throws Exception {
        write();
        topic.append(writer.finish(1, false, false, OffsetDelta.NONE));
        topic.append(writer.finish(1, false, true, OffsetDelta.NONE));
        Reader log = new Reader(Long.MAX_VALUE);
        log.outsizeBehind = 2;
        append(1);
        try (Prefetch windows = started(log, WIDE)) {
            assertEquals(2, windows.take(WAIT_MILLIS).lastIndex());
            assertEquals(3, windows.take(WAIT_MILLIS).lastIndex());
        }
    }

    @Test
    void theRestOfATransactionIsWaitedFor() throws Exception {
        write();
        topic.append(writer.finish(1, false, false, OffsetDelta.NONE));
        Reader log = new Reader(Long.MAX_VALUE);
        try (Prefetch windows = started(log, WIDE)) {
            CompletableFuture<Gathered> window = taken(windows);
            await(() -> log.read == 1);
            assertFalse(window.isDone());
            append(1);
            assertEquals(2, window.get(WAIT_MILLIS, TimeUnit.MILLISECONDS).events());
        }
    }

    @Test
    void aTransactionThatDoesNotEndIsCutAfterAWhile() throws Exception {
        write();
        topic.append(writer.finish(1, false, false, OffsetDelta.NONE));
        try (Prefetch windows = started(new Reader(Long.MAX_VALUE), new ConsumeOptions(1_000, 1 << 20, 5, 4))) {
            Gathered cut = windows.take(WAIT_MILLIS);
            assertEquals(1, cut.events());
            assertTrue(cut.window().wholeAt().isEmpty());
        }
    }

    @Test
    void whatStandsBeforeAnOpenTransactionIsNotKeptBackAndTheTransactionComesWhole() throws Exception {
        append(3);
        write();
        topic.append(writer.finish(1, false, false, OffsetDelta.NONE));
        try (Prefetch windows = started(new Reader(Long.MAX_VALUE), new ConsumeOptions(1_000, 1 << 20, 2_000, 4))) {
            Gathered before = windows.take(WAIT_MILLIS);
            assertEquals(3, before.lastIndex());
            assertEquals(3, before.events());
            assertNull(windows.take(1));
            append(1);
            Gathered whole = windows.take(WAIT_MILLIS);
            assertEquals(3, whole.window().after());
            assertEquals(5, whole.lastIndex());
            assertEquals(2, whole.events());
        }
    }

    @Test
    void whatStandsBeforeALargeTransactionDoesNotBreakIt() throws Exception {
        ConsumeOptions tenAtMost = new ConsumeOptions(5, 1 << 20, WAIT_MILLIS, 2);
        append(4);
        appendInParts(8);
        append(1);
        appendInParts(12);
        try (Prefetch windows = started(new Reader(Long.MAX_VALUE), tenAtMost)) {
            assertEquals(4, windows.take(WAIT_MILLIS).events());
            assertEquals(8, windows.take(WAIT_MILLIS).events());
            assertEquals(1, windows.take(WAIT_MILLIS).events());
            assertEquals(10, windows.take(WAIT_MILLIS).events(), "one that is larger than any window comes in pieces");
            assertEquals(2, windows.take(WAIT_MILLIS).events());
        }
    }

    /** A transaction of as many batches. */
    private void appendInParts(int batches) {
        for (int i = 1; i <= batches; i++) {
            write();
            topic.append(writer.finish(1, false, i == batches, OffsetDelta.NONE));
        }
    }

    @Test
    void whatStandsBeforeDamageIsDelivered() throws Exception {
        append(3);
        try (Prefetch windows = started(new Reader(3), WIDE)) {
            assertEquals(3, windows.take(WAIT_MILLIS).lastIndex());
            for (int i = 0; i < 2; i++) {
                MillraceException told = assertThrows(MillraceException.class, () -> windows.take(WAIT_MILLIS));
                assertEquals("LOG_DAMAGED", told.code());
            }
        }
    }

    @Test
    void wholeTransactionsBeforeOneWhoseEndIsDamagedAreDelivered() throws Exception {
        append(3);
        write();
        topic.append(writer.finish(1, false, false, OffsetDelta.NONE));
        append(1);
        Reader log = new Reader(4);
        try (Prefetch windows = started(log, WIDE)) {
            Gathered last = windows.take(WAIT_MILLIS);
            assertEquals(3, last.lastIndex());
            assertEquals(3, last.events());
            assertEquals(
                    "LOG_DAMAGED",
                    assertThrows(MillraceException.class, () -> windows.take(WAIT_MILLIS))
                            .code());
        }
    }

    @Test
    void theAgeOfWhatIsGatheredIsThatOfItsOldestEvent() throws Exception {
        Reader log = new Reader(Long.MAX_VALUE);
        try (Prefetch windows = started(log, WIDE)) {
            assertEquals(Long.MAX_VALUE, windows.oldestAtMicros());
            append(1);
            await(() -> windows.oldestAtMicros() == 1);
            assertEquals(1, windows.take(WAIT_MILLIS).oldestAtMicros());
            append(2);
            await(() -> windows.oldestAtMicros() == 2);
        }
    }

    @Test
    void aRowThatCannotBeAppliedFailsItsWindowAndNoneBefore() throws Exception {
        append(1);
        writer.beginTransaction(9, 9, "0/9", 0);
        writer.beginRow(Operation.INSERT, writer.schema(SourceModel.SCHEMA));
        for (int i = 0; i < 4; i++) {
            writer.putNull();
        }
        writer.endRow();
        topic.append(writer.finish(1, false, true, OffsetDelta.NONE));
        try (Prefetch windows = started(new Reader(Long.MAX_VALUE), new ConsumeOptions(1, 1 << 20, WAIT_MILLIS, 4))) {
            assertEquals(1, windows.take(WAIT_MILLIS).lastIndex());
            assertThrows(DataException.class, () -> windows.take(WAIT_MILLIS));
        }
    }

    @Test
    void itsThreadEndsWithItAlsoWhileAWindowIsFull() {
        append(20);
        Reader log = new Reader(Long.MAX_VALUE);
        Prefetch windows = started(log, new ConsumeOptions(5, 1 << 20, 0, 2));
        await(() -> log.read == 5 && threads() == 1);
        windows.close();
        assertEquals(0, threads());
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("full-gather"))
                .count();
    }

    private Prefetch started(LogReader log, ConsumeOptions options) {
        Prefetch windows = new Prefetch(
                "full", log, gatherer(), options, new WindowLimit(options), PrefetchTest::gathered, this::again);
        windows.start();
        return windows;
    }

    private static Gathered gathered(long after) {
        return new Gathered(after, LoadRules.DEFAULTS, new Ahead());
    }

    private static Gatherer gatherer() {
        return new Gatherer(Transformation.NONE, Optional.empty(), false);
    }

    private Gathered again(Window part) throws InterruptedException {
        Gathered gathered = gathered(part.after());
        try (LogReader log = topic.reader(part.after())) {
            while (gathered.lastIndex() < part.lastIndex()) {
                gathered.add(log.next(WAIT_MILLIS), gatherer());
            }
        }
        return gathered;
    }

    private static CompletableFuture<Gathered> taken(Prefetch windows) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return windows.take(WAIT_MILLIS);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private void append(int batches) {
        for (int i = 0; i < batches; i++) {
            write();
            topic.append(writer.finish(1, false, true, OffsetDelta.NONE));
        }
    }

    private void write() {
        events++;
        writer.beginTransaction(events, events, "0/" + events, 0);
        writer.beginRow(Operation.INSERT, writer.schema(SourceModel.SCHEMA));
        writer.putString("note");
        writer.putLong(events);
        writer.putNull();
        writer.putString("north");
        writer.endRow();
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WAIT_MILLIS);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "not in time");
            LockSupport.parkNanos(100_000);
        }
    }

    /** The topic's, found damaged behind an index; counts. */
    private final class Reader implements LogReader {
        private final LogReader real = topic.reader(0);
        private final long damagedBehind;
        private int count;
        private volatile int read;
        /** The batch that follows asks for room. */
        private volatile long outsizeBehind = Long.MAX_VALUE;

        private volatile boolean asking;
        private Room room = () -> {};

        Reader(long damagedBehind) {
            this.damagedBehind = damagedBehind;
        }

        @Override
        public StoredBatch next(long timeoutMillis) throws InterruptedException {
            if (real.index() >= damagedBehind) {
                throw MillraceException.resource("LOG_DAMAGED", "damaged", "as told", "", null);
            }
            if (real.index() == outsizeBehind) {
                asking = true;
                room.make();
                asking = false;
            }
            StoredBatch batch = real.next(timeoutMillis);
            count += batch == null ? 0 : 1;
            read = count;
            return batch;
        }

        @Override
        public void beforeOutsize(Room newRoom) {
            room = newRoom;
        }

        @Override
        public long index() {
            return real.index();
        }

        @Override
        public void close() {
            real.close();
        }
    }
}
