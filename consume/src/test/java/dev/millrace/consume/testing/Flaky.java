package dev.millrace.consume.testing;

import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.destination.DelegatedTransaction;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.ExhaustedException;
import dev.millrace.consume.destination.ExistingTable;
import dev.millrace.consume.destination.LoadTransaction;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.consume.destination.UnknownOutcomeException;
import java.io.IOException;
import java.util.Optional;
import java.util.SplittableRandom;

/** A destination that fails at random: at begin, in a load, before a commit, and after one, when the
 * outcome is not known; and with certainty where a load has too many rows. */
public final class Flaky implements LanesToo {
    private final Destination real;
    private final SplittableRandom random;
    private final int oneIn;
    private final int maxRows;

    public Flaky(Destination real, SplittableRandom random, int oneIn) {
        this(real, random, oneIn, Integer.MAX_VALUE);
    }

    /** @param maxRows the most rows of a load it has the memory for */
    public Flaky(Destination real, SplittableRandom random, int oneIn, int maxRows) {
        this.maxRows = maxRows;
        this.real = real;
        this.random = random;
        this.oneIn = oneIn;
    }

    private synchronized boolean hit() {
        return random.nextInt(oneIn) == 0;
    }

    private void maybeFail(String where) {
        if (hit()) {
            throw MillraceException.external("CUT", "cut", where, "", null);
        }
    }

    @Override
    public Destination destination() {
        return real;
    }

    @Override
    public Optional<ExistingTable> describe(TargetName table) {
        maybeFail("describe");
        return real.describe(table);
    }

    @Override
    public Optional<Long> claim() {
        maybeFail("claim");
        return real.claim();
    }

    @Override
    public Optional<Long> committedIndex() {
        maybeFail("committedIndex");
        return real.committedIndex();
    }

    @Override
    public long replayed() {
        maybeFail("replayed");
        return real.replayed();
    }

    @Override
    public void about(String what) {
        maybeFail(what);
    }

    @Override
    public LoadTransaction instead(LoadTransaction begun) {
        return new FlakyTransaction(begun);
    }

    private final class FlakyTransaction implements DelegatedTransaction {
        private final LoadTransaction transaction;

        FlakyTransaction(LoadTransaction transaction) {
            this.transaction = transaction;
        }

        @Override
        public LoadTransaction transaction() {
            return transaction;
        }

        @Override
        public void did(String what) {
            maybeFail(what);
        }

        @Override
        public long load(TableLoad load) {
            long rows = transaction.load(load);
            if (load.rowCount() > maxRows) {
                throw new ExhaustedException("the destination ran out of memory", load.rowCount() + " rows", "", null);
            }
            maybeFail("load");
            return rows;
        }

        @Override
        public void commit(long logIndex) {
            maybeFail("before commit");
            transaction.commit(logIndex);
            if (hit()) {
                throw new UnknownOutcomeException("orders", new IOException("after commit"));
            }
        }
    }
}
