package dev.millrace.consume.failed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.FailedPolicy;
import dev.millrace.config.pipeline.LoadRules;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.config.setting.Secret;
import dev.millrace.consume.testing.ParkingPipe;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.consume.testing.TableFeed;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.crypto.KeyRing;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FailedQueueTest {
    private static final Column ID = new Column("id", DataType.of(Type.INTEGER), false, 1, "int4", 1);
    private static final LoadRules RULES = LoadRules.merge(OnDelete.HARD);
    private static final Failure GONE = new Failure(Failure.Phase.MAP, "TABLE_GONE", "it was dropped", "");
    private static final Failure ODD = new Failure(Failure.Phase.TRANSFORM, "ODD", "it is odd", "");
    private static final int MANY = 100;

    @TempDir
    Path folder;

    private final ParkingPipe.MovableClock clock = new ParkingPipe.MovableClock();
    private Pipe pipe;
    private FailedQueue queue;
    private int parkedBatches;

    @BeforeEach
    void begin() {
        pipe = new Pipe(folder);
        queue = queueOfNextProcess();
    }

    private FailedQueue queueOfNextProcess() {
        KeyRing keys = KeyRing.of(List.of(new Secret("00".repeat(32))));
        return new FailedQueue("orders", pipe.state, keys, FailedPolicy.DEFAULT, clock);
    }

    private static Suspects wholly(String table) {
        Suspects suspects = new Suspects();
        suspects.add(new TableName("public", table), GONE, true);
        return suspects;
    }

    /** One row each, of a table that takes nothing. */
    private void park(String table, int... ids) {
        TableFeed feed = new TableFeed(pipe, table).after(parkedBatches).schema(1, ID);
        for (int id : ids) {
            feed.row(Operation.INSERT, id);
        }
        Held held = new Held();
        Sieve sieve = queue.sieve(RULES, wholly(table), parkedBatches);
        List<StoredBatch> batches = pipe.topic.batches();
        for (StoredBatch batch : batches.subList(parkedBatches, batches.size())) {
            sieve.filter(batch, 0, held, schema -> List.of(schema.table()));
        }
        parkedBatches = batches.size();
        queue.park(held, parkedBatches);
    }

    private List<Replayable> take() {
        return queue.take(parkedBatches, MANY, Long.MAX_VALUE);
    }

    /** What a replay holds back of all that was taken, where the table still takes nothing. */
    private Held tryAgain(List<Replayable> taken, String table) {
        Held held = new Held();
        Sieve sieve = queue.replaySieve(RULES, wholly(table), taken);
        for (Replayable one : taken) {
            sieve.filter(one.batch(), one.event().place().row(), held, schema -> List.of(schema.table()));
        }
        return held;
    }

    @Test
    void whatHasFailedAgainIsNotTriedAtOnceThoughSomebodyHasAskedForIt() {
        park("t", 1, 2, 3);
        assertEquals(List.of(), take(), "what was parked just now waits a minute");
        queue.replay(FailedFilter.ALL);
        List<Replayable> taken = take();
        assertEquals(3, taken.size());
        queue.replayed(taken, tryAgain(taken, "t"));
        assertEquals(List.of(), take(), "the first waits for its time, the others for the first");
        assertFalse(queue.worthLooking());
        clock.forward(Duration.ofMinutes(1).toMillis());
        assertTrue(queue.worthLooking());
        assertEquals(3, take().size());
    }

    @Test
    void aReplayThatChangedNothingIsNotRepeatedAtOnce() {
        park("t", 1, 2, 3);
        queue.replay(FailedFilter.ALL);
        List<Replayable> taken = take();
        Held held = new Held();
        taken.forEach(one ->
                held.add(one.event().with(Failure.behind(null), one.event().course()), new byte[0]));
        queue.replayed(taken, held);
        assertFalse(queue.worthLooking());
        assertFalse(queue.anyDue(parkedBatches));
        assertEquals(List.of(), take());
        clock.forward(Duration.ofSeconds(30).toMillis());
        assertEquals(3, take().size(), "something may have changed since that nobody told it");
    }

    @Test
    void whatIsGivenUpBeforeACrashedReplayIsSettledIsCountedOnce() {
        park("t", 1, 2, 3);
        queue.replay(FailedFilter.ALL);
        queue.replaying(1, take(), new Held());
        FailedQueue next = queueOfNextProcess();
        Set<EventPlace> first =
                Set.of(next.list(FailedFilter.ALL, null, 1).get(0).place());
        next.skip(new FailedFilter(Optional.empty(), Optional.empty(), Optional.empty(), first, true));
        next.settle(() -> 1);
        assertEquals(new FailedTotals(3, 2, 1, 0, 0), next.counts().totals());
        assertEquals(0, next.counts().events());
        assertEquals(next.counts(), queueOfNextProcess().counts());
    }

    @Test
    void aGroupThatIsNoMoreIsNotLookedForAgainAndAgain() {
        park("gone", 1);
        clock.forward(Duration.ofSeconds(50).toMillis());
        park("t", 2);
        queue.skip(new FailedFilter(Optional.of("public.gone"), Optional.empty(), Optional.empty(), Set.of(), true));
        clock.forward(Duration.ofSeconds(20).toMillis());
        assertEquals(List.of(), take());
        clock.forward(Duration.ofSeconds(1).toMillis());
        assertFalse(queue.worthLooking(), "its time is over, but nothing of it is left");
        clock.forward(Duration.ofSeconds(40).toMillis());
        assertEquals(1, take().size());
    }

    /** One row each, each of which fails by itself. */
    private void parkEach(int rows) {
        TableFeed feed = new TableFeed(pipe, "t").after(parkedBatches).schema(1, ID);
        Suspects suspects = new Suspects();
        for (int id = 1; id <= rows; id++) {
            feed.row(Operation.INSERT, id);
            suspects.add(new TableName("public", "t"), "0/" + (parkedBatches + id) + ":0", ODD);
        }
        queue.park(
                held(queue.sieve(RULES, suspects, parkedBatches)),
                pipe.topic.batches().size());
        parkedBatches = pipe.topic.batches().size();
    }

    private Held held(Sieve sieve) {
        Held held = new Held();
        List<StoredBatch> batches = pipe.topic.batches();
        for (StoredBatch batch : batches.subList(parkedBatches, batches.size())) {
            sieve.filter(batch, 0, held, schema -> List.of(schema.table()));
        }
        return held;
    }

    /** Tries what is due; those that are {@code bad} fail again. Gives the log indexes of what was tried. */
    private List<Long> tryDue(LongPredicate bad) {
        List<Replayable> taken = take();
        if (taken.isEmpty()) {
            return List.of();
        }
        Suspects suspects = new Suspects();
        for (Replayable one : taken) {
            if (bad.test(one.event().place().logIndex())) {
                suspects.add(one.event().table(), one.event().eventId(), ODD);
            }
        }
        Held held = new Held();
        Sieve sieve = queue.replaySieve(RULES, suspects, taken);
        for (Replayable one : taken) {
            sieve.filter(one.batch(), one.event().place().row(), held, schema -> List.of(schema.table()));
        }
        queue.replayed(taken, held);
        return taken.stream().map(one -> one.event().place().logIndex()).toList();
    }

    @Test
    void theFirstThatNothingHasMendedKeepNoOthersFromBeingTried() {
        parkEach(25);
        queue = queueOfNextProcess();
        List<Long> tried = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
            clock.forward(Duration.ofHours(1).toMillis());
            tried.addAll(tryDue(index -> index <= 25));
        }
        assertEquals(LongStream.rangeClosed(1, 25).boxed().toList(), tried, "each has had its turn");
        clock.forward(Duration.ofHours(1).toMillis());
        assertEquals(1, tryDue(index -> index <= 22).get(0), "from the first again");
        clock.forward(Duration.ofHours(1).toMillis());
        assertEquals(11, tryDue(index -> index <= 22).get(0));
        clock.forward(Duration.ofHours(1).toMillis());
        assertEquals(List.of(21L, 22L, 23L, 24L, 25L), tryDue(index -> index <= 22));
        assertEquals(22, tryDue(index -> index <= 22).size(), "some have passed, so that the others are tried at once");
        assertEquals(22, queue.counts().events());
    }

    @Test
    void whatFailsAgainAndAgainIsTriedEverMoreSeldom() {
        parkEach(30);
        int tries = 0;
        for (int minute = 0; minute < 24 * 60; minute++) {
            clock.forward(Duration.ofMinutes(1).toMillis());
            tries += tryDue(index -> true).isEmpty() ? 0 : 1;
        }
        assertTrue(tries >= 24 && tries <= 32, "tried " + tries + " times in a day");
    }

    @Test
    void whatIsNoLongerParkedHasNoValuesAndIsNotDamaged() {
        park("t", 1);
        EventPlace place = queue.list(FailedFilter.ALL, null, 1).get(0).place();
        assertEquals(1, queue.values(place).header().eventCount());
        queue.skip(FailedFilter.ALL);
        MillraceException gone = assertThrows(MillraceException.class, () -> queue.values(place));
        assertEquals("FAILED_EVENT_GONE", gone.code());
        assertEquals(Category.USER, gone.category());
    }

    @Test
    void aPlaceBeyondAllLogsIsNoPlace() {
        for (String wrong : List.of("549755813888-0", "999999999999-1", "1-16777216", "1", "-1-1")) {
            MillraceException refused = assertThrows(MillraceException.class, () -> EventPlace.parse(wrong), wrong);
            assertEquals("FAILED_EVENT_ID", refused.code());
        }
        assertEquals(
                "549755813887-16777215",
                EventPlace.parse("549755813887-16777215").toString());
    }

    /** A sieve lives as long as nothing is found wrong with what it lets pass: for days. */
    @Test
    void whatWaitsBehindAnotherIsKeptFromTheMomentItIsParked() {
        park("t", 1);
        Sieve sieve = queue.sieve(RULES, wholly("none"), parkedBatches);
        clock.forward(Duration.ofDays(5).toMillis());
        new TableFeed(pipe, "t").after(parkedBatches).schema(1, ID).row(Operation.UPDATE, 1);
        queue.park(held(sieve), parkedBatches + 1);
        FailedEvent.Course course = queue.list(FailedFilter.ALL, null, 2).get(1).course();
        assertEquals(clock.millis(), course.parkedAtMillis());
        assertEquals(clock.instant().plus(Duration.ofDays(7)).toEpochMilli(), course.expiresAtMillis());
    }

    @Test
    void whatWasTakenCanBeGivenUpWhenTheReplayCameToNoEnd() {
        park("t", 1, 2);
        queue.replay(FailedFilter.ALL);
        assertEquals(2, take().size());
        assertEquals(0, queue.skip(FailedFilter.ALL), "they are being replayed");
        queue.replayEnded();
        assertEquals(2, queue.skip(FailedFilter.ALL));
    }

    @Test
    void whatMayBeAtTheDestinationIsNotGivenUp() {
        park("t", 1, 2);
        queue.replay(FailedFilter.ALL);
        queue.replaying(1, take(), new Held());
        queue.replayEnded();
        assertEquals(0, queue.skip(FailedFilter.ALL));
        queue.settle(() -> 1);
        assertEquals(new FailedTotals(2, 2, 0, 0, 0), queue.counts().totals());
    }

    /** Displays wait for nobody who reads the store. */
    @Test
    void figuresThatAreShownAreThoseBehindWhatIsDone() {
        park("t", 1, 2, 3, 4);
        EventPlace first = queue.list(FailedFilter.ALL, null, 1).get(0).place();
        queue.skip(new FailedFilter(Optional.empty(), Optional.empty(), Optional.empty(), Set.of(first), true));
        assertEquals(3, queue.lastCounts().events());
        queue.replay(FailedFilter.ALL);
        List<Replayable> taken = take();
        queue.replayed(taken.subList(0, 1), new Held());
        assertEquals(2, queue.lastCounts().events());
        queue.replay(FailedFilter.ALL);
        queue.replaying(1, take().subList(0, 1), new Held());
        FailedQueue next = queueOfNextProcess();
        next.settle(() -> 1);
        assertEquals(new FailedTotals(4, 2, 1, 0, 0), next.lastCounts().totals());
        assertEquals(1, next.lastCounts().events());
        next.beginAgain();
        assertEquals(0, next.lastCounts().events());
        assertEquals(next.counts(), queueOfNextProcess().counts());
    }

    /** Nobody could be warned of what has become too old then, and nothing could be tried again. */
    @Test
    void whatBecameTooOldWhileNothingRanIsKeptForAsLongAsAWarningIsGivenBefore() {
        park("t", 1);
        queue.tend();
        clock.forward(Duration.ofDays(9).toMillis());
        queue = queueOfNextProcess();
        queue.tend();
        assertEquals(1, queue.counts().events());
        assertEquals(
                clock.millis() + Duration.ofDays(1).toMillis(), queue.counts().nextExpiryMillis());
        for (int hour = 0; hour < 23; hour++) {
            clock.forward(Duration.ofHours(1).toMillis());
            queue = queueOfNextProcess();
            queue.tend();
            assertEquals(1, queue.counts().events());
        }
        clock.forward(Duration.ofHours(1).toMillis());
        queueOfNextProcess().tend();
        assertEquals(
                new FailedTotals(1, 0, 0, 1, 0), queueOfNextProcess().counts().totals());
    }

    @Test
    void aClockPutFarForwardGivesNothingUpAtOnce() {
        park("t", 1);
        queue.tend();
        clock.forward(Duration.ofDays(4_000).toMillis());
        queue.tend();
        clock.forward(-Duration.ofDays(4_000).toMillis());
        queue.tend();
        assertEquals(1, queue.counts().events());
    }
}
