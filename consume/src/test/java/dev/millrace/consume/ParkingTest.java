package dev.millrace.consume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.FailedPolicy;
import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.config.pipeline.LoadRules;
import dev.millrace.config.pipeline.ObjectPattern;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.DataException;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.Reason;
import dev.millrace.consume.failed.EventValues;
import dev.millrace.consume.failed.FailedEvent;
import dev.millrace.consume.failed.FailedFilter;
import dev.millrace.consume.failed.FailedQueue;
import dev.millrace.consume.failed.Failure;
import dev.millrace.consume.testing.ParkingPipe;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.consume.testing.Refusing;
import dev.millrace.consume.testing.StepBench;
import dev.millrace.consume.testing.TableFeed;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Type;
import dev.millrace.storage.state.StateStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ParkingTest {
    private static final Column ID = new Column("id", DataType.of(Type.INTEGER), false, 1, "int4", 1);
    private static final Column WIDE_ID = new Column("id", DataType.of(Type.LONG), false, 1, "int8", 1);
    private static final Column NOTE = new Column("note", DataType.of(Type.STRING), true, 0, "text", 2);
    private static final String ROWS = "SELECT id, note FROM public.t WHERE NOT __millrace_deleted ORDER BY id";

    @TempDir
    Path folder;

    private Pipe pipe;
    private ParkingPipe parking;
    private TableFeed table;
    private Predicate<String> refusedTable = name -> false;

    @BeforeEach
    void begin() {
        pipe = new Pipe(folder);
        parking = parking(OnDelete.HARD);
        table = new TableFeed(pipe, "t").schema(1, ID, NOTE);
    }

    private ParkingPipe parking(OnDelete onDelete) {
        return new ParkingPipe(pipe.topic, pipe.state, onDelete, Optional.empty(), ConsumeOptions.defaults());
    }

    /** Applies the log; notes that begin with {@code x} are refused. */
    private FailedQueue apply() throws Exception {
        FailedQueue queue = parking.queue();
        run(queue, true);
        return queue;
    }

    private void run(FailedQueue queue, boolean refusing) throws Exception {
        try (Destination destination = new Refusing(
                pipe.destination(),
                cells -> refusing
                        && !cells.isNull(1)
                        && !cells.isUnchanged(1)
                        && cells.stringAt(1).startsWith("x"),
                false,
                refusedTable)) {
            parking.run(destination, queue, () -> refusing || queue.counts().events() == 0);
        }
    }

    private void replayAll() throws Exception {
        FailedQueue queue = parking.queue();
        queue.replay(FailedFilter.ALL);
        run(queue, false);
    }

    private static List<String> parked(FailedQueue queue) {
        return queue.list(FailedFilter.ALL, null, 100).stream()
                .map(event -> event.place() + " " + event.failure().code())
                .toList();
    }

    @Test
    void aRefusedRowIsParkedTheOthersAreLoadedAndItsSuccessorsWait() throws Exception {
        table.row(Operation.INSERT, 1, "a")
                .row(Operation.INSERT, 2, "x")
                .row(Operation.INSERT, 3, "b")
                .row(Operation.UPDATE, 2, "c")
                .row(Operation.UPDATE, 1, "d");
        FailedQueue queue = apply();
        assertEquals(List.of("1|d", "2|c", "3|b"), pipe.query(ROWS), "what the window comes to is in order");
        assertEquals(0, queue.counts().events());
        table.row(Operation.UPDATE, 2, "x2").row(Operation.UPDATE, 3, "e");
        apply();
        table.row(Operation.UPDATE, 2, "f").row(Operation.DELETE, 3, TableFeed.UNCHANGED);
        queue = apply();
        assertEquals(List.of("1|d", "2|c"), pipe.query(ROWS));
        assertEquals(List.of("6-0 DATA_REFUSED", "8-0 BEHIND"), parked(queue));
        replayAll();
        assertEquals(List.of("1|d", "2|f"), pipe.query(ROWS));
    }

    @Test
    void whatIsToBeLoadedAgainIsNamedAsTheSourceNamesIt() throws Exception {
        parking.transform(StepBench.load(folder, "transform:\n- steps:\n  - table: crm.{table}\n")
                .transform());
        table.row(Operation.INSERT, 1, "a");
        apply();
        table.schema(
                        2,
                        new Column("id", ID.dataType(), true, 0, "int4", 1),
                        new Column("note", NOTE.dataType(), false, 1, "text", 2))
                .row(Operation.INSERT, 2, "b");
        Failure failure = apply().list(FailedFilter.ALL, null, 10).get(0).failure();
        assertEquals("KEY_CHANGED", failure.code());
        assertTrue(failure.remedy().contains("'millrace reload public.t'"), failure::remedy);
    }

    @Test
    void whatAStepRefusesIsParkedWithItsPlaceAndRemedyButWithoutTheValue() throws Exception {
        parking.transform(StepBench.load(folder, "transform:\n- steps:\n  - cast: {note: string(5)}\n")
                .transform());
        table.row(Operation.INSERT, 1, "short").row(Operation.INSERT, 2, "much longer");
        Failure failure = apply().list(FailedFilter.ALL, null, 10).get(0).failure();
        assertEquals(
                Reason.plain("transform 1: the value is not text of at most 5 characters (shop.yaml:5:18)"),
                failure.why());
        assertEquals("TRANSFORM_VALUE_UNFIT note", failure.code() + " " + failure.column());
        assertEquals("Correct the row at the source, or give the column a type that takes it.", failure.remedy());
    }

    @Test
    void keysAnEventMovesFromAndToWaitBothAndUnchangedValuesMoveAlong() throws Exception {
        table.row(Operation.INSERT, 1, "a").row(Operation.INSERT, 2, "b");
        apply();
        table.row(Operation.INSERT, 3, "x");
        apply();
        table.row(Operation.DELETE, 3, TableFeed.UNCHANGED).row(Operation.INSERT, 3, "again");
        FailedQueue queue = apply();
        assertEquals(List.of("3-0 DATA_REFUSED", "4-0 BEHIND", "5-0 BEHIND"), parked(queue));
        replayAll();
        assertEquals(List.of("1|a", "2|b", "3|again"), pipe.query(ROWS));
    }

    @Test
    void aWidenedKeyIsTheSameKey() throws Exception {
        table.row(Operation.INSERT, 1, "x");
        apply();
        table.schema(2, WIDE_ID, NOTE).row(Operation.UPDATE, 1, "b").row(Operation.INSERT, 2, "c");
        FailedQueue queue = apply();
        assertEquals(List.of("1-0 DATA_REFUSED", "2-0 BEHIND"), parked(queue));
        assertEquals(List.of("2|c"), pipe.query(ROWS));
        replayAll();
        assertEquals(List.of("1|b", "2|c"), pipe.query(ROWS));
    }

    @Test
    void anEventWithoutItsKeyIsParkedAtValidation() throws Exception {
        table.row(Operation.INSERT, 1, "a").row(Operation.INSERT, null, "b").row(Operation.INSERT, 2, "c");
        FailedQueue queue = apply();
        FailedEvent event = queue.list(FailedFilter.ALL, null, 10).get(0);
        assertEquals(Failure.Phase.VALIDATE, event.failure().phase());
        assertEquals("id", event.failure().column());
        assertEquals(List.of("1|a", "2|c"), pipe.query(ROWS));
        assertEquals(1, queue.skip(FailedFilter.ALL));
        assertEquals(0, queue.counts().events());
    }

    @Test
    void truncatingMakesParkedEventsObsoleteWhereRowsAreDeleted() throws Exception {
        table.row(Operation.INSERT, 1, "x").row(Operation.INSERT, 2, "b");
        apply();
        table.control(Operation.TRUNCATE).row(Operation.INSERT, 1, "new");
        FailedQueue queue = apply();
        assertEquals(0, queue.counts().events());
        assertEquals(List.of("1|new"), pipe.query(ROWS));
        FailedFilter every = new FailedFilter(Optional.empty(), Optional.empty(), Optional.empty(), Set.of(), false);
        assertEquals(
                FailedEvent.Status.OBSOLETE,
                queue.list(every, null, 10).get(0).course().status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"public.x_t", "public.t"})
    void truncatingARenamedTableGoesByTheRuleOfTheNameItIsLoadedUnder(String hard) throws Exception {
        LoadRules.Entry rule =
                new LoadRules.Entry(ObjectPattern.of(hard).orElseThrow(), Optional.empty(), Optional.of(OnDelete.HARD));
        parking.rules(new LoadRules(LoadMode.MERGE, OnDelete.SOFT, List.of(rule)))
                .transform(StepBench.load(folder, "transform:\n  - steps: [{table: \"x_{table}\"}]")
                        .transform());
        table.row(Operation.INSERT, 1, "x").row(Operation.INSERT, 2, "b");
        apply();
        table.control(Operation.TRUNCATE).row(Operation.INSERT, 2, "new");
        boolean applies = hard.equals("public.x_t");
        assertEquals(applies ? List.of() : List.of("1-0 DATA_REFUSED", "3-0 BEHIND", "4-0 BEHIND"), parked(apply()));
        replayAll();
        assertEquals(List.of("2|new"), pipe.query(ROWS.replace("public.t", "public.x_t")));
    }

    @Test
    void truncatingWaitsWhereRowsAreMarked() throws Exception {
        parking = parking(OnDelete.SOFT);
        table.row(Operation.INSERT, 1, "x").row(Operation.INSERT, 2, "b");
        apply();
        table.control(Operation.TRUNCATE).row(Operation.INSERT, 2, "new");
        FailedQueue queue = apply();
        assertEquals(List.of("1-0 DATA_REFUSED", "3-0 BEHIND", "4-0 BEHIND"), parked(queue));
        replayAll();
        assertEquals(List.of("2|new"), pipe.query(ROWS));
    }

    @Test
    void aCompletedLoadMakesOlderParkedEventsObsoleteAndItsOwnAreReplayed() throws Exception {
        table.row(Operation.INSERT, 1, "x").row(Operation.INSERT, 2, "b");
        apply();
        table.control(Operation.LOAD_STARTED).row(Operation.READ, 1, "fresh").row(Operation.READ, 3, "x3");
        FailedQueue queue = apply();
        assertEquals(List.of("1-0 DATA_REFUSED", "5-0 DATA_REFUSED"), parked(queue));
        table.control(Operation.LOAD_COMPLETED);
        queue = apply();
        assertEquals(List.of("5-0 DATA_REFUSED"), parked(queue));
        replayAll();
        assertEquals(List.of("1|fresh", "3|x3"), pipe.query(ROWS));
    }

    @Test
    void aTableThatTakesNothingWaitsAsAWholeAndTheOthersGoOn() throws Exception {
        TableFeed other = new TableFeed(pipe, "u").schema(1, ID, NOTE);
        refusedTable = "t"::equals;
        table.row(Operation.INSERT, 1, "a").row(Operation.INSERT, 2, "b");
        other.row(Operation.INSERT, 1, "u");
        table.row(Operation.DELETE, 1, TableFeed.UNCHANGED);
        FailedQueue queue = apply();
        assertEquals(List.of("1-0 TABLE_GONE", "2-0 BEHIND", "4-0 BEHIND"), parked(queue));
        assertEquals(List.of("1|u"), pipe.query("SELECT id, note FROM public.u"));
        refusedTable = name -> false;
        replayAll();
        assertEquals(List.of("2|b"), pipe.query(ROWS));
    }

    @Test
    void oneOfAGroupIsTriedByItselfAndTheOthersFollowIt() throws Exception {
        table.row(Operation.INSERT, 1, "x1").row(Operation.INSERT, 2, "x2").row(Operation.INSERT, 3, "x3");
        FailedQueue queue = apply();
        assertEquals(3, queue.counts().events());
        parking.clock().forward(Duration.ofMinutes(2).toMillis());
        run(queue, false);
        assertEquals(List.of("1|x1", "2|x2", "3|x3"), pipe.query(ROWS));
        assertEquals(3, queue.counts().totals().replayed());
    }

    @Test
    void whatWaitsBehindASkippedEventGoesOnByItself() throws Exception {
        table.row(Operation.INSERT, 1, "x");
        apply();
        table.row(Operation.UPDATE, 1, "y");
        FailedQueue queue = apply();
        assertEquals(2, queue.counts().events());
        FailedEvent first = queue.list(FailedFilter.ALL, null, 1).get(0);
        queue.skip(new FailedFilter(Optional.empty(), Optional.empty(), Optional.empty(), Set.of(first.place()), true));
        run(queue, false);
        assertEquals(List.of("1|y"), pipe.query(ROWS));
    }

    @Test
    void policiesStopAndDiscard() throws Exception {
        table.row(Operation.INSERT, 1, "a").row(Operation.INSERT, 2, "x").row(Operation.UPDATE, 2, "x");
        parking.policy(policy(FailedPolicy.Action.STOP, 1L << 30, 0));
        assertThrows(DataException.class, this::apply);
        parking.policy(policy(FailedPolicy.Action.DISCARD, 1L << 30, 0));
        FailedQueue queue = apply();
        assertEquals(List.of("1|a"), pipe.query(ROWS));
        assertEquals(0, queue.counts().events());
        assertEquals(2, queue.counts().discarded());
    }

    @Test
    void aFullQueueStopsThePipelineWithoutLosingAnEvent() throws Exception {
        table.row(Operation.INSERT, 1, "x").row(Operation.INSERT, 2, "b");
        parking.policy(policy(FailedPolicy.Action.PARK, 100, 0));
        MillraceException full = assertThrows(MillraceException.class, this::apply);
        assertEquals("FAILED_EVENTS_FULL", full.code());
        parking.policy(policy(FailedPolicy.Action.PARK, 1 << 20, 0));
        apply();
        replayAll();
        assertEquals(List.of("1|x", "2|b"), pipe.query(ROWS));
    }

    @Test
    void tooManyFailuresStopThePipelineAndAreKept() throws Exception {
        for (int id = 0; id < 200; id++) {
            table.row(Operation.INSERT, id, "x" + id);
        }
        parking.policy(policy(FailedPolicy.Action.PARK, 1 << 30, 50));
        MillraceException stopped = assertThrows(MillraceException.class, this::apply);
        assertEquals("FAILED_EVENTS_RATE", stopped.code());
        replayAll();
        assertEquals(200, pipe.query(ROWS).size());
    }

    @Test
    void whatIsTooOldIsGivenUpAfterAWarning() throws Exception {
        table.row(Operation.INSERT, 1, "x");
        FailedQueue queue = apply();
        long expires = queue.counts().nextExpiryMillis();
        assertFalse(queue.expiresSoon(expires));
        parking.clock().forward(Duration.ofDays(6).plusHours(1).toMillis());
        assertTrue(queue.expiresSoon(expires));
        queue.tend();
        assertEquals(1, queue.counts().events());
        parking.clock().forward(Duration.ofDays(1).toMillis());
        queue.tend();
        assertEquals(0, queue.counts().events());
        assertEquals(1, queue.counts().totals().expired());
    }

    @Test
    void valuesAreEncryptedInTheStoreAndShownWhenAsked() throws Exception {
        table.row(Operation.INSERT, 7, "x-secret-x");
        FailedQueue queue = apply();
        for (Map.Entry<String, byte[]> entry : pipe.state.list(StateStore.Kind.FAILED_EVENT, "", 100)) {
            assertFalse(new String(entry.getValue(), StandardCharsets.ISO_8859_1).contains("secret"), entry.getKey());
        }
        FailedEvent event = queue.list(FailedFilter.ALL, null, 1).get(0);
        assertEquals(
                Map.of("id", "***", "note", "***"),
                EventValues.of(queue.values(event.place()), false).values());
        assertEquals(
                Map.of("id", 7L, "note", "x-secret-x"),
                EventValues.of(queue.values(event.place()), true).values());
    }

    private static FailedPolicy policy(FailedPolicy.Action action, long maxBytes, double percent) {
        return new FailedPolicy(action, Duration.ofDays(7), maxBytes, percent, Duration.ofMinutes(5));
    }
}
