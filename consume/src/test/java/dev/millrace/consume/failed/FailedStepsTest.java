package dev.millrace.consume.failed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.FailedPolicy;
import dev.millrace.config.pipeline.LoadRules;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.config.setting.Secret;
import dev.millrace.consume.testing.DelegatedState;
import dev.millrace.consume.testing.DyingState;
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
import dev.millrace.storage.state.StateChanges;
import dev.millrace.storage.state.StateStore;
import dev.millrace.storage.state.StateStore.Kind;
import dev.millrace.storage.testing.MemoryState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is done to many failed events is done in steps. Processes end at any write of any step, and what they left is done by the next ones: at
 * the end all is as in a queue whose process never ended, figures included.
 */
final class FailedStepsTest {
    private static final Column ID = new Column("id", DataType.of(Type.INTEGER), false, 1, "int4", 1);
    private static final LoadRules RULES = LoadRules.merge(OnDelete.HARD);
    private static final Failure REFUSED = new Failure(Failure.Phase.LOAD, "DATA_REFUSED", "it was refused", "");
    private static final KeyRing KEYS = KeyRing.of(List.of(new Secret("00".repeat(32))));
    private static final FailedFilter EVERY =
            new FailedFilter(Optional.empty(), Optional.empty(), Optional.empty(), Set.of(), false);
    private static final List<String> TABLES = List.of("t", "u");
    private static final int ROUNDS = 40;
    private static final int FEW_WRITES = 12;

    @TempDir
    Path folder;

    private final ParkingPipe.MovableClock clock = new ParkingPipe.MovableClock();

    private FailedQueue queue(StateStore state, int step) {
        return new FailedQueue("orders", state, KEYS, FailedPolicy.DEFAULT, clock, step);
    }

    /** A store and the processes that come and go on it. */
    private final class World {
        private final MemoryState state = new MemoryState();
        private final Optional<SplittableRandom> deaths;
        private final int step;
        private FailedQueue queue;
        private long deathCount;
        private long committed;

        World(Optional<SplittableRandom> deaths, int step) {
            this.deaths = deaths;
            this.step = step;
            begin(FEW_WRITES);
        }

        /** A process that ends at one of the next so many writes. */
        private void begin(int writes) {
            queue = queue(
                    deaths.<StateStore>map(random -> new DyingState(state, random.split(), writes))
                            .orElse(state),
                    step);
        }

        /** Does it, again by other processes until one comes to its end. */
        void untilDone(Consumer<FailedQueue> work) {
            for (int writes = FEW_WRITES; ; writes *= 2) { // what begins anew each time comes to its end one day, too
                try {
                    queue.settle(() -> committed);
                    work.accept(queue);
                    return;
                } catch (MillraceException e) {
                    if (!DyingState.isEnd(e)) {
                        throw e;
                    }
                    deathCount++;
                    begin(writes);
                }
            }
        }

        void window(List<StoredBatch> batches, long applied, Set<Long> refused) {
            untilDone(now -> {
                Held held = new Held();
                filter(now.sieve(RULES, suspects(refused), applied), batches, held);
                now.park(held, applied + batches.size());
            });
        }

        /** Of all that is parked, those that are still refused fail again. */
        void replay(long appliedIndex, Set<Long> refused) {
            long number = committed + 1;
            untilDone(now -> {
                if (committed == number) {
                    return; // settled since
                }
                now.replay(FailedFilter.ALL);
                List<Replayable> taken = now.take(appliedIndex, Integer.MAX_VALUE, Long.MAX_VALUE);
                Held held = new Held();
                Sieve sieve = now.replaySieve(RULES, suspects(refused), taken);
                for (Replayable one : taken) {
                    sieve.filter(one.batch(), one.event().place().row(), held, schema -> List.of(schema.table()));
                }
                now.replaying(number, taken, held);
                committed = number;
                now.replayed(taken, held);
            });
        }

        private List<String> kept() {
            List<String> kept = new ArrayList<>();
            queue.list(EVERY, null, Integer.MAX_VALUE).forEach(event -> {
                kept.add(event.place() + " " + event.course().status() + " "
                        + event.course().expiresAtMillis());
                if (event.parked()) {
                    assertEquals(1, queue.values(event.place()).header().eventCount());
                }
            });
            return kept;
        }

        private long entries(String family) {
            return state.list(Kind.FAILED_EVENT, "orders/" + family, Integer.MAX_VALUE)
                    .size();
        }
    }

    private static Suspects suspects(Set<Long> events) {
        Suspects suspects = new Suspects();
        TABLES.forEach(table ->
                events.forEach(number -> suspects.add(new TableName("public", table), "0/" + number + ":0", REFUSED)));
        return suspects;
    }

    private static void filter(Sieve sieve, List<StoredBatch> batches, Held held) {
        batches.forEach(batch -> sieve.filter(batch, 0, held, schema -> List.of(schema.table())));
    }

    private static void requireSame(World calm, World mortal, String told) {
        // what an index knows is what another finds in the store
        FailedCounts counts = calm.queue.counts();
        assertEquals(calm.kept(), mortal.kept(), told);
        assertEquals(counts.totals(), mortal.queue.counts().totals(), told);
        assertEquals(counts.events(), mortal.queue.counts().events(), told);
        for (World world : List.of(calm, mortal)) {
            assertEquals(counts.events(), world.entries("e/"), "values of what is parked, and no others; " + told);
            assertEquals(0, world.entries("r"), told);
        }
        FailedTotals totals = counts.totals();
        long gone = totals.replayed() + totals.skipped() + totals.expired() + totals.obsolete();
        assertEquals(totals.parked(), counts.events() + gone, told);
    }

    @RepeatedTest(5)
    void whatProcessesLeaveInTheMiddleIsDoneByOthersAndNothingTwice(RepetitionInfo trial) {
        long seed = Long.getLong("seed", System.nanoTime()) + trial.getCurrentRepetition() - 1;
        SplittableRandom random = new SplittableRandom(seed);
        Pipe pipe = new Pipe(folder);
        World calm = new World(Optional.empty(), 1_000);
        World mortal = new World(Optional.of(random.split()), 1 + random.nextInt(4));
        List<TableFeed> feeds = new ArrayList<>();
        TABLES.forEach(table -> feeds.add(new TableFeed(pipe, table).schema(1, ID)));
        Set<Long> refused = new HashSet<>();
        Set<Integer> loading = new HashSet<>();
        int applied = 0;
        for (int round = 0; round < ROUNDS; round++) {
            int events = random.nextInt(20);
            for (int number = applied + 1; number <= applied + events; number++) {
                int table = random.nextInt(TABLES.size());
                change(feeds.get(table).after(number - 1), table, loading, random);
                if (random.nextInt(3) == 0) {
                    refused.add((long) number);
                }
            }
            int before = applied;
            applied += events;
            List<StoredBatch> batches = List.copyOf(pipe.topic.batches().subList(before, applied));
            Set<Long> now = Set.copyOf(refused);
            List<World> worlds = List.of(calm, mortal);
            worlds.forEach(world -> world.window(batches, before, now));
            int last = applied;
            switch (random.nextInt(6)) {
                case 0 -> {
                    refused.removeIf(number -> number % 3 > 0);
                    worlds.forEach(world -> world.replay(last, Set.copyOf(refused)));
                }
                case 1 -> {
                    FailedFilter one = new FailedFilter(
                            Optional.of("public." + TABLES.get(random.nextInt(TABLES.size()))),
                            Optional.empty(),
                            Optional.empty(),
                            Set.of(),
                            true);
                    worlds.forEach(world -> world.untilDone(queue -> queue.skip(one)));
                }
                case 2 -> {
                    for (int looks = random.nextInt(8); looks >= 0; looks--) {
                        clock.forward(random.nextLong(Duration.ofHours(30).toMillis()));
                        worlds.forEach(world -> world.untilDone(FailedQueue::tend));
                    }
                }
                default -> {
                    // another window
                }
            }
            requireSame(calm, mortal, "round " + round + ", seed " + seed);
        }
        FailedTotals totals = calm.queue.counts().totals();
        assertTrue(totals.parked() > 10 && mortal.deathCount > 5, totals + " " + mortal.deathCount + " seed " + seed);
    }

    /** @param loading tables of which a load is under way: a source ends one before it begins the next */
    private static void change(TableFeed feed, int table, Set<Integer> loading, SplittableRandom random) {
        int choice = random.nextInt(24);
        if (choice == 0) {
            feed.control(Operation.TRUNCATE);
        } else if (choice < 5) {
            boolean begins = loading.add(table);
            feed.control(begins ? Operation.LOAD_STARTED : Operation.LOAD_COMPLETED);
            if (!begins) {
                loading.remove(table);
            }
        } else {
            feed.row(Operation.INSERT, random.nextInt(8));
        }
    }

    @Test
    void manyEventsAreNeverChangedInOneWrite() {
        int many = 5_000;
        Widest state = new Widest(new MemoryState());
        Pipe pipe = new Pipe(folder);
        FailedQueue queue = queue(state, 100);
        TableFeed feed = new TableFeed(pipe, "t").schema(1, ID);
        Set<Long> refused = inserted(feed, many);
        for (int from = 0; from < many; from += 500) {
            park(queue, pipe.topic.batches().subList(from, from + 500), from, refused);
        }
        state.most = 0;
        clock.forward(FailedPolicy.DEFAULT.keep().toMillis() - 1);
        queue.tend();
        feed.row(Operation.INSERT, many + 1);
        park(queue, pipe.topic.batches().subList(many, many + 1), many, Set.of(many + 1L));
        clock.forward(1);
        queue.tend();
        assertEquals(new FailedTotals(many + 1, 0, 0, many, 0), queue.counts().totals());
        assertTrue(state.most <= 2 * 100 + 2, state.most + " changes in one write");

        FailedQueue later = queue(state, 100);
        clock.forward(Duration.ofDays(1).toMillis());
        later.tend();
        assertEquals(1, later.list(EVERY, null, many).size(), "records of what was given up are gone after a day");
        assertTrue(state.most <= 2 * 100 + 2, state.most + " changes in one write");
    }

    @Test
    void aTruncateBehindManyMakesThemObsoleteInSteps() {
        int many = 3_000;
        Widest state = new Widest(new MemoryState());
        Pipe pipe = new Pipe(folder);
        FailedQueue queue = queue(state, 100);
        TableFeed feed = new TableFeed(pipe, "t").schema(1, ID);
        Set<Long> refused = inserted(feed, many);
        park(queue, pipe.topic.batches(), 0, refused);
        state.most = 0;
        feed.control(Operation.TRUNCATE);
        park(queue, pipe.topic.batches().subList(many, many + 1), many, Set.of());
        assertEquals(new FailedTotals(many, 0, 0, 0, many), queue.counts().totals());
        assertEquals(queue.counts(), queue(state, 100).counts());
        assertTrue(state.most > 100 && state.most <= 2 * 100 + 2, state.most + " changes in one write");
    }

    /** That many rows, each in a batch; returns their numbers. */
    private static Set<Long> inserted(TableFeed feed, int many) {
        Set<Long> numbers = new HashSet<>();
        for (long number = 1; number <= many; number++) {
            feed.row(Operation.INSERT, number);
            numbers.add(number);
        }
        return numbers;
    }

    private static void park(FailedQueue queue, List<StoredBatch> batches, long after, Set<Long> refused) {
        Held held = new Held();
        filter(queue.sieve(RULES, suspects(refused), after), List.copyOf(batches), held);
        queue.park(held, after + batches.size());
    }

    /** Knows the largest of its writes. */
    private static final class Widest implements DelegatedState {
        private final StateStore state;
        private int most;

        Widest(StateStore state) {
            this.state = state;
        }

        @Override
        public StateStore state() {
            return state;
        }

        @Override
        public void write(StateChanges changes, boolean synced) {
            most = Math.max(most, changes.changes().size());
            state.write(changes, synced);
        }
    }
}
