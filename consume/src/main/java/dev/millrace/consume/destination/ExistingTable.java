package dev.millrace.consume.destination;

import java.util.List;

/**
 * A table as the destination describes it: names as stored, types in its own words.
 *
 * @param identity the database's and the table's own, which it keeps until it is dropped: another one tells that a table was made again under
 *     its name
 */
public record ExistingTable(TargetName name, List<ExistingColumn> columns, Identity identity) {
    /**
     * What a table is known by, whatever its name and columns; both empty where the destination has nothing that lasts.
     *
     * @param database where {@code table} means something
     */
    public record Identity(String database, String table) {
        /** Nothing is known. */
        public static final Identity NONE = new Identity("", "");

        /** Whether {@code other} is surely another table, in the same database. */
        public boolean differs(Identity other) {
            return !table.isEmpty() && !other.table.isEmpty() && database.equals(other.database) && !equals(other);
        }
    }

    public record ExistingColumn(String name, String type, boolean nullable) {}

    public ExistingTable {
        columns = List.copyOf(columns);
    }
}
