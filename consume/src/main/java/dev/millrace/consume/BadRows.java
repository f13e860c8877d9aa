package dev.millrace.consume;

import dev.millrace.consume.destination.DataException;
import dev.millrace.consume.destination.TableLoad;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Finds the rows of a load that the destination refuses, by loading parts of it, from the first row to the last. A refusal that names its row
 * is believed. A part that is refused without one is halved until the first bad row of it is found; the parts' size follows how many there
 * are (generalised binary splitting, F. K. Hwang 1972). So k bad rows of n cost about 2n rows and, where they aren't named, k·log2(n/k)
 * tries, however they are spread.
 *
 * <p>When the time is over, what is left is tried in a few parts, and those that fail count as bad as a whole: nothing is lost by it, since what is
 * held back is tried again by itself.
 */
final class BadRows {
    private static final int FIRST_PARTS = 16;
    private static final int LAST_PARTS = 64;

    /** Loads a part. */
    interface Trial {
        /**
         * Null when it can be loaded.
         *
         * @param without rows of it that are left out
         * @param kept whether what can be loaded stays for the parts that follow, where this is so at all; else it is taken back
         */
        DataException run(int from, int to, BitSet without, boolean kept) throws InterruptedException;

        /** Whether parts stay, so that the next ones meet their rows; else each one is alone. */
        boolean keeps();
    }

    /**
     * A row that is refused.
     *
     * @param alone whether that is known of the row itself; else only of a part that it was in
     */
    record Refused(DataException why, boolean alone) {}

    private final TableLoad load;
    private final int rowCount;
    private final Trial trial;
    private final long deadlineNanos;
    private final Map<Integer, Refused> refused = new HashMap<>();
    /** Rows not to be loaded: bad ones and, when bad ones are tried again, the others. */
    private final BitSet without = new BitSet();

    private int lastNamed;

    /** @param load gives the rows' event ids */
    BadRows(TableLoad load, Trial trial, long deadlineNanos) {
        this.load = load;
        this.rowCount = load.rowCount();
        this.trial = trial;
        this.deadlineNanos = deadlineNanos;
    }

    /** The refused rows by their number; empty when all of them can be loaded after all. */
    Map<Integer, Refused> find() throws InterruptedException {
        walk(false);
        if (trial.keeps()) {
            pardon();
        } else {
            together();
        }
        return refused;
    }

    /** @param backwards from the last row to the first; all numbers below count from where it begins */
    private void walk(boolean backwards) throws InterruptedException {
        int size = Math.max(1, rowCount / FIRST_PARTS);
        int begin = 0; // of the part at hand, of which rows up to `at` can be loaded
        int at = 0;
        int failsBefore = 0; // some row from `at` on and before this one is bad
        while (at < rowCount) {
            boolean late = expired();
            if (late) {
                failsBefore = at;
                size = rowCount / LAST_PARTS + 1;
            }
            boolean halving = failsBefore > at;
            int to = halving ? at + Math.max(1, (failsBefore - at) / 2) : (int) Math.min(rowCount, (long) at + size);
            int first = backwards ? rowCount - to : at;
            int end = backwards ? rowCount - at : to;
            DataException failure = late ? run(first, end, true) : runNamed(first, end);
            if (failure == null) {
                at = to;
                if (!halving) {
                    begin = at;
                    size = (int) Math.min(rowCount, 2L * size);
                }
            } else if (to - at == 1 || late) {
                add(first, end, failure);
                size = Math.max(1, (size + to - begin) / 2);
                at = to;
                begin = at;
                failsBefore = at;
            } else {
                failsBefore = to;
            }
        }
    }

    /** Loads a part without those of its rows that refusals name; else tells why it can't be. */
    private DataException runNamed(int from, int to) throws InterruptedException {
        DataException failure = run(from, to, true);
        while (failure != null && !expired() && addNamed(failure, from, to) >= 0) {
            int next = lastNamed + 1;
            // what stands before the row was taken, as far as that; so only what comes behind it is looked at now
            for (DataException behind = run(next, to, false); behind != null && addNamed(behind, next, to) >= 0; ) {
                next = lastNamed + 1;
                behind = expired() ? null : run(next, to, false);
            }
            failure = run(from, to, true);
        }
        return failure;
    }

    /** The row that the refusal names, which counts as bad from now on; -1 when it names none of these. */
    private int addNamed(DataException failure, int from, int to) {
        lastNamed = failure.eventId().isEmpty()
                ? -1
                : new PartOfLoad(load, from, to, without, false).rowOf(failure.eventId());
        if (lastNamed >= 0) {
            add(lastNamed, lastNamed + 1, failure);
        }
        return lastNamed;
    }

    private void add(int from, int to, DataException failure) {
        Refused why = new Refused(failure, to - from == 1);
        for (int row = without.nextClearBit(from); row < to; row = without.nextClearBit(row + 1)) {
            without.set(row);
            refused.put(row, why);
        }
    }

    private DataException run(int from, int to, boolean kept) throws InterruptedException {
        return without.nextClearBit(from) >= to ? null : trial.run(from, to, without, kept);
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
        for (DataException failure = run(0, rowCount, false); failure != null; failure = run(0, rowCount, false)) {
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
                DataException why = run(0, middle, false);
                passes = why == null ? middle : passes;
                fails = why == null ? fails : middle;
                failure = why == null ? failure : why;
            }
            add(passes, fails, failure);
        }
    }
}
