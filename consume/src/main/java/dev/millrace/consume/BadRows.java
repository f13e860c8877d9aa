package dev.millrace.consume;

import dev.millrace.consume.destination.DataException;
import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * Finds the rows of a load that the destination refuses, by loading parts of it and taking them back. A refusal that names its row is believed;
 * otherwise the part is halved. So k bad rows of n cost about n·log2(k) rows and 2k·log2(n/k) tries. When the time is over, the parts that are
 * known to fail and not yet taken apart count as bad as a whole: nothing is lost by it, since what is held back is tried again.
 */
final class BadRows {
    /** Loads a part and takes it back. */
    interface Trial {
        /** Null when it can be loaded; {@code load} is the whole load that it is a part of. */
        DataException run(int from, int to, BitSet without);
    }

    private record Range(int from, int to, DataException failure) {}

    private final int rowCount;
    private final Trial trial;
    private final long deadlineNanos;
    private final BitSet found = new BitSet();
    private final Map<Integer, DataException> failures = new HashMap<>();
    private Map<String, Integer> places;

    BadRows(int rowCount, Trial trial, long deadlineNanos) {
        this.rowCount = rowCount;
        this.trial = trial;
        this.deadlineNanos = deadlineNanos;
    }

    /**
     * By row's number why it was refused; empty when all of them can be loaded after all.
     *
     * @param load gives the rows' event ids
     * @param first why the whole failed
     */
    Map<Integer, DataException> find(TableLoad load, DataException first) {
        Deque<Range> ranges = new ArrayDeque<>();
        ranges.push(new Range(0, rowCount, first));
        while (!ranges.isEmpty()) {
            Range range = ranges.pop();
            DataException failure = range.failure() == null ? run(range.from(), range.to()) : range.failure();
            if (failure == null) {
                continue;
            }
            int size = range.to() - range.from();
            if (size == 1 && range.failure() == null || expired()) {
                add(range, failure);
                continue;
            }
            int named = named(load, failure, range);
            if (named >= 0) {
                add(new Range(named, named + 1, failure), failure);
            }
            int cut = named >= 0 ? named : range.from() + size / 2;
            push(ranges, named >= 0 ? cut + 1 : cut, range.to());
            push(ranges, range.from(), cut);
        }
        if (failures.isEmpty()) {
            together();
        }
        return failures;
    }

    private static void push(Deque<Range> ranges, int from, int to) {
        if (from < to) {
            ranges.push(new Range(from, to, null));
        }
    }

    private void add(Range range, DataException failure) {
        for (int row = range.from(); row < range.to(); row++) {
            found.set(row);
            failures.put(row, failure);
        }
    }

    private DataException run(int from, int to) {
        return trial.run(from, to, found);
    }

    private boolean expired() {
        return System.nanoTime() - deadlineNanos > 0;
    }

    /** Rows that each can be loaded, but not all together: the last of the shortest run from the first on that fails. */
    private void together() {
        DataException failure = run(0, rowCount);
        if (failure == null) {
            return;
        }
        int passes = 0;
        int fails = rowCount;
        while (fails - passes > 1) {
            int middle = (passes + fails) >>> 1;
            DataException refused = run(0, middle);
            if (refused == null) {
                passes = middle;
            } else {
                fails = middle;
                failure = refused;
            }
        }
        add(new Range(fails - 1, fails, failure), failure);
    }

    /** The row that the failure names, if it is one of the range; else -1. */
    private int named(TableLoad load, DataException failure, Range range) {
        if (failure.eventId().isEmpty()) {
            return -1;
        }
        if (places == null) {
            places = new HashMap<>();
            RowCursor rows = load.rows();
            for (int row = 0; rows.next(); row++) {
                places.put(rows.eventId(), row);
            }
        }
        int row = places.getOrDefault(failure.eventId(), -1);
        return row >= range.from() && row < range.to() && !found.get(row) ? row : -1;
    }
}
