package dev.millrace.consume.destination;

import java.util.List;

/** A table as it is to be at the destination: value columns in order, then the metadata columns. */
public record TargetTable(TargetName name, List<TargetColumn> columns) {
    public TargetTable {
        columns = List.copyOf(columns);
    }

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
