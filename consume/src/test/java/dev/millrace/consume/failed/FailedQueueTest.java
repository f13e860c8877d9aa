package dev.millrace.consume.failed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FailedQueueTest {
    private static final Column ID = new Column("id", DataType.of(Type.INTEGER), false, 1, "int4", 1);
    private static final LoadRules RULES = LoadRules.merge(OnDelete.HARD);
    private static final Failure GONE = new Failure(Failure.Phase.MAP, "TABLE_GONE", "it was dropped", "");
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
}
