package dev.millrace.consume.mapping;

/** One step that brings a destination's table to a newer shape; columns are named by the mapping's target names. */
public sealed interface TableChange {
    record Add(MappedColumn column) implements TableChange {}

    record Widen(MappedColumn column) implements TableChange {}

    record Rename(String from, String to) implements TableChange {}
}
