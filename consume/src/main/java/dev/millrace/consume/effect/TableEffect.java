package dev.millrace.consume.effect;

import dev.millrace.config.pipeline.LoadRules;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TargetTable;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.event.Schema;

/** Gathers the events of one table in one schema version, in log order, and tells what they leave to be done. Used once. */
public sealed interface TableEffect permits KeyedEffect, OrderedEffect, AppendEffect, HistoryEffect {
    /** In the mode that the rule means for such a table. */
    static TableEffect of(Schema schema, LoadRules.Rule rule) {
        boolean ignoreDeletes = rule.onDelete() == OnDelete.IGNORE;
        return switch (rule.mode(schema.keyed())) {
            case MERGE ->
                schema.keyed() ? new KeyedEffect(schema, rule.onDelete()) : new OrderedEffect(schema, rule.onDelete());
            case APPEND -> new AppendEffect(schema, ignoreDeletes);
            case HISTORY -> new HistoryEffect(schema, ignoreDeletes);
        };
    }

    /** On a merged table: all its rows are gone, and nothing comes. */
    static TableEffect emptied(Schema schema) {
        if (schema.keyed()) {
            KeyedEffect effect = new KeyedEffect(schema, OnDelete.HARD);
            effect.truncate();
            return effect;
        }
        OrderedEffect effect = new OrderedEffect(schema, OnDelete.HARD);
        effect.truncate();
        return effect;
    }

    /**
     * Adds the reader's current row, whose schema is this effect's.
     *
     * @throws dev.millrace.consume.destination.DataException when the row can't be applied, naming event, table, column and cause
     */
    void add(BatchReader reader, long ingestedAtMicros);

    /** Whether what it holds is to be loaded before a truncation that follows, which needs an effect of its own. */
    default boolean endsBeforeTruncation() {
        return false;
    }

    /** All rows so far, here and at the destination, are gone by the reader's current event. Not while it {@link #endsBeforeTruncation}. */
    void truncate(BatchReader reader, long ingestedAtMicros);

    /** Whether there is nothing to be done. */
    boolean isEmpty();

    /** What there is to be done; nothing may be added afterwards. */
    TableLoad load(Run run);

    /**
     * Where and how a load is applied.
     *
     * @param onDelete what becomes of deleted rows, also on truncation
     * @param loading as {@link TableLoad#loading()}
     */
    record Run(TargetTable target, OnDelete onDelete, boolean shadow, boolean loading, long loadedAtMicros) {}
}
