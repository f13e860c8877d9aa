package dev.millrace.consume.destination;

import java.util.Optional;

/**
 * A destination in which whatever is loaded goes into one table, and nothing else is seen or touched. For one object at a time.
 *
 * @param table the one
 */
public record RenamedTables(Destination destination, TargetName table) implements DelegatedDestination {
    @Override
    public Optional<ExistingTable> describe(TargetName wanted) {
        return destination.describe(table).map(found -> new ExistingTable(wanted, found.columns(), found.identity()));
    }

    @Override
    public LoadTransaction begin() {
        return new Transaction(destination.begin(), table);
    }

    private record Transaction(LoadTransaction transaction, TargetName name) implements DelegatedTransaction {
        @Override
        public TargetTable named(TargetTable table) {
            return new TargetTable(name, table.mode(), table.columns());
        }

        @Override
        public long load(TableLoad load) {
            return transaction.load(new Load(load, named(load.target())));
        }
    }

    private record Load(TableLoad load, TargetTable target) implements DelegatedLoad {}
}
