package dev.millrace.storage.event;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A table's shape at one time. Two schemas of a table with the same version are equal.
 *
 * @param version counts up per table from 1 with each learned change
 * @param columns in the source's order; never empty; cells of a row stand in this order
 */
public record Schema(TableName table, int version, List<Column> columns) {
    public Schema {
        Objects.requireNonNull(table);
        columns = List.copyOf(columns);
        if (columns.isEmpty()) {
            throw new IllegalArgumentException("schema of " + table + " without columns");
        }
    }

    /** Whether rows are known by a key; without one they are appended, or matched by all their columns. */
    public boolean keyed() {
        return columns.stream().anyMatch(Column::inKey);
    }

    /** The places of the key's columns in {@link #columns}, in key order; empty without a key. A new array each time. */
    public int[] keyColumns() {
        int size = (int) columns.stream().filter(Column::inKey).count();
        int[] places = new int[size];
        Arrays.fill(places, -1);
        for (int i = 0; i < columns.size(); i++) {
            int position = columns.get(i).keyPosition();
            if (position > 0) {
                places[position - 1] = i;
            }
        }
        return places;
    }

    /** The column's place, or -1. */
    public int indexOf(String columnName) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equals(columnName)) {
                return i;
            }
        }
        return -1;
    }

    /** Whether the shape is the same, whatever the version. */
    public boolean sameShape(Schema other) {
        return table.equals(other.table) && columns.equals(other.columns);
    }
}
