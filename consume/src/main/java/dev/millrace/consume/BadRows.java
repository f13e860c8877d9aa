package dev.millrace.consume;

import dev.millrace.consume.destination.DataException;
import dev.millrace.consume.destination.Reason;
import dev.millrace.consume.destination.TableLoad;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Finds the rows of a load that the destination refuses, by loading parts of it, from the first row to the last. A refusal that names rows
 * is believed: what stands before the row is loaded, and the search goes on behind it. A part that is refused without a name is halved until
 * the first bad row of it is found; the parts' size follows how many there are (generalised binary splitting, F. K. Hwang 1972). Parts are kept
 * smaller than the way from one bad row to the next, since a part that is refused is sent again: so k bad rows of n cost about 2n rows and, where they
 * aren't named, k·log2(n/k) tries, however they are spread.
 *
 * <p>When the time is over, what is left is tried in a few parts, and those that fail count as bad as a whole: nothing is lost by it, since what is
 * held back is tried again by itself.
 */
final class BadRows {
    private static final int FIRST_PARTS = 16;
    private static final int LAST_PARTS = 64;
    /** Of the whole load, without rows that refusals have named: where each names all that are at fault, one is enough; a few where one hides others. */
    private static final int WHOLE_TRIES = 5;

    /** Loads a part. */
    interface Trial {
        /**
         * Null when it can be loaded; then it stays, where parts do.
         *
         * @param without rows of it that are left out
         */
        DataException run(int from, int to, BitSet without) throws InterruptedException;

        /** Whether parts stay, so that the next ones meet their rows; else each one is alone. */
        boolean keeps();
    }

    /**
     * A row that is refused.
     *
     * @param column empty where it is not known
     * @param alone whether that is known of the row itself; else only of a part that it was in
     */
    record Refused(String code, String column, Reason why, boolean alone) {}

    private final TableLoad load;
    private final int rowCount;
    private final Trial trial;
    private final long deadlineNanos;
    private final Map<Integer, Refused> refused = new HashMap<>();
    /** Rows not to be loaded: bad ones and, when bad ones are tried again, the others. */
    private final BitSet without = new BitSet();

    /** @param load gives the rows' event ids */
    BadRows(TableLoad load, Trial trial, long deadlineNanos) {
        this.load = load;
        this.rowCount = load.rowCount();
        this.trial = trial;
        this.deadlineNanos = deadlineNanos;
    }

    /**
     * The refused rows by their number; empty when all of them can be loaded after all.
     *
     * @param whole what was said when all rows were loaded; may be null
     */
    Map<Integer, Refused> find(DataException whole) throws InterruptedException {
        if (whole != null) {
            addNamed(whole, 0, rowCount);
        }
        if (trial.keeps()) {
            walk(false);
            pardon();
        } else if (!wholeIsLoaded()) {
            walk(false);
            together();
        }
        return refused;
    }

    /** As {@link #find}, where it is known that every row can be loaded by itself. */
    Map<Integer, Refused> findTogether() throws InterruptedException {
        together();
        return refused;
    }

    private boolean wholeIsLoaded() throws InterruptedException {
        boolean named = !refused.isEmpty();
        for (int tries = 0; tries < WHOLE_TRIES && named; tries++) {
            DataException failure = run(0, rowCount);
            if (failure == null) {
                return true;
            }
            named = addNamed(failure, 0, rowCount) >= 0;
        }
        return false;
    }

    /** @param backwards from the last row to the first; all numbers below count from where it begins */
    private void walk(boolean backwards) throws InterruptedException {
        int size = Math.max(1, rowCount / FIRST_PARTS);
        int begin = 0; // of the part at hand, of which rows up to `at` can be loaded
        int at = skip(0, backwards);
        int failsBefore = 0; // some row from `at` on and before this one is bad
        int takenBefore = 0; // rows from `at` on and before this one were taken, until one behind them was refused
        while (at < rowCount) {
            boolean late = expired();
            if (late) {
                failsBefore = at;
                takenBefore = at;
                size = rowCount / LAST_PARTS + 1;
            }
            boolean halving = failsBefore > at;
            boolean taken = takenBefore > at;
            int to = (int) Math.min(rowCount, (long) at + size);
            if (halving) {
                to = at + Math.max(1, (failsBefore - at) / 2);
            } else if (taken) {
                to = takenBefore;
            }
            int first = backwards ? rowCount - to : at;
            int end = backwards ? rowCount - at : to;
            DataException failure = run(first, end);
            int named = failure == null || late ? -1 : addNamed(failure, first, end);
            if (failure == null) {
                at = skip(to, backwards);
                if (!halving) {
                    begin = at;
                    size = taken ? size : (int) Math.min(rowCount, size + size / 2L + 1);
                }
            } else if (named >= 0) {
                boolean several = failure.rows().size() > 1; // then hardly any is left
                failsBefore = at;
                takenBefore = backwards || several ? at : named;
                size = several ? size : Math.max(1, size / 2);
                at = skip(at, backwards);
                begin = at;
            } else if (late || isOne(first, end)) {
                add(first, end, failure);
                size = Math.max(1, (size + to - begin) / 4);
                at = skip(to, backwards);
                begin = at;
                failsBefore = at;
                takenBefore = at;
            } else {
                failsBefore = to;
                takenBefore = at;
            }
        }
    }

    /** The next row from {@code at} on that is to be loaded. */
    private int skip(int at, boolean backwards) {
        return backwards
                ? rowCount - 1 - without.previousClearBit(rowCount - 1 - at)
                : Math.min(rowCount, without.nextClearBit(at));
    }

    /** Whether it has just one row that is to be loaded. */
    private boolean isOne(int from, int to) {
        return without.nextClearBit(without.nextClearBit(from) + 1) >= to;
    }

    /** The last one of these rows that the refusal names, all of which count as bad from now on; -1 where it names none of them. */
    private int addNamed(DataException failure, int from, int to) {
        List<DataException.Row> rows = failure.rows();
        if (rows.isEmpty()) {
            return -1;
        }
        Map<String, DataException.Row> named =
                rows.stream().collect(Collectors.toMap(DataException.Row::eventId, row -> row, (one, other) -> one));
        Map<Integer, String> bad = new PartOfLoad(load, from, to, without, false).rowsOf(named.keySet());
        bad.forEach((row, eventId) -> {
            DataException.Row why = named.get(eventId);
            without.set(row);
            refused.put(row, new Refused(why.code(), why.column(), why.why(), true));
        });
        return bad.keySet().stream().mapToInt(row -> row).max().orElse(-1);
    }

    private void add(int from, int to, DataException failure) {
        Refused why = new Refused(failure.code(), failure.column(), failure.reason(), isOne(from, to));
        for (int row = without.nextClearBit(from); row < to; row = without.nextClearBit(row + 1)) {
            without.set(row);
            refused.put(row, why);
        }
    }

    private DataException run(int from, int to) throws InterruptedException {
        return without.nextClearBit(from) >= to ? null : trial.run(from, to, without);
    }

    private boolean expired() {
        return System.nanoTime() - deadlineNanos > 0;
    }

    /** Tries the bad rows again, the last one first, now that the good ones are there: one may have lacked only a row behind it. */
    private void pardon() throws InterruptedException {
        Map<Integer, Refused> before = Map.of();
        while (!refused.isEmpty() && refused.size() != before.size() && !expired()) {
            before = new HashMap<>(refused);
            without.set(0, rowCount);
            before.keySet().forEach(without::clear);
            refused.clear();
            walk(true);
            if (expired()) { // some may not have been tried
                refused.clear();
                refused.putAll(before);
            }
        }
    }

    /** Rows that each can be loaded, but not all together: the last of the shortest run from the first on that fails, again and again. */
    private void together() throws InterruptedException {
        for (DataException failure = run(0, rowCount); failure != null; failure = run(0, rowCount)) {
            if (expired() && !refused.isEmpty()) {
                return;
            }
            if (addNamed(failure, 0, rowCount) >= 0) {
                continue;
            }
            int passes = 0;
            int fails = rowCount;
            while (fails - passes > 1 && !expired()) {
                int middle = (passes + fails) >>> 1;
                DataException why = run(0, middle);
                passes = why == null ? middle : passes;
                fails = why == null ? fails : middle;
                failure = why == null ? failure : why;
            }
            add(passes, fails, failure);
        }
    }
}
