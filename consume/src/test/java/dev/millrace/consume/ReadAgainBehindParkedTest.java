package dev.millrace.consume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.failed.FailedFilter;
import dev.millrace.consume.failed.FailedQueue;
import dev.millrace.consume.testing.AtCommit;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A process ends when a window's failed events are parked and the rest of it isn't committed yet. The window is read again, and events that have
 * come since wait for what is parked in it: they once did not where the window also emptied the table, and a replay overwrote them.
 */
final class ReadAgainBehindParkedTest {
    private static final Column ID = new Column("id", DataType.of(Type.INTEGER), false, 1, "int4", 1);
    private static final Column NOTE = new Column("note", DataType.of(Type.STRING), true, 0, "text", 2);
    private static final String ROWS = "SELECT id, note FROM public.t ORDER BY id";

    @TempDir
    Path folder;

    private Pipe pipe;
    private ParkingPipe parking;
    private TableFeed table;

    @BeforeEach
    void begin() {
        pipe = new Pipe(folder);
        parking = new ParkingPipe(pipe.topic, pipe.state, OnDelete.HARD, Optional.empty(), ConsumeOptions.defaults());
        table = new TableFeed(pipe, "t").schema(1, ID, NOTE);
    }

    /** Notes that begin with {@code x} are refused. */
    private Destination refusing() {
        return new Refusing(
                pipe.destination(),
                cells -> !cells.isNull(1) && cells.stringAt(1).startsWith("x"),
                false,
                name -> false);
    }

    private FailedQueue apply() throws Exception {
        FailedQueue queue = parking.queue();
        try (Destination destination = refusing()) {
            parking.run(destination, queue, () -> true);
        }
        return queue;
    }

    private void applyAndEndBeforeTheCommit() {
        FailedQueue queue = parking.queue();
        MillraceException ended = assertThrows(MillraceException.class, () -> {
            try (Destination destination =
                    new AtCommit(refusing(), ReadAgainBehindParkedTest::endBeforeTheCommit, () -> {})) {
                parking.run(destination, queue, () -> false);
            }
        });
        assertEquals("ENDED", ended.code());
    }

    private void replayAll() throws Exception {
        FailedQueue queue = parking.queue();
        queue.replay(FailedFilter.ALL);
        try (Destination destination = pipe.destination()) {
            parking.run(destination, queue, () -> queue.counts().events() == 0);
        }
    }

    private static List<String> parked(FailedQueue queue) {
        return queue.list(FailedFilter.ALL, null, 100).stream()
                .map(event -> event.place() + " " + event.failure().code())
                .toList();
    }

    /** What empties a table, and what was parked of it before. */
    private enum Emptying {
        TRUNCATE(Operation.TRUNCATE, Operation.INSERT),
        LOAD(Operation.LOAD_STARTED, Operation.READ);

        private final Operation control;
        private final Operation row;

        Emptying(Operation control, Operation row) {
            this.control = control;
            this.row = row;
        }
    }

    @ParameterizedTest
    @EnumSource(Emptying.class)
    void whatComesLaterWaitsForWhatIsParkedBehindIt(Emptying emptying) throws Exception {
        table.row(Operation.INSERT, 1, "x one");
        apply();
        table.control(emptying.control).row(emptying.row, 2, "x two");
        applyAndEndBeforeTheCommit();
        table.row(Operation.UPDATE, 2, "newer");
        if (emptying == Emptying.LOAD) {
            table.control(Operation.LOAD_COMPLETED);
        }
        FailedQueue queue = apply();
        assertEquals(List.of("3-0 DATA_REFUSED", "4-0 BEHIND"), parked(queue));
        assertEquals(1, queue.counts().totals().obsolete());
        replayAll();
        assertEquals(List.of("2|newer"), pipe.query(ROWS));
    }

    @Test
    void whatIsParkedTwiceIsCountedOnce() throws Exception {
        table.row(Operation.INSERT, 1, "x one").row(Operation.INSERT, 2, "good");
        applyAndEndBeforeTheCommit();
        applyAndEndBeforeTheCommit();
        FailedQueue queue = apply();
        assertEquals(List.of("1-0 DATA_REFUSED"), parked(queue));
        assertEquals(1, queue.counts().totals().parked());
        assertEquals(List.of("2|good"), pipe.query(ROWS));
    }

    private static void endBeforeTheCommit() {
        throw MillraceException.external("ENDED", "the process ended", "before the commit", "", null);
    }
}
