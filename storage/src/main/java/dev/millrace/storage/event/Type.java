package dev.millrace.storage.event;

/** The nineteen types of a cell. How each is held, with its unusual values, is drawn in {@code storage.batch.CellFormat}. */
public enum Type {
    BOOLEAN,
    BYTE,
    SHORT,
    INTEGER,
    LONG,
    FLOAT,
    DOUBLE,
    /** Unbounded; also NaN and both infinities. */
    DECIMAL,
    /** Fixed-length text, as the source gives it. */
    CHAR,
    STRING,
    BYTE_ARRAY,
    /** Days from 1970-01-01 in the proleptic ISO calendar, BC included; also both infinities. */
    DATE,
    /** Nanoseconds from midnight; may be 24:00 and beyond, or negative. */
    TIME,
    /** A local date and time in seconds from 1970-01-01T00:00 and nanoseconds; also both infinities. */
    DATETIME,
    /** An instant in seconds and nanoseconds, with the offset it was written in where the source keeps one; also both infinities. */
    ZONED_DATETIME,
    /** A JSON array, as UTF-8 JSON text. */
    LIST,
    /** A JSON value (usually an object), as UTF-8 JSON text. */
    MAP,
    /** A JSON array of objects, as UTF-8 JSON text. */
    LIST_MAP,
    /** A reference to a file: its URI as text. */
    FILE_REF;

    private static final Type[] ALL = values();

    /** By ordinal, without copying; ordinals are part of the log format: only ever append. */
    public static Type of(int ordinal) {
        return ALL[ordinal];
    }
}
