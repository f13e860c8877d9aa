package dev.millrace.consume.failed;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random events of which some are parked, and some of those are asked for. */
final class PredecessorsTest {
    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final int TRIALS = 300;
    private static final Column ID = new Column("id", DataType.of(Type.INTEGER), false, 1, "int4", 1);
    private static final Column NOTE = new Column("note", DataType.of(Type.STRING), true, 0, "text", 2);
    private static final Column NOTE_IN_KEY = new Column("note", DataType.of(Type.STRING), false, 2, "text", 2);
    private static final LoadRules SOFT = LoadRules.merge(OnDelete.SOFT);
    private static final Failure REFUSED = new Failure(Failure.Phase.LOAD, "DATA_REFUSED", "too long", "");
    private static final int EVENTS = 30;

    @TempDir
    Path folder;

    /** A log of two tables' events, about a third of which fail; what fails, or waits, is parked. */
    private FailedQueue parked(SplittableRandom random) {
        Pipe pipe = new Pipe(folder);
        List<TableFeed> tables = List.of(new TableFeed(pipe, "t"), new TableFeed(pipe, "u"));
        Suspects suspects = new Suspects();
        for (int event = 1; event <= EVENTS; event++) {
            int table = random.nextInt(2);
            TableFeed feed = tables.get(table);
            feed.schema(1, ID, random.nextInt(8) == 0 ? NOTE_IN_KEY : NOTE);
            if (random.nextInt(15) == 0) {
                feed.control(Operation.TRUNCATE);
            } else {
                feed.row(Operation.UPDATE, random.nextInt(5), "n" + random.nextInt(2));
            }
        }
        for (int event = 1; event <= EVENTS; event++) {
            for (String table : List.of("t", "u")) { // both have events of that id
                if (random.nextInt(3) == 0) {
                    suspects.add(new TableName("public", table), "0/" + event + ":0", REFUSED);
                }
            }
        }
        KeyRing keys = KeyRing.of(List.of(new Secret("00".repeat(32))));
        FailedQueue queue =
                new FailedQueue("orders", pipe.state, keys, FailedPolicy.DEFAULT, new ParkingPipe.MovableClock());
        Held held = new Held();
        Sieve sieve = queue.sieve(SOFT, suspects, 0);
        for (StoredBatch batch : pipe.topic.batches()) {
            sieve.filter(batch, 0, held, schema -> List.of(schema.table()));
        }
        queue.park(held, EVENTS);
        return queue;
    }

    @Test
    void whateverIsAskedForIsTriedTogetherWithAllThatHasToGoBefore() {
        int withOthers = 0;
        for (int trial = 0; trial < TRIALS; trial++) {
            SplittableRandom random = new SplittableRandom(SEED + trial);
            String seed = "seed " + (SEED + trial);
            FailedQueue queue = parked(random);
            List<FailedEvent> all = queue.list(FailedFilter.ALL, null, EVENTS);
            if (all.isEmpty()) {
                continue;
            }
            Set<EventPlace> ids = new HashSet<>();
            for (int more = random.nextInt(3); more >= 0; more--) {
                ids.add(all.get(random.nextInt(all.size())).place());
            }
            Asked asked =
                    queue.replay(new FailedFilter(Optional.empty(), Optional.empty(), Optional.empty(), ids, true));
            Set<EventPlace> taken = queue.take(EVENTS, EVENTS, Long.MAX_VALUE).stream()
                    .map(one -> one.event().place())
                    .collect(Collectors.toSet());
            assertTrue(taken.containsAll(ids), () -> ids + " were asked for and " + taken + " taken, " + seed);
            assertEquals(ids.size(), asked.events(), seed);
            assertEquals(0, asked.superseded(), seed);
            assertTrue(taken.size() >= asked.events() + asked.ahead(), () -> asked + " and " + taken + ", " + seed);
            withOthers += asked.ahead() > 0 ? 1 : 0;
            requireFronts(queue, all, ids, seed);
        }
        assertTrue(withOthers > TRIALS / 10, withOthers + " trials in which others had to go before, seed " + SEED);
    }

    /** What an event is said to wait for is parked and earlier, and nothing is taken along where none is said to wait. */
    private static void requireFronts(FailedQueue queue, List<FailedEvent> all, Set<EventPlace> ids, String seed) {
        for (FailedEvent event : all) {
            Optional<EventPlace> front = queue.waits(event).front();
            assertTrue(front.isEmpty() || front.get().compareTo(event.place()) < 0, seed);
            assertTrue(front.isPresent() || !event.failure().isBehind(), () -> event.place() + " waits, " + seed);
        }
        boolean nobodyWaits = all.stream()
                .filter(event -> ids.contains(event.place()))
                .allMatch(event -> queue.waits(event).front().isEmpty());
        Asked again = queue.replay(new FailedFilter(Optional.empty(), Optional.empty(), Optional.empty(), ids, true));
        assertTrue(!nobodyWaits || again.ahead() == 0, () -> again + ", " + seed);
    }
}
