package dev.millrace.consume.duckdb;

import dev.millrace.storage.event.DataType;

/**
 * Which column type holds which values unchanged. A DECIMAL is one only while its digits fit 38; else, and where it is unbounded, it is
 * text. Seconds with more than six fraction digits are text.
 */
final class DuckDbTypes {
    static final int MAX_DIGITS = 38;
    private static final int MAX_FRACTION = 6;

    private DuckDbTypes() {}

    static ColumnKind kind(DataType type) {
        return switch (type.type()) {
            case BOOLEAN -> ColumnKind.BOOLEAN;
            case BYTE -> ColumnKind.TINYINT;
            case SHORT -> ColumnKind.SMALLINT;
            case INTEGER -> ColumnKind.INTEGER;
            case LONG -> ColumnKind.BIGINT;
            case FLOAT -> ColumnKind.FLOAT;
            case DOUBLE -> ColumnKind.DOUBLE;
            case DECIMAL ->
                type.precision() > 0 && digits(type) <= MAX_DIGITS ? ColumnKind.DECIMAL : ColumnKind.VARCHAR;
            case CHAR, STRING, FILE_REF -> ColumnKind.VARCHAR;
            case BYTE_ARRAY -> ColumnKind.BLOB;
            case DATE -> ColumnKind.DATE;
            case TIME -> type.precision() > MAX_FRACTION ? ColumnKind.VARCHAR : ColumnKind.TIME;
            case DATETIME -> type.precision() > MAX_FRACTION ? ColumnKind.VARCHAR : ColumnKind.TIMESTAMP;
            case ZONED_DATETIME -> type.precision() > MAX_FRACTION ? ColumnKind.VARCHAR : ColumnKind.TIMESTAMPTZ;
            case LIST, MAP, LIST_MAP -> ColumnKind.JSON;
        };
    }

    /** As information_schema spells it. */
    static String name(DataType type) {
        ColumnKind kind = kind(type);
        return switch (kind) {
            case DECIMAL -> "DECIMAL(" + digits(type) + "," + scale(type) + ")";
            case TIMESTAMPTZ -> "TIMESTAMP WITH TIME ZONE";
            default -> kind.name();
        };
    }

    /** All digits of a bounded DECIMAL; its scale may be negative or larger than its precision. */
    static int digits(DataType type) {
        return Math.max(type.precision() - type.scale(), 0) + scale(type);
    }

    static int scale(DataType type) {
        return Math.max(type.scale(), 0);
    }

    /** A column's type, by how it is appended to. */
    enum ColumnKind {
        BOOLEAN,
        TINYINT,
        SMALLINT,
        INTEGER,
        BIGINT,
        FLOAT,
        DOUBLE,
        DECIMAL,
        VARCHAR,
        JSON,
        BLOB,
        DATE,
        TIME,
        TIMESTAMP,
        TIMESTAMPTZ
    }
}
