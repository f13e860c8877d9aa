package dev.millrace.consume.postgres;

import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Type;

/**
 * A PostgreSQL column type as we make it.
 *
 * @param wire the form of its values in a binary COPY
 * @param sql its declaration, spelled as {@code format_type()} spells it, so that both may be compared
 * @param scale the digits behind the point or of a second that it keeps; -1 where it keeps all a value of this wire may have. PostgreSQL
 *     rounds further digits away without a word, so a value that has some is refused before
 */
record ColumnType(Wire wire, String sql, int scale) {
    /** Forms of values in a binary COPY. */
    enum Wire {
        BOOL,
        INT2,
        INT4,
        INT8,
        FLOAT4,
        FLOAT8,
        NUMERIC,
        TEXT,
        BYTEA,
        DATE,
        TIME,
        TIMESTAMP,
        TIMESTAMPTZ,
        JSONB
    }

    static final ColumnType TEXT = new ColumnType(Wire.TEXT, "text", -1);
    static final ColumnType INSTANT = new ColumnType(Wire.TIMESTAMPTZ, "timestamp with time zone", -1);
    static final ColumnType BOOLEAN = new ColumnType(Wire.BOOL, "boolean", -1);

    private static final int MAX_CHARACTERS = 10_485_760;
    private static final int MAX_PRECISION = 1000;
    private static final int FRACTION_DIGITS = 6;

    static ColumnType of(TargetColumn column) {
        return switch (column.role()) {
            case VALUE -> of(column.dataType());
            case ID, OPERATION -> TEXT;
            case INGESTED_AT, LOADED_AT, SOURCE_MODIFIED_AT, VALID_FROM, VALID_TO -> INSTANT;
            case DELETED, CURRENT -> BOOLEAN;
            case SEQUENCE -> of(column.dataType());
        };
    }

    /** The type that holds every value of {@code type}: JSON as jsonb, seconds with more than six digits and unknown kinds as text. */
    static ColumnType of(DataType type) {
        return switch (type.type()) {
            case BOOLEAN -> BOOLEAN;
            case BYTE, SHORT -> new ColumnType(Wire.INT2, "smallint", -1);
            case INTEGER -> new ColumnType(Wire.INT4, "integer", -1);
            case LONG -> new ColumnType(Wire.INT8, "bigint", -1);
            case FLOAT -> new ColumnType(Wire.FLOAT4, "real", -1);
            case DOUBLE -> new ColumnType(Wire.FLOAT8, "double precision", -1);
            case DECIMAL -> decimal(type.precision(), type.scale());
            case CHAR -> text("character", type.length());
            case STRING -> text("character varying", type.length());
            case BYTE_ARRAY -> new ColumnType(Wire.BYTEA, "bytea", -1);
            case DATE -> new ColumnType(Wire.DATE, "date", -1);
            case TIME -> time(Wire.TIME, "time", " without time zone", type.precision());
            case DATETIME -> time(Wire.TIMESTAMP, "timestamp", " without time zone", type.precision());
            case ZONED_DATETIME -> time(Wire.TIMESTAMPTZ, "timestamp", " with time zone", type.precision());
            case LIST, MAP, LIST_MAP -> new ColumnType(Wire.JSONB, "jsonb", -1);
            case FILE_REF -> TEXT;
        };
    }

    private static ColumnType decimal(int precision, int scale) {
        boolean bounded = precision > 0 && precision <= MAX_PRECISION && scale >= 0 && scale <= precision;
        return bounded
                ? new ColumnType(Wire.NUMERIC, "numeric(" + precision + "," + scale + ")", scale)
                : new ColumnType(Wire.NUMERIC, "numeric", -1);
    }

    private static ColumnType text(String name, int length) {
        return length > 0 && length <= MAX_CHARACTERS ? new ColumnType(Wire.TEXT, name + "(" + length + ")", -1) : TEXT;
    }

    private static ColumnType time(Wire wire, String name, String zone, int digits) {
        if (digits > FRACTION_DIGITS) {
            return TEXT;
        }
        return digits == 0 || digits == FRACTION_DIGITS
                ? new ColumnType(wire, name + zone, FRACTION_DIGITS)
                : new ColumnType(wire, name + "(" + digits + ")" + zone, digits);
    }

    /** Whether a cell of {@code type} can be written into this column unchanged. */
    boolean takes(Type type) {
        return switch (wire) {
            case TEXT -> true;
            case BOOL -> type == Type.BOOLEAN;
            case INT2, INT4, INT8 -> isWhole(type);
            case FLOAT4 -> type == Type.FLOAT;
            case FLOAT8 -> type == Type.FLOAT || type == Type.DOUBLE || isWhole(type);
            case NUMERIC -> type == Type.DECIMAL || isWhole(type);
            case BYTEA -> type == Type.BYTE_ARRAY;
            case DATE -> type == Type.DATE;
            case TIME -> type == Type.TIME;
            case TIMESTAMP -> type == Type.DATETIME || type == Type.DATE;
            case TIMESTAMPTZ -> type == Type.ZONED_DATETIME || type == Type.DATETIME || type == Type.DATE;
            case JSONB -> type == Type.LIST || type == Type.MAP || type == Type.LIST_MAP;
        };
    }

    private static boolean isWhole(Type type) {
        return type == Type.BYTE || type == Type.SHORT || type == Type.INTEGER || type == Type.LONG;
    }
}
