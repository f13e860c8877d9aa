package dev.millrace.consume.testing;

import dev.millrace.config.error.Finding;
import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.ExhaustedException;
import dev.millrace.consume.destination.ExistingTable;
import dev.millrace.consume.destination.LoadTransaction;
import dev.millrace.consume.destination.NamingRules;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TablesApart;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.consume.destination.TargetTable;
import dev.millrace.consume.destination.UnknownOutcomeException;
import dev.millrace.storage.event.DataType;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** A destination that fails at random: at begin, in a load, before a commit, and after one, when the
 * outcome is not known; and with certainty where a load has too many rows. */
public final class Flaky implements Destination, TablesApart {
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
    public List<Finding> check() {
        return real.check();
    }

    @Override
    public NamingRules naming() {
        return real.naming();
    }

    @Override
    public String columnType(DataType type) {
        return real.columnType(type);
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
    public LoadTransaction begin() {
        maybeFail("begin");
        return new FlakyTransaction(real.begin());
    }

    @Override
    public void close() {
        real.close();
    }

    private Optional<TablesApart> apart() {
        return real instanceof TablesApart able ? Optional.of(able) : Optional.empty();
    }

    @Override
    public int runners() {
        return apart().map(TablesApart::runners).orElse(1);
    }

    @Override
    public Duration runnerIdle() {
        return apart().map(TablesApart::runnerIdle).orElse(Duration.ZERO);
    }

    @Override
    public Map<String, Long> tablePositions() {
        maybeFail("tablePositions");
        return apart().map(TablesApart::tablePositions).orElse(Map.of());
    }

    @Override
    public Lane lane() {
        Lane lane = apart().orElseThrow().lane();
        return new Lane() {
            @Override
            public LoadTransaction begin(String table) {
                maybeFail("begin " + table);
                return new FlakyTransaction(lane.begin(table));
            }

            @Override
            public void close() {
                lane.close();
            }
        };
    }

    private final class FlakyTransaction implements LoadTransaction {
        private final LoadTransaction transaction;

        FlakyTransaction(LoadTransaction transaction) {
            this.transaction = transaction;
        }

        @Override
        public void create(TargetTable table) {
            transaction.create(table);
            maybeFail("create");
        }

        @Override
        public void addColumn(TargetTable table, TargetColumn column) {
            transaction.addColumn(table, column);
            maybeFail("addColumn");
        }

        @Override
        public void widenColumn(TargetTable table, TargetColumn column) {
            transaction.widenColumn(table, column);
            maybeFail("widenColumn");
        }

        @Override
        public void renameColumn(TargetTable table, String from, String to) {
            transaction.renameColumn(table, from, to);
            maybeFail("renameColumn");
        }

        @Override
        public void beginShadow(TargetTable table) {
            transaction.beginShadow(table);
            maybeFail("beginShadow");
        }

        @Override
        public void completeShadow(TargetTable table, long loadedAtMicros) {
            transaction.completeShadow(table, loadedAtMicros);
            maybeFail("completeShadow");
        }

        @Override
        public boolean hasShadow(TargetTable table) {
            return transaction.hasShadow(table);
        }

        @Override
        public boolean isEmpty(TargetTable table) {
            return transaction.isEmpty(table);
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
        public void replayed(long number) {
            transaction.replayed(number);
            maybeFail("replayed");
        }

        @Override
        public void commit(long logIndex) {
            maybeFail("before commit");
            transaction.commit(logIndex);
            if (hit()) {
                throw new UnknownOutcomeException("orders", new IOException("after commit"));
            }
        }

        @Override
        public void close() {
            transaction.close();
        }
    }
}
