package dev.millrace.consume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.DataException;
import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TargetTable;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.event.Schema;
import java.util.BitSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class BadRowsTest {
    private long tries;
    private long rowsTried;

    @Test
    void everyBadRowIsFoundAndNoGoodOneWhetherNamedOrNot() {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 300; round++) {
            int rows = 1 + random.nextInt(200);
            BitSet bad = bits(random, rows, 1 + random.nextInt(rows));
            boolean named = random.nextBoolean();
            assertEquals(numbers(bad), search(rows, bad, named), "seed " + seed + " round " + round);
        }
    }

    @Test
    void fiveThousandOfAHundredThousandTakeFewTriesAndRows() {
        SplittableRandom random = new SplittableRandom(7);
        BitSet bad = bits(random, 100_000, 5_000);
        assertEquals(numbers(bad), search(100_000, bad, false));
        assertTrue(tries < 45_000, tries + " tries");
        assertTrue(rowsTried < 100_000L * 4, rowsTried + " rows");
        tries = 0;
        rowsTried = 0;
        assertEquals(numbers(bad), search(100_000, bad, true));
        assertTrue(tries < 2L * 5_000, tries + " tries with names");
    }

    @Test
    void badRowsInRunsTakeAboutATryEach() {
        BitSet bad = new BitSet();
        for (int run = 0; run < 50; run++) {
            bad.set(run * 2_000, run * 2_000 + 100);
        }
        assertEquals(numbers(bad), search(100_000, bad, false));
        assertTrue(tries < 2 * 5_000, tries + " tries");
    }

    @Test
    void rowsThatOnlyFailTogetherLoseAllButTheFirstOfThem() throws InterruptedException {
        BadRows.Trial trial = new Parts(false, (from, to, without) -> {
            int twins = 0;
            for (int row = from; row < to; row++) {
                twins += row % 10 == 3 && !without.get(row) ? 1 : 0;
            }
            return twins > 1 ? refused("") : null;
        });
        Map<Integer, BadRows.Refused> found = new BadRows(new Numbers(50), trial, never()).find();
        assertEquals(Set.of(13, 23, 33, 43), found.keySet());
    }

    @Test
    void aRowThatOnlyLacksOneBehindItIsPardonedWherePartsStay() throws InterruptedException {
        BitSet loaded = new BitSet();
        BadRows.Trial trial = new Parts(true, (from, to, without) -> {
            BitSet part = new BitSet();
            part.set(from, to);
            part.andNot(without);
            BitSet with = (BitSet) loaded.clone();
            with.or(part);
            if (part.get(70) || part.get(20) && !with.get(60)) {
                return refused("");
            }
            loaded.or(part);
            return null;
        });
        Map<Integer, BadRows.Refused> found = new BadRows(new Numbers(100), trial, never()).find();
        assertEquals(Set.of(70), found.keySet());
    }

    @Test
    void whatPassesAfterAllHasNoBadRow() throws InterruptedException {
        BadRows search = new BadRows(new Numbers(8), new Parts(false, (from, to, without) -> null), never());
        assertEquals(Set.of(), search.find().keySet());
    }

    @Test
    void whenTheTimeIsOverPartsThatFailCountAsBadAndNoOthers() throws InterruptedException {
        BitSet bad = new BitSet();
        bad.set(3);
        bad.set(777);
        Map<Integer, BadRows.Refused> found = new BadRows(new Numbers(1_000), parts(bad, false), -1).find();
        assertTrue(
                found.containsKey(3) && found.containsKey(777), found.keySet().toString());
        assertTrue(found.size() < 200, found.size() + " rows");
        assertTrue(found.values().stream().noneMatch(BadRows.Refused::alone));
        assertTrue(tries < 100, tries + " tries");
    }

    @Test
    void aMillionBadRowsEndSoonAfterTheTimeIsOver() throws InterruptedException {
        BitSet bad = new BitSet();
        bad.set(0, 1_000_000);
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(200);
        BadRows.Trial parts = parts(bad, false);
        Map<Integer, BadRows.Refused> found = new BadRows(new Numbers(1_000_000), parts, deadline).find();
        assertEquals(1_000_000, found.size());
        assertTrue(found.get(0).alone(), "the first one was tried by itself");
    }

    private static long never() {
        return System.nanoTime() + Long.MAX_VALUE / 2;
    }

    private BadRows.Trial parts(BitSet bad, boolean named) {
        return new Parts(false, (from, to, without) -> {
            tries++;
            for (int row = from; row < to; row++) {
                rowsTried++;
                if (bad.get(row) && !without.get(row)) {
                    return refused(named ? "e:" + row : "");
                }
            }
            return null;
        });
    }

    private Set<Integer> search(int rows, BitSet bad, boolean named) {
        try {
            return new TreeSet<>(new BadRows(new Numbers(rows), parts(bad, named), never())
                    .find()
                    .keySet());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private interface Attempt {
        DataException load(int from, int to, BitSet without);
    }

    private record Parts(boolean keeps, Attempt attempt) implements BadRows.Trial {
        @Override
        public DataException run(int from, int to, BitSet without, boolean kept) {
            return attempt.load(from, to, without);
        }
    }

    private static DataException refused(String eventId) {
        return new DataException("t", "", "refused", eventId, null);
    }

    private static BitSet bits(SplittableRandom random, int of, int count) {
        BitSet bits = new BitSet();
        while (bits.cardinality() < count) {
            bits.set(random.nextInt(of));
        }
        return bits;
    }

    private static Set<Integer> numbers(BitSet bits) {
        Set<Integer> numbers = new TreeSet<>();
        bits.stream().forEach(numbers::add);
        return numbers;
    }

    /** A load whose rows have nothing but ids: {@code e:0}, {@code e:1} and so on. */
    private record Numbers(int rowCount) implements TableLoad {
        @Override
        public TargetTable target() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Schema schema() {
            throw new UnsupportedOperationException();
        }

        @Override
        public OnDelete onDelete() {
            return OnDelete.HARD;
        }

        @Override
        public boolean shadow() {
            return false;
        }

        @Override
        public boolean truncated() {
            return false;
        }

        @Override
        public boolean historical() {
            return false;
        }

        @Override
        public long loadedAtMicros() {
            return 0;
        }

        @Override
        public RowCursor rows() {
            return new NumberCursor(rowCount);
        }
    }

    private static final class NumberCursor implements RowCursor {
        private final int rows;
        private int row = -1;

        NumberCursor(int rows) {
            this.rows = rows;
        }

        @Override
        public boolean next() {
            return ++row < rows;
        }

        @Override
        public Kind kind() {
            return Kind.INSERT;
        }

        @Override
        public Cells values() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Cells origin() {
            return null;
        }

        @Override
        public long ingestedAtMicros() {
            return 0;
        }

        @Override
        public long modifiedAtMicros() {
            return 0;
        }

        @Override
        public String eventId() {
            return "e:" + row;
        }
    }
}
