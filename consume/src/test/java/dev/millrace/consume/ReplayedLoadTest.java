package dev.millrace.consume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.DelegatedDestination;
import dev.millrace.consume.destination.DelegatedTransaction;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.LoadTransaction;
import dev.millrace.consume.failed.Asked;
import dev.millrace.consume.failed.EventPlace;
import dev.millrace.consume.failed.FailedEvent;
import dev.millrace.consume.failed.FailedFilter;
import dev.millrace.consume.failed.FailedQueue;
import dev.millrace.consume.failed.FailedTotals;
import dev.millrace.consume.failed.Waits;
import dev.millrace.consume.testing.ParkingPipe;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.consume.testing.Refusing;
import dev.millrace.consume.testing.TableFeed;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Type;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Historical loads of which a part is parked and replayed, beside parked events that are older than they. */
final class ReplayedLoadTest {
    private static final Column ID = new Column("id", DataType.of(Type.INTEGER), false, 1, "int4", 1);
    private static final Column NOTE = new Column("note", DataType.of(Type.STRING), true, 0, "text", 2);
    private static final String ROWS = "SELECT id, note FROM public.t WHERE NOT __millrace_deleted ORDER BY id";

    @TempDir
    Path folder;

    /** Where the process that replays ends. */
    private enum Cut {
        BEFORE_COMMIT,
        AFTER_COMMIT
    }

    private Pipe pipe;
    private ParkingPipe parking;
    private TableFeed table;

    @BeforeEach
    void begin() {
        pipe = new Pipe(folder);
        parking = new ParkingPipe(pipe.topic, pipe.state, OnDelete.HARD, Optional.empty(), ConsumeOptions.defaults());
        table = new TableFeed(pipe, "t").schema(1, ID, NOTE);
    }

    /** Rows whose notes begin with {@code x} are refused, and the whole table where it is said to be gone. */
    private Refusing refusing(boolean gone) {
        Predicate<String> refusedTable = name -> gone;
        return new Refusing(
                pipe.destination(),
                cells -> !cells.isNull(1) && cells.stringAt(1).startsWith("x"),
                false,
                refusedTable);
    }

    private void apply(boolean gone) throws Exception {
        try (Destination destination = refusing(gone)) {
            parking.run(destination, parking.queue(), () -> true);
        }
    }

    /** One process that replays all, until at most {@code left} events are parked; returns how often something was loaded. */
    private long replay(int left) throws Exception {
        FailedQueue queue = parking.queue();
        queue.replay(FailedFilter.ALL);
        try (Refusing destination = refusing(false)) {
            parking.run(destination, queue, () -> queue.counts().events() <= left);
            return destination.loads();
        }
    }

    /** One process that begins to replay all, and ends around the destination's commit of it. */
    private void replayAndEnd(Cut cut) {
        FailedQueue queue = parking.queue();
        queue.replay(FailedFilter.ALL);
        MillraceException ended = assertThrows(MillraceException.class, () -> {
            try (Destination destination = new Ending(refusing(false), cut)) {
                parking.run(destination, queue, () -> false);
            }
        });
        assertEquals("ENDED", ended.code());
    }

    private List<String> parked() {
        return parking.queue().list(FailedFilter.ALL, null, 100).stream()
                .map(event -> event.place() + " " + event.failure().code())
                .toList();
    }

    /** All that is in the store, with what has become of it. */
    private List<String> kept() {
        FailedFilter every = new FailedFilter(Optional.empty(), Optional.empty(), Optional.empty(), Set.of(), false);
        return parking.queue().list(every, null, 100).stream()
                .map(event -> event.place() + " " + event.course().status())
                .toList();
    }

    /** Two events from before a load, then a load of which the last row and the end are parked because the table can't take them. */
    private void parkTheEndOfALoad() throws Exception {
        table.row(Operation.INSERT, 1, "a").row(Operation.INSERT, 2, "x");
        apply(false);
        table.row(Operation.UPDATE, 2, "x-old");
        apply(false);
        table.control(Operation.LOAD_STARTED).row(Operation.READ, 1, "fresh");
        apply(false);
        table.row(Operation.READ, 3, "b").control(Operation.LOAD_COMPLETED);
        apply(true);
        assertEquals(List.of("2-0", "3-0", "6-0", "7-0"), places());
        assertEquals(List.of("6-0 TABLE_GONE", "7-0 BEHIND"), parked().subList(2, 4));
        assertEquals(List.of("1|a"), pipe.query(ROWS), "the load is not complete");
    }

    @Test
    void theRestOfALoadIsReplayedPastWhatIsOlderWhichIsObsoleteThen() throws Exception {
        parkTheEndOfALoad();
        replay(0);
        assertEquals(List.of("1|fresh", "3|b"), pipe.query(ROWS));
        assertEquals(
                List.of("2-0 " + FailedEvent.Status.OBSOLETE, "3-0 " + FailedEvent.Status.OBSOLETE),
                kept(),
                "what is older than the load is never loaded");
        table.row(Operation.INSERT, 2, "again");
        apply(false);
        assertEquals(List.of("1|fresh", "2|again", "3|b"), pipe.query(ROWS), "nothing waits for what is obsolete");
        assertEquals(List.of(), parked());
    }

    @ParameterizedTest
    @EnumSource(Cut.class)
    void theSameWhereTheProcessEndsAroundTheReplaysCommit(Cut cut) throws Exception {
        parkTheEndOfALoad();
        replayAndEnd(cut);
        assertEquals(4, parked().size(), "nothing of it is known here yet");
        long loads = replay(0);
        assertEquals(cut == Cut.AFTER_COMMIT, loads == 0, "what was committed isn't loaded again: " + loads);
        assertEquals(List.of("1|fresh", "3|b"), pipe.query(ROWS));
        assertEquals(List.of("2-0 OBSOLETE", "3-0 OBSOLETE"), kept());
    }

    /** An event that goes on failing, then the beginning of a load and a row of it that are parked because the table can't take them. */
    private void parkTheBeginningOfALoad() throws Exception {
        table.row(Operation.INSERT, 1, "a").row(Operation.INSERT, 2, "x");
        apply(false);
        table.control(Operation.LOAD_STARTED).row(Operation.READ, 1, "fresh");
        apply(true);
        assertEquals(List.of("3-0", "4-0"), places().subList(1, 3));
    }

    private List<String> places() {
        return parked().stream()
                .map(text -> text.substring(0, text.indexOf(' ')))
                .toList();
    }

    @Test
    void aReplayedBeginningMakesWhatIsOlderObsoleteOnceTheLoadIsComplete() throws Exception {
        parkTheBeginningOfALoad();
        replay(1);
        assertEquals(List.of("2-0 DATA_REFUSED"), parked(), "tried again together, and refused again");
        table.row(Operation.READ, 2, "y").control(Operation.LOAD_COMPLETED);
        apply(false);
        assertEquals(List.of("1|fresh", "2|y"), pipe.query(ROWS));
        assertEquals(List.of("2-0 OBSOLETE"), kept());
    }

    private static FailedFilter only(String id) {
        Set<EventPlace> ids = Set.of(EventPlace.parse(id));
        return new FailedFilter(Optional.empty(), Optional.empty(), Optional.empty(), ids, true);
    }

    @Test
    void aBeginningThatIsAskedForAloneTakesAlongWhatIsOlder() throws Exception {
        parkTheBeginningOfALoad();
        FailedQueue queue = parking.queue();
        FailedEvent beginning = queue.find(EventPlace.parse("3-0")).orElseThrow();
        assertEquals(
                Optional.of(EventPlace.parse("2-0")), queue.waits(beginning).front());
        assertEquals(new Asked(1, 1, 0), queue.replay(only("3-0")));
        try (Destination destination = refusing(false)) {
            parking.run(destination, queue, () -> queue.counts().events() == 1);
        }
        assertEquals(List.of("2-0 DATA_REFUSED"), parked(), "it was tried, and could not be loaded");
        assertEquals(new Asked(0, 0, 1), queue.replay(only("2-0")), "the load that has begun takes its place");
        FailedEvent older = queue.find(EventPlace.parse("2-0")).orElseThrow();
        assertEquals(new Waits(Optional.empty(), true), queue.waits(older));
        table.row(Operation.READ, 2, "y").control(Operation.LOAD_COMPLETED);
        apply(false);
        assertEquals(List.of("1|fresh", "2|y"), pipe.query(ROWS));
        assertEquals(new FailedTotals(3, 2, 0, 0, 1), parking.queue().counts().totals());
    }

    @ParameterizedTest
    @EnumSource(Cut.class)
    void theSameWhereTheProcessEndsAroundTheCommitOfTheBeginning(Cut cut) throws Exception {
        parkTheBeginningOfALoad();
        replayAndEnd(cut);
        table.row(Operation.READ, 2, "y").control(Operation.LOAD_COMPLETED);
        replay(0);
        assertEquals(List.of("1|fresh", "2|y"), pipe.query(ROWS));
        assertEquals(List.of("2-0 OBSOLETE"), kept());
    }

    /** A destination that is left in the middle of the first replay, as by a process that is killed. */
    private static final class Ending implements DelegatedDestination {
        private final Destination real;
        private final Cut cut;

        Ending(Destination real, Cut cut) {
            this.real = real;
            this.cut = cut;
        }

        @Override
        public Destination destination() {
            return real;
        }

        @Override
        public LoadTransaction begin() {
            LoadTransaction transaction = real.begin();
            return new DelegatedTransaction() {
                private boolean replay;

                @Override
                public LoadTransaction transaction() {
                    return transaction;
                }

                @Override
                public void did(String what) {
                    replay |= what.equals("replayed");
                }

                @Override
                public void commit(long logIndex) {
                    if (!replay || cut == Cut.AFTER_COMMIT) {
                        transaction.commit(logIndex);
                    }
                    if (replay) {
                        throw MillraceException.external("ENDED", "the process ended", cut.toString(), "", null);
                    }
                }
            };
        }
    }
}
