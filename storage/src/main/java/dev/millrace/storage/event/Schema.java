package dev.millrace.storage.event;

import java.util.List;
import java.util.Objects;

/**
 * A table's shape at one time. Two schemas of a source's table with the same version are equal; what a transformation makes of one keeps its version, whatever
 * shapes that takes.
 *
 * @param version counts up per table from 1 with each learned change
 * @param columns in the source's order; never empty; cells of a row stand in this order; their places in the key are without a gap
 */
public record Schema(TableName table, int version, List<Column> columns) {
    public Schema {
        Objects.requireNonNull(table);
        columns = List.copyOf(columns);
        if (columns.isEmpty()) {
            throw new IllegalArgumentException("schema of " + table + " without columns");
        }
        requireWholeKey(table, columns);
    }

    /** Places in the key are 1, 2 and so on, each once. */
    private static void requireWholeKey(TableName table, List<Column> columns) {
        boolean[] taken = new boolean[columns.size() + 1];
        int last = 0;
        int count = 0;
        for (Column column : columns) {
            int position = column.keyPosition();
            if (position != 0) {
                if (position < 0 || position >= taken.length || taken[position]) {
                    throw new IllegalArgumentException("column " + column.name() + " of " + table + " can't be number "
                            + position + " of its key");
                }
                taken[position] = true;
                last = Math.max(last, position);
                count++;
            }
        }
        if (last != count) {
            throw new IllegalArgumentException(
                    "the key of " + table + " has " + count + " columns up to number " + last);
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
