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
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class BadRowsTest {
    private long tries;
    private long rowsTried;

    @Test
    void everyBadRowIsFoundAndNoGoodOneWhetherNamedOrNot() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 300; round++) {
            int rows = 1 + random.nextInt(200);
            BitSet bad = bits(random, rows, 1 + random.nextInt(rows));
            boolean named = random.nextBoolean();
            assertEquals(numbers(bad), search(rows, bad, named, Long.MAX_VALUE), "seed " + seed + " round " + round);
        }
    }

    @Test
    void fiveThousandOfAHundredThousandTakeFewTriesAndRows() {
        SplittableRandom random = new SplittableRandom(7);
        BitSet bad = bits(random, 100_000, 5_000);
        assertEquals(numbers(bad), search(100_000, bad, false, Long.MAX_VALUE));
        assertTrue(tries < 70_000, tries + " tries");
        assertTrue(rowsTried < 100_000L * 20, rowsTried + " rows");
        tries = 0;
        rowsTried = 0;
        assertEquals(numbers(bad), search(100_000, bad, true, Long.MAX_VALUE));
        assertTrue(tries < 3L * 5_000, tries + " tries with names");
    }

    @Test
    void rowsThatOnlyFailTogetherLoseTheLastOfThem() {
        BadRows search = new BadRows(
                50,
                (from, to, without) ->
                        from <= 10 && to > 10 && !without.get(10) && from <= 40 && to > 40 && !without.get(40)
                                ? refused("")
                                : null,
                System.nanoTime() + Long.MAX_VALUE / 2);
        assertEquals(Set.of(40), search.find(new Numbers(50), refused("")).keySet());
    }

    @Test
    void whatPassesAfterAllHasNoBadRow() {
        BadRows search = new BadRows(8, (from, to, without) -> null, System.nanoTime() + Long.MAX_VALUE / 2);
        assertEquals(Set.of(), search.find(new Numbers(8), refused("")).keySet());
    }

    @Test
    void whenTheTimeIsOverPartsThatFailCountAsBad() {
        BitSet bad = new BitSet();
        bad.set(3);
        assertEquals(100, search(100, bad, false, -1).size());
    }

    private Set<Integer> search(int rows, BitSet bad, boolean named, long nanos) {
        BadRows.Trial trial = (from, to, without) -> {
            tries++;
            for (int row = from; row < to; row++) {
                rowsTried++;
                if (bad.get(row) && !without.get(row)) {
                    return refused(named ? "e:" + row : "");
                }
            }
            return null;
        };
        DataException first = trial.run(0, rows, new BitSet());
        long deadline = nanos == Long.MAX_VALUE ? System.nanoTime() + Long.MAX_VALUE / 2 : System.nanoTime() + nanos;
        return new TreeSet<>(new BadRows(rows, trial, deadline)
                .find(new Numbers(rows), first)
                .keySet());
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
