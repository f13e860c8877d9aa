package dev.millrace.consume.testing;

import dev.millrace.consume.destination.DataException;
import dev.millrace.consume.destination.DelegatedTransaction;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.ExistingTable;
import dev.millrace.consume.destination.LoadTransaction;
import dev.millrace.consume.destination.Reason;
import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TableRefusedException;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.storage.batch.Cells;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/** A destination that refuses rows, or whole tables, while it is told to, as constraints and dropped tables do. */
public final class Refusing implements LanesToo {
    private final Destination real;
    private final Predicate<Cells> refused;
    private final boolean named;
    private final Predicate<String> refusedTable;
    private final AtomicLong loads = new AtomicLong();

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
        return loads.get();
    }

    @Override
    public Destination destination() {
        return real;
    }

    @Override
    public Optional<ExistingTable> describe(TargetName table) {
        if (refusedTable.test(table.name())) {
            throw new TableRefusedException("TABLE_GONE", "table " + table, "it was dropped", "choose");
        }
        return real.describe(table);
    }

    @Override
    public LoadTransaction instead(LoadTransaction begun) {
        return new Transaction(begun);
    }

    private final class Transaction implements DelegatedTransaction {
        private final LoadTransaction transaction;

        Transaction(LoadTransaction transaction) {
            this.transaction = transaction;
        }

        @Override
        public LoadTransaction transaction() {
            return transaction;
        }

        @Override
        public long load(TableLoad load) {
            loads.incrementAndGet();
            RowCursor rows = load.rows();
            while (rows.next()) {
                boolean written =
                        switch (rows.kind()) {
                            case UPSERT, INSERT, APPEND, VERSION -> true;
                            case DELETE, DELETE_ONE, CLOSE, REPLACE -> false;
                        };
                if (written && refused.test(rows.values())) {
                    throw new DataException(
                            load.target().name().toString(), "", Reason.plain("refused"), named ? rows.eventId() : "");
                }
            }
            return transaction.load(load);
        }
    }
}
