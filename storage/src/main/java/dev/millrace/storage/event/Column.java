package dev.millrace.storage.event;

import java.util.Objects;

/**
 * One column of a schema.
 *
 * @param name as the source spells it
 * @param sourceType the source's own type name, for messages and mapping hints; may be empty
 * @param sourceId the source's lasting number of the column, by which a rename is known ({@link #sourceId(long, int)}); 0 where there is none
 * @param keyPosition 1-based place in the key, 0 when not part of it
 */
public record Column(
        String name, DataType dataType, boolean nullable, int keyPosition, String sourceType, int sourceId) {
    private static final int PLACE_BITS = 11;
    private static final long TABLES = (1L << (31 - PLACE_BITS)) - 1;

    public Column {
        Objects.requireNonNull(name);
        Objects.requireNonNull(dataType);
        Objects.requireNonNull(sourceType);
    }

    /**
     * A column's lasting number that another table's, made again under the same name, doesn't have: else its columns would be taken for those that had
     * their places before.
     *
     * @param table a number of the table that it keeps while it is there (PostgreSQL: oid)
     * @param place the column's number in it, from 1 to 2,047, never used again (PostgreSQL: attnum)
     */
    public static int sourceId(long table, int place) {
        return ((int) (1 + Long.remainderUnsigned(table, TABLES)) << PLACE_BITS) | place;
    }

    /** Whether two such numbers are of columns of one table. */
    public static boolean areOfOneTable(int sourceId, int other) {
        return sourceId >>> PLACE_BITS == other >>> PLACE_BITS;
    }

    public Type type() {
        return dataType.type();
    }

    public boolean inKey() {
        return keyPosition > 0;
    }
}
