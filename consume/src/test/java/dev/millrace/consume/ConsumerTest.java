package dev.millrace.consume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.Guarantee;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.FencedException;
import dev.millrace.consume.destination.LoadTransaction;
import dev.millrace.consume.testing.Flaky;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.consume.testing.SourceModel;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.state.Positions;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConsumerTest {
    private static final String LIVE =
            "SELECT area, id, note, \"large\" FROM shop.item WHERE NOT __millrace_deleted ORDER BY area || '|' || id";

    /** {@code -Dhistory.rounds=n} makes more. */
    private static final int ROUNDS = Integer.getInteger("history.rounds", 12);

    @TempDir
    Path folder;

    @Test
    void theDestinationEqualsTheSourceThroughAnyInterruptions() throws Exception {
        followsThroughInterruptions(OnDelete.HARD, Optional.empty());
    }

    @Test
    void rowsThatAreMarkedAsDeletedAreTheOnesDeleted() throws Exception {
        followsThroughInterruptions(OnDelete.SOFT, Optional.empty());
    }

    @Test
    void repeatedWindowsOfAtLeastOnceLeaveTheSameRows() throws Exception {
        followsThroughInterruptions(OnDelete.HARD, Optional.of(Guarantee.AT_LEAST_ONCE));
    }

    private void followsThroughInterruptions(OnDelete onDelete, Optional<Guarantee> guarantee) throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        Pipe pipe = new Pipe(folder);
        BatchWriter writer = new BatchWriter();
        SourceModel source = new SourceModel(random)
                .reloading(20)
                .cutting(() -> pipe.topic.append(writer.finish(1, false, false, OffsetDelta.NONE)));
        source.begun(writer);
        int failures = 0;
        for (int round = 0; round < ROUNDS; round++) {
            int batches = 1 + random.nextInt(6);
            for (int i = 0; i < batches; i++) {
                int events = random.nextInt(20) + (round == 0 ? 1 : 0);
                for (int j = 0; j < events; j++) {
                    source.change(writer);
                }
                pipe.topic.append(writer.finish(1, false, random.nextInt(4) > 0, OffsetDelta.NONE));
            }
            source.endReload(writer);
            pipe.append(writer);
            ConsumeOptions options = new ConsumeOptions(1 + random.nextInt(40), 1 << 20, 0, 1 + random.nextInt(3));
            boolean done = false;
            while (!done) {
                try (Destination destination = new Flaky(pipe.destination(), random.split(), 12, 20)) {
                    pipe.drain(pipe.consumer(destination, onDelete, options, guarantee));
                    done = true;
                } catch (MillraceException e) {
                    assertEquals(Category.EXTERNAL, e.category(), e.toString());
                    failures++;
                }
            }
            assertEquals(source.rows(), pipe.query(LIVE), "seed " + seed + " round " + round);
        }
        assertTrue(failures > 0, failures + " failures, seed " + seed);
    }

    @Test
    void oneConsumerGoesOnAfterItThrew() throws Exception {
        Pipe pipe = new Pipe(folder);
        SplittableRandom random = new SplittableRandom(5);
        SourceModel source = new SourceModel(random);
        BatchWriter writer = new BatchWriter();
        for (int i = 0; i < 200; i++) {
            source.change(writer);
            pipe.append(writer);
        }
        try (Destination destination = new Flaky(pipe.destination(), random, 12)) {
            Consumer consumer = pipe.consumer(destination, OnDelete.HARD, new ConsumeOptions(5, 1 << 20, 0, 1));
            while (consumer.appliedIndex() < pipe.topic.appendedIndex()) {
                try {
                    pipe.drain(consumer);
                } catch (MillraceException e) {
                    assertEquals("CUT", e.code().equals("COMMIT_UNKNOWN") ? "CUT" : e.code());
                    assertEquals(ConsumeStatus.State.FAILED, consumer.status().state());
                }
            }
        }
        assertEquals(source.rows(), pipe.query(LIVE));
    }

    @Test
    void anInstanceWhosePositionWasTakenOverCommitsNothing() throws Exception {
        Pipe pipe = new Pipe(folder);
        try (Destination first = pipe.destination();
                Destination second = pipe.destination()) {
            first.claim();
            LoadTransaction open = first.begin();
            assertEquals(Optional.empty(), second.claim());
            assertThrows(FencedException.class, () -> open.commit(9));
            open.close();
            assertThrows(FencedException.class, first::begin);
            try (LoadTransaction late = second.begin()) {
                late.commit(4);
            }
            assertEquals(Optional.of(4L), first.committedIndex());
        }
    }

    @Test
    void aDestinationThatIsAheadOfTheLogIsAnErrorWithTheWayBack() throws Exception {
        Pipe pipe = new Pipe(folder);
        try (Destination destination = pipe.destination()) {
            destination.claim();
            try (LoadTransaction transaction = destination.begin()) {
                transaction.commit(12);
            }
            Consumer consumer = pipe.consumer(destination, OnDelete.HARD, ConsumeOptions.defaults());
            MillraceException behind = assertThrows(MillraceException.class, consumer::run);
            assertEquals("LOG_BEHIND", behind.code());
            assertEquals(Category.RESOURCE, behind.category());
        }
    }

    @Test
    void aLogThatWasBehindItsDestinationOnceIsRefusedAlsoWhenItHasCaughtUp() throws Exception {
        Pipe pipe = new Pipe(folder);
        BatchWriter writer = new BatchWriter();
        try (Destination destination = pipe.destination()) {
            destination.claim();
            try (LoadTransaction transaction = destination.begin()) {
                transaction.commit(3);
            }
            refused(pipe, destination);
            SourceModel source = new SourceModel(new SplittableRandom(1));
            while (pipe.topic.appendedIndex() < 10) {
                source.change(writer);
                pipe.append(writer);
            }
            refused(pipe, destination);
            assertEquals(Optional.of(3L), destination.committedIndex());
            new Positions(pipe.state).beginAgain("orders", pipe.topic.appendedIndex());
            pipe.append(writer);
            pipe.drain(pipe.consumer(destination, OnDelete.HARD, ConsumeOptions.defaults()));
            assertEquals(Optional.of(11L), destination.committedIndex());
        }
    }

    private static void refused(Pipe pipe, Destination destination) {
        Consumer consumer = pipe.consumer(destination, OnDelete.HARD, ConsumeOptions.defaults());
        assertEquals(
                "LOG_BEHIND",
                assertThrows(MillraceException.class, consumer::run).code());
    }

    @Test
    void figuresTellWhatWasLoaded() throws Exception {
        Pipe pipe = new Pipe(folder);
        SourceModel source = new SourceModel(new SplittableRandom(1));
        BatchWriter writer = new BatchWriter();
        source.change(writer);
        pipe.append(writer);
        try (Destination destination = pipe.destination()) {
            Consumer consumer = pipe.consumer(destination, OnDelete.HARD, ConsumeOptions.defaults());
            assertEquals(ConsumeStatus.State.NEW, consumer.status().state());
            pipe.drain(consumer);
            ConsumeStatus status = consumer.status();
            assertEquals(1, status.rowsLoaded());
            assertEquals(1, status.appliedIndex());
            assertEquals(1_700_000_000_000_001L, status.lastModifiedAtMicros());
            assertEquals(List.of(1L), List.copyOf(status.tables().values()));
            assertEquals(ConsumeStatus.State.STOPPED, status.state());
        }
    }

    @Test
    void whatCouldNotBeLoadedWaitsUntilItIs() throws Exception {
        Pipe pipe = new Pipe(folder);
        SourceModel source = new SourceModel(new SplittableRandom(1));
        BatchWriter writer = new BatchWriter();
        source.change(writer);
        pipe.append(writer);
        try (Destination destination = pipe.destination();
                Destination failing = new Flaky(destination, new SplittableRandom(1), Integer.MAX_VALUE, 0)) {
            Consumer consumer = pipe.consumer(failing, OnDelete.HARD, ConsumeOptions.defaults());
            assertEquals(Long.MAX_VALUE, consumer.status().oldestWaitingMicros());
            assertThrows(MillraceException.class, consumer::run);
            assertEquals(1_700_000_000_000_000L, consumer.status().oldestWaitingMicros());
            Consumer next = pipe.consumer(destination, OnDelete.HARD, ConsumeOptions.defaults());
            pipe.drain(next);
            assertEquals(Long.MAX_VALUE, next.status().oldestWaitingMicros());
        }
    }

    @Test
    void atMostOnceNeverRepeatsAWindow() throws Exception {
        Pipe pipe = new Pipe(folder);
        SourceModel source = new SourceModel(new SplittableRandom(1));
        BatchWriter writer = new BatchWriter();
        source.change(writer);
        pipe.append(writer);
        try (Destination destination = new Flaky(pipe.destination(), new SplittableRandom(1), 1)) {
            Consumer consumer = pipe.consumer(
                    destination, OnDelete.HARD, ConsumeOptions.defaults(), Optional.of(Guarantee.AT_MOST_ONCE));
            assertThrows(MillraceException.class, consumer::run);
        }
        pipe.drain(OnDelete.HARD);
        assertEquals(source.rows(), liveRows(pipe));
    }

    private static List<String> liveRows(Pipe pipe) throws SQLException {
        return pipe.query(LIVE);
    }
}
