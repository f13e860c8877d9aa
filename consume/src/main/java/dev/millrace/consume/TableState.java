package dev.millrace.consume;

import dev.millrace.config.pipeline.LoadRules;
import dev.millrace.consume.destination.TargetTable;
import dev.millrace.consume.mapping.TableMapping;
import dev.millrace.storage.event.Schema;
import java.util.Set;

/** One table as the consumer knows it in this run: what the open transaction has made of it. */
final class TableState {
    /** How the pipeline wants it loaded. */
    final LoadRules.Rule rule;

    TableMapping mapping;
    /** The mapping is not as remembered. */
    boolean mappingChanged;
    /** The table at the destination was compared with the mapping in this run. */
    boolean reconciled;
    /** Folded names of the destination's columns that are not ours. */
    Set<String> otherColumns = Set.of();
    /** The shape for rows of {@link #schema}. */
    TargetTable target;
    /** The schema of the rows being loaded; null before the first. */
    Schema schema;
    /** Rows go to the shadow until it is complete. */
    boolean shadow;
    /** Rows written in this window, not yet committed. */
    long rows;

    TableState(TableMapping mapping, LoadRules.Rule rule) {
        this.rule = rule;
        this.mapping = mapping;
    }

    /** For a try that may come to nothing. */
    TableState copy() {
        TableState copy = new TableState(mapping, rule);
        copy.mappingChanged = mappingChanged;
        copy.reconciled = reconciled;
        copy.otherColumns = otherColumns;
        copy.target = target;
        copy.schema = schema;
        copy.shadow = shadow;
        copy.rows = rows;
        return copy;
    }
}
