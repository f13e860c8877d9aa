package dev.millrace.storage.event;

import java.util.Objects;

/**
 * A type with its parameters; 0 means unbounded or not applicable.
 *
 * @param length the most characters (CHAR, STRING) or bytes (BYTE_ARRAY)
 * @param precision the most decimal digits (DECIMAL), or the fraction digits of a second (TIME, DATETIME, ZONED_DATETIME)
 * @param scale digits behind the point (DECIMAL with a precision)
 */
public record DataType(Type type, int length, int precision, int scale) {
    public DataType {
        Objects.requireNonNull(type);
    }

    public static DataType of(Type type) {
        return new DataType(type, 0, 0, 0);
    }

    public static DataType text(Type type, int length) {
        return new DataType(type, length, 0, 0);
    }

    public static DataType decimal(int precision, int scale) {
        return new DataType(Type.DECIMAL, 0, precision, scale);
    }

    public static DataType time(Type type, int fractionDigits) {
        return new DataType(type, 0, fractionDigits, 0);
    }
}
