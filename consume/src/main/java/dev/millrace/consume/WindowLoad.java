package dev.millrace.consume;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.LoadTransaction;
import dev.millrace.consume.effect.TableEffect;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.fault.FaultPoint;

/**
 * Applies one window in one transaction: gathers each table's net effect, and hands it over at the window's end, or sooner where the table
 * changes its shape or a historical load begins or ends. Order between tables does not matter within a transaction; order within a table
 * is kept.
 */
final class WindowLoad {
    private final Tables tables;
    private final LoadTransaction transaction;
    private final OnDelete onDelete;
    private final long loadedAtMicros;
    private long modifiedAtMicros = Long.MIN_VALUE;

    WindowLoad(Tables tables, LoadTransaction transaction, OnDelete onDelete, long loadedAtMicros) {
        this.tables = tables;
        this.transaction = transaction;
        this.onDelete = onDelete;
        this.loadedAtMicros = loadedAtMicros;
    }

    /** The newest commit time at the source in the window, {@link Long#MIN_VALUE} when there is none. */
    long modifiedAtMicros() {
        return modifiedAtMicros;
    }

    void apply(Window window, BatchReader reader) {
        for (StoredBatch batch : window.batches()) {
            if (batch.header().eventCount() > 0) {
                gather(batch, reader);
            }
        }
        for (TableState state : tables.all()) {
            flush(state);
            state.effect = null;
        }
    }

    private void gather(StoredBatch batch, BatchReader reader) {
        long ingestedAtMicros = batch.header().createdAtMillis() * 1_000;
        reader.open(batch);
        TableState[] states = new TableState[reader.schemaCount()];
        while (reader.next()) {
            int number = reader.schemaNumber();
            TableState state = states[number];
            if (state == null) {
                state = tables.state(reader.schema().table());
                states[number] = state;
            }
            if (state.effect == null
                    || state.schema.version() != reader.schema().version()) {
                enter(state, reader.schema());
            }
            modifiedAtMicros = Math.max(modifiedAtMicros, reader.modifiedAtMicros());
            Operation operation = reader.operation();
            if (operation.hasCells()) {
                state.effect.add(reader, ingestedAtMicros);
            } else {
                control(operation, state);
            }
        }
    }

    /** The rows that follow are of another schema version, or the table's first in this window. */
    private void enter(TableState state, Schema schema) {
        flush(state);
        if (state.schema == null || state.schema.version() != schema.version()) {
            tables.prepare(transaction, state, schema);
        }
        state.effect = TableEffect.of(state.schema);
    }

    private void control(Operation operation, TableState state) {
        switch (operation) {
            case TRUNCATE -> state.effect.truncate();
            case LOAD_STARTED -> startLoad(state);
            case LOAD_COMPLETED -> completeLoad(state);
            case READ, INSERT, UPDATE, DELETE -> throw new IllegalStateException(operation + " is a row");
        }
    }

    /** Into the table itself while it holds nothing that readers would miss, else into a shadow. */
    private void startLoad(TableState state) {
        flush(state);
        if (state.shadow) {
            transaction.beginShadow(state.target);
        } else if (transaction.isEmpty(state.target)) {
            loadingDirectly(state, true);
        } else if (state.mapping.loadingDirectly()) {
            state.effect.truncate();
            load(state, OnDelete.HARD);
        } else {
            transaction.beginShadow(state.target);
            state.shadow = true;
        }
    }

    private void completeLoad(TableState state) {
        flush(state);
        if (state.shadow) {
            transaction.completeShadow(state.target);
            state.shadow = false;
        }
        loadingDirectly(state, false);
    }

    private static void loadingDirectly(TableState state, boolean value) {
        if (state.mapping.loadingDirectly() != value) {
            state.mapping = state.mapping.withLoadingDirectly(value);
            state.mappingChanged = true;
        }
    }

    private void flush(TableState state) {
        if (state.effect != null && !state.effect.isEmpty()) {
            load(state, onDelete);
        }
    }

    private void load(TableState state, OnDelete deletes) {
        state.rows += transaction.load(
                state.effect.load(new TableEffect.Run(state.target, deletes, state.shadow, loadedAtMicros)));
        state.effect = TableEffect.of(state.schema);
        FaultPoint.MID_LOAD.pass();
    }
}
