package dev.millrace.consume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.DataException;
import dev.millrace.consume.destination.Reason;
import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TargetTable;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.event.Schema;
import java.util.BitSet;
import java.util.List;
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
            BitSet bad = bits(random, rows, 1 + random.nextInt(rows), 1 + random.nextInt(5));
            boolean named = random.nextBoolean();
            assertEquals(
                    numbers(bad), search(rows, bad, named, random.nextBoolean()), "seed " + seed + " round " + round);
        }
    }

    @Test
    void theRowsAreTriedAboutTwiceHoweverManyAreBadAndWhereverTheyStand() {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        for (int bad : new int[] {50, 500, 5_000}) {
            for (boolean named : new boolean[] {true, false}) {
                for (int longest : new int[] {1, 50, bad}) {
                    tries = 0;
                    rowsTried = 0;
                    BitSet rows = bits(random, 100_000, bad, longest);
                    assertEquals(numbers(rows), search(100_000, rows, named, true));
                    String what = bad + " bad ones, named " + named + ", in runs of up to " + longest + ", seed " + seed
                            + ": " + tries + " tries of " + rowsTried + " rows";
                    assertTrue(rowsTried < 250_000, what);
                    assertTrue(tries < (named ? 5L : 14L) * bad + 200, what);
                }
            }
        }
    }

    @Test
    void aRefusalThatNamesAllItsRowsIsFollowedByOneTryOfTheOthers() throws InterruptedException {
        List<DataException.Row> named =
                List.of(new DataException.Row("e:3", "", "three"), new DataException.Row("e:70", "", "seventy"));
        BadRows.Trial trial = new Parts(false, (from, to, without) -> {
            tries++;
            return without.get(3) && without.get(70) ? null : new DataException("t", named);
        });
        Map<Integer, BadRows.Refused> found =
                new BadRows(new Numbers(100), trial, never()).find(new DataException("t", named));
        assertEquals(Set.of(3, 70), found.keySet());
        assertEquals(Reason.plain("seventy"), found.get(70).why());
        assertEquals(1, tries);
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
        Map<Integer, BadRows.Refused> found = new BadRows(new Numbers(50), trial, never()).find(null);
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
        Map<Integer, BadRows.Refused> found = new BadRows(new Numbers(100), trial, never()).find(null);
        assertEquals(Set.of(70), found.keySet());
    }

    @Test
    void whatPassesAfterAllHasNoBadRow() throws InterruptedException {
        BadRows search = new BadRows(new Numbers(8), new Parts(false, (from, to, without) -> null), never());
        assertEquals(Set.of(), search.find(null).keySet());
    }

    @Test
    void whenTheTimeIsOverPartsThatFailCountAsBadAndNoOthers() throws InterruptedException {
        BitSet bad = new BitSet();
        bad.set(3);
        bad.set(777);
        Map<Integer, BadRows.Refused> found = new BadRows(new Numbers(1_000), parts(bad, false, false), -1).find(null);
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
        BadRows.Trial parts = parts(bad, false, false);
        Map<Integer, BadRows.Refused> found = new BadRows(new Numbers(1_000_000), parts, deadline).find(null);
        assertEquals(1_000_000, found.size());
        assertTrue(found.get(0).alone(), "the first one was tried by itself");
    }

    private static long never() {
        return System.nanoTime() + Long.MAX_VALUE / 2;
    }

    private BadRows.Trial parts(BitSet bad, boolean named, boolean keeps) {
        return new Parts(keeps, (from, to, without) -> {
            tries++;
            int first = -1;
            for (int row = from; row < to; row++) {
                rowsTried += without.get(row) ? 0 : 1; // all of them are sent, whether one is refused or not
                first = first < 0 && bad.get(row) && !without.get(row) ? row : first;
            }
            return first < 0 ? null : refused(named ? "e:" + first : "");
        });
    }

    private Set<Integer> search(int rows, BitSet bad, boolean named, boolean keeps) {
        try {
            return new TreeSet<>(new BadRows(new Numbers(rows), parts(bad, named, keeps), never())
                    .find(null)
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
        public DataException run(int from, int to, BitSet without) {
            return attempt.load(from, to, without);
        }
    }

    private static DataException refused(String eventId) {
        return new DataException("t", "", Reason.plain("refused"), eventId);
    }

    /** @param longest run */
    private static BitSet bits(SplittableRandom random, int of, int count, int longest) {
        BitSet bits = new BitSet();
        for (int left = count; left > 0; left = count - bits.cardinality()) {
            int from = random.nextInt(of);
            bits.set(
                    from,
                    Math.min(of, from + 1 + (longest == count ? left - 1 : random.nextInt(Math.min(longest, left)))));
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
