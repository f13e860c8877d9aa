package dev.millrace.storage.event;

/** What an event does to its table. Ordinals are part of the log format: only ever append. */
public enum Operation {
    /** A row as the historical load read it. */
    READ,
    INSERT,
    /** New values; unchanged large values may be {@code UNCHANGED}; with the row before when the key changed or the table has no key. */
    UPDATE,
    /** The values name the row: its key, the rest UNCHANGED; for a table without a key all its columns. */
    DELETE,
    /** All rows are gone. No cells. */
    TRUNCATE,
    /**
     * A historical load of the table begins again: what follows, up to LOAD_COMPLETED, builds the table's new content beside the old one,
     * whose readers see it until then. No cells. A second LOAD_STARTED drops what the first one built.
     */
    LOAD_STARTED,
    /** The table's new content is whole and replaces the old one in one step. No cells. */
    LOAD_COMPLETED;

    private static final Operation[] ALL = values();

    /** By ordinal, without copying. */
    public static Operation of(int ordinal) {
        return ALL[ordinal];
    }

    public boolean hasCells() {
        return this.ordinal() <= DELETE.ordinal();
    }
}
