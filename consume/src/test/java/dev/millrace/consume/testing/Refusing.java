package dev.millrace.consume.testing;

import dev.millrace.config.error.Finding;
import dev.millrace.consume.destination.DataException;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.ExistingTable;
import dev.millrace.consume.destination.LoadTransaction;
import dev.millrace.consume.destination.NamingRules;
import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TableRefusedException;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.consume.destination.TargetTable;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.event.DataType;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** A destination that refuses rows, or whole tables, while it is told to, as constraints and dropped tables do. */
public final class Refusing implements Destination {
    private final Destination real;
    private final Predicate<Cells> refused;
    private final boolean named;
    private final Predicate<String> refusedTable;
    private long loads;

    /**
     * @param refused rows to be written that it refuses
     * @param named whether it says which row it was
     * @param refusedTable names of tables of which it takes nothing
     */
    public Refusing(Destination real, Predicate<Cells> refused, boolean named, Predicate<String> refusedTable) {
        this.real = real;
        this.refused = refused;
        this.named = named;
        this.refusedTable = refusedTable;
    }

    /** How often it was asked to load something. */
    public long loads() {
        return loads;
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
        if (refusedTable.test(table.name())) {
            throw new TableRefusedException("TABLE_GONE", "table " + table, "it was dropped", "choose");
        }
        return real.describe(table);
    }

    @Override
    public Optional<Long> claim() {
        return real.claim();
    }

    @Override
    public Optional<Long> committedIndex() {
        return real.committedIndex();
    }

    @Override
    public long replayed() {
        return real.replayed();
    }

    @Override
    public LoadTransaction begin() {
        return new Transaction(real.begin());
    }

    @Override
    public void close() {
        real.close();
    }

    private final class Transaction implements LoadTransaction {
        private final LoadTransaction transaction;

        Transaction(LoadTransaction transaction) {
            this.transaction = transaction;
        }

        @Override
        public void create(TargetTable table) {
            transaction.create(table);
        }

        @Override
        public void addColumn(TargetTable table, TargetColumn column) {
            transaction.addColumn(table, column);
        }

        @Override
        public void widenColumn(TargetTable table, TargetColumn column) {
            transaction.widenColumn(table, column);
        }

        @Override
        public void renameColumn(TargetTable table, String from, String to) {
            transaction.renameColumn(table, from, to);
        }

        @Override
        public void beginShadow(TargetTable table) {
            transaction.beginShadow(table);
        }

        @Override
        public void completeShadow(TargetTable table, long loadedAtMicros) {
            transaction.completeShadow(table, loadedAtMicros);
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
            loads++;
            RowCursor rows = load.rows();
            while (rows.next()) {
                boolean written = rows.kind() == RowCursor.Kind.UPSERT || rows.kind() == RowCursor.Kind.INSERT;
                if (written && refused.test(rows.values())) {
                    throw new DataException(
                            load.target().name().toString(), "", "refused", named ? rows.eventId() : "", null);
                }
            }
            return transaction.load(load);
        }

        @Override
        public void replayed(long number) {
            transaction.replayed(number);
        }

        @Override
        public void commit(long logIndex) {
            transaction.commit(logIndex);
        }

        @Override
        public void close() {
            transaction.close();
        }
    }
}
