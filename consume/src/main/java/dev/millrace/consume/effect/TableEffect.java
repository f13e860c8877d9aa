package dev.millrace.consume.effect;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TargetTable;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.event.Schema;

/** Gathers the events of one table in one schema version, in log order, and tells what they leave to be done. Used once. */
public sealed interface TableEffect permits KeyedEffect, OrderedEffect {
    static TableEffect of(Schema schema) {
        return schema.keyed() ? new KeyedEffect(schema) : new OrderedEffect(schema);
    }

    /**
     * Adds the reader's current row, whose schema is this effect's.
     *
     * @throws dev.millrace.consume.destination.DataException when the row can't be applied, naming event, table, column and cause
     */
    void add(BatchReader reader, long ingestedAtMicros);

    /** All rows so far, here and at the destination, are gone. */
    void truncate();

    /** Whether there is nothing to be done. */
    boolean isEmpty();

    /** What there is to be done; nothing may be added afterwards. */
    TableLoad load(Run run);

    /**
     * Where and how a load is applied.
     *
     * @param onDelete what becomes of deleted rows, also on truncation
     */
    record Run(TargetTable target, OnDelete onDelete, boolean shadow, long loadedAtMicros) {}
}
