package dev.millrace.consume.destination;

import dev.millrace.config.error.Finding;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Schema;
import java.util.List;
import java.util.Optional;

/** A destination in which whatever is loaded goes into one table, and nothing else is seen or touched. For one object at a time. */
public final class RenamedTables implements Destination {
    private final Destination destination;
    private final TargetName table;

    public RenamedTables(Destination destination, TargetName table) {
        this.destination = destination;
        this.table = table;
    }

    @Override
    public List<Finding> check() {
        return destination.check();
    }

    @Override
    public NamingRules naming() {
        return destination.naming();
    }

    @Override
    public String columnType(DataType type) {
        return destination.columnType(type);
    }

    @Override
    public Optional<ExistingTable> describe(TargetName wanted) {
        return destination.describe(table).map(found -> new ExistingTable(wanted, found.columns()));
    }

    @Override
    public Optional<Long> claim() {
        return destination.claim();
    }

    @Override
    public Optional<Long> committedIndex() {
        return destination.committedIndex();
    }

    @Override
    public long replayed() {
        return destination.replayed();
    }

    @Override
    public LoadTransaction begin() {
        return new Transaction(destination.begin(), table);
    }

    @Override
    public void close() {
        destination.close();
    }

    private record Transaction(LoadTransaction transaction, TargetName name) implements LoadTransaction {
        private TargetTable renamed(TargetTable table) {
            return new TargetTable(name, table.mode(), table.columns());
        }

        @Override
        public void create(TargetTable table) {
            transaction.create(renamed(table));
        }

        @Override
        public void addColumn(TargetTable table, TargetColumn column) {
            transaction.addColumn(renamed(table), column);
        }

        @Override
        public void widenColumn(TargetTable table, TargetColumn column) {
            transaction.widenColumn(renamed(table), column);
        }

        @Override
        public void renameColumn(TargetTable table, String from, String to) {
            transaction.renameColumn(renamed(table), from, to);
        }

        @Override
        public void beginShadow(TargetTable table) {
            transaction.beginShadow(renamed(table));
        }

        @Override
        public void completeShadow(TargetTable table, long loadedAtMicros) {
            transaction.completeShadow(renamed(table), loadedAtMicros);
        }

        @Override
        public boolean hasShadow(TargetTable table) {
            return transaction.hasShadow(renamed(table));
        }

        @Override
        public boolean isEmpty(TargetTable table) {
            return transaction.isEmpty(renamed(table));
        }

        @Override
        public long load(TableLoad load) {
            return transaction.load(new Load(load, renamed(load.target())));
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

    private record Load(TableLoad load, TargetTable target) implements TableLoad {
        @Override
        public Schema schema() {
            return load.schema();
        }

        @Override
        public OnDelete onDelete() {
            return load.onDelete();
        }

        @Override
        public boolean shadow() {
            return load.shadow();
        }

        @Override
        public boolean truncated() {
            return load.truncated();
        }

        @Override
        public boolean historical() {
            return load.historical();
        }

        @Override
        public int rowCount() {
            return load.rowCount();
        }

        @Override
        public boolean loading() {
            return load.loading();
        }

        @Override
        public long truncatedAtMicros() {
            return load.truncatedAtMicros();
        }

        @Override
        public long loadedAtMicros() {
            return load.loadedAtMicros();
        }

        @Override
        public RowCursor rows() {
            return load.rows();
        }
    }
}
