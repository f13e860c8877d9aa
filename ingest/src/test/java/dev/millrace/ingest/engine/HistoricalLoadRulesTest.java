package dev.millrace.ingest.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.storage.event.TableName;
import dev.millrace.storage.testing.MemoryState;
import dev.millrace.storage.testing.MemoryTopic;
import java.util.EnumSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Drives the engine's decisions by random interleavings of a source that writes, a stream, chunk workers, syncs, reloads and power cuts,
 * and compares what a destination would hold at the end with the source. Each rule is then switched off, to see that it is needed and that
 * these interleavings would find it missing.
 */
class HistoricalLoadRulesTest {
    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final int RUNS = Integer.getInteger("millrace.test.runs", 4_000);
    private static final Set<Barrier.Rule> ALL = EnumSet.allOf(Barrier.Rule.class);

    @Test
    void theReplicaEqualsTheSource() throws InterruptedException {
        for (int i = 0; i < RUNS; i++) {
            Outcome outcome = run(SEED + i, ALL, true, false);
            assertEquals(outcome.source(), outcome.replica(), "seed " + (SEED + i) + ", no power cuts");
        }
    }

    @Test
    void theReplicaEqualsTheSourceThroughPowerCuts() throws InterruptedException {
        for (int i = 0; i < RUNS; i++) {
            Outcome outcome = run(SEED + i, ALL, true, true);
            assertEquals(outcome.source(), outcome.replica(), "seed " + (SEED + i) + ", with power cuts");
        }
    }

    @Test
    void withoutTheBarrierRowsAreWrong() throws InterruptedException {
        assertTrue(wrong(EnumSet.complementOf(EnumSet.of(Barrier.Rule.BARRIER)), true, false) > 0, "seed " + SEED);
    }

    @Test
    void withoutTheCheckOfSnapshotsRowsAreWrong() throws InterruptedException {
        assertTrue(wrong(EnumSet.complementOf(EnumSet.of(Barrier.Rule.RECHECK)), true, false) > 0, "seed " + SEED);
    }

    @Test
    void withoutCheckingOlderSnapshotsAgainstWhatANewerOnePrunedRowsAreWrong() throws InterruptedException {
        assertTrue(wrong(EnumSet.complementOf(EnumSet.of(Barrier.Rule.ASK)), true, false) > 0, "seed " + SEED);
    }

    @Test
    void withoutReadingMovedKeysAgainRowsAreWrong() throws InterruptedException {
        assertTrue(wrong(EnumSet.complementOf(EnumSet.of(Barrier.Rule.REREAD)), true, false) > 0, "seed " + SEED);
    }

    @Test
    void withoutPassingWhatHadHappenedBeforeALoadRowsAreWrong() throws InterruptedException {
        assertTrue(wrong(EnumSet.complementOf(EnumSet.of(Barrier.Rule.START)), true, false) > 0, "seed " + SEED);
    }

    @Test
    void withoutRememberingInvisibleTransactionsOverAPowerCutRowsAreWrong() throws InterruptedException {
        assertTrue(wrong(ALL, false, true) > 0, "seed " + SEED);
    }

    private static int wrong(Set<Barrier.Rule> rules, boolean remembers, boolean cuts) throws InterruptedException {
        int wrong = 0;
        for (int i = 0; i < RUNS; i++) {
            Outcome outcome = run(SEED + i, rules, remembers, cuts);
            wrong += outcome.source().equals(outcome.replica()) ? 0 : 1;
        }
        return wrong;
    }

    private record Outcome(FakeDatabase.Content source, FakeDatabase.Content replica) {}

    private static Outcome run(long seed, Set<Barrier.Rule> rules, boolean remembers, boolean cuts)
            throws InterruptedException {
        SplittableRandom random = new SplittableRandom(seed);
        FakeDatabase database = new FakeDatabase(random.split());
        FakeSource source = new FakeSource(database);
        MemoryTopic topic = new MemoryTopic(false);
        MemoryState state = new MemoryState();
        LoadSteps engine = new LoadSteps(source, topic, state, random, rules, remembers);
        int steps = 20 + random.nextInt(140);
        for (int i = 0; i < steps; i++) {
            switch (random.nextInt(cuts ? 12 : 11)) {
                case 0, 1 -> database.write();
                case 2, 3 -> database.show();
                case 4, 5 -> engine.stream();
                case 6 -> engine.take();
                case 7 -> engine.land();
                case 8 -> engine.settle();
                case 9 -> engine.complete();
                case 10 -> disturb(database, engine, random);
                default -> {
                    if (random.nextInt(3) == 0) {
                        topic.cutPower();
                        state.cutPower();
                        engine = new LoadSteps(source, topic, state, random, rules, remembers);
                    }
                }
            }
        }
        for (TableName table : database.unpublished()) {
            database.publishAgain(table);
            engine.reload(table);
        }
        for (int guard = 0; !engine.finished() || !database.allVisible(); guard++) {
            assertTrue(guard < 100_000, "stuck with seed " + seed);
            switch (random.nextInt(6)) {
                case 0 -> database.show();
                case 1 -> engine.stream();
                case 2 -> engine.take();
                case 3 -> engine.land();
                case 4 -> engine.settle();
                default -> engine.complete();
            }
        }
        return new Outcome(database.committed(), Replica.of(topic.batches()));
    }

    /** A table is loaded again, because someone wishes it or because for a while not all of its changes were told. */
    private static void disturb(FakeDatabase database, LoadSteps engine, SplittableRandom random) {
        TableName table = random.nextBoolean() ? FakeDatabase.KEYED : FakeDatabase.KEYLESS;
        switch (random.nextInt(12)) {
            case 0, 1 -> engine.reload(table);
            case 2, 3 -> database.unpublish(table);
            case 4, 5, 6 -> {
                if (database.unpublished().contains(table)) {
                    database.publishAgain(table);
                    engine.reload(table);
                }
            }
            default -> {}
        }
    }
}
