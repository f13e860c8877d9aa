package dev.millrace.consume.destination;

import dev.millrace.config.pipeline.LoadMode;
import java.util.List;
import java.util.Objects;

/** A table as it is to be at the destination: value columns in order, then the metadata columns. */
public record TargetTable(TargetName name, LoadMode mode, List<TargetColumn> columns) {
    public TargetTable {
        Objects.requireNonNull(mode);
        columns = List.copyOf(columns);
    }

    /** Whether rows are known by a key. At most one row has one only in a merged table. */
    public boolean keyed() {
        return columns.stream().anyMatch(TargetColumn::inKey);
    }

    /** The key's columns in key order; empty without a key. */
    public List<TargetColumn> key() {
        return columns.stream()
                .filter(TargetColumn::inKey)
                .sorted(java.util.Comparator.comparingInt(TargetColumn::keyPosition))
                .toList();
    }
}
