package dev.millrace.consume.destination;

import java.util.List;

/** A table as the destination describes it: names as stored, types in its own words. */
public record ExistingTable(TargetName name, List<ExistingColumn> columns) {
    public record ExistingColumn(String name, String type, boolean nullable) {}

    public ExistingTable {
        columns = List.copyOf(columns);
    }
}
