package dev.millrace.consume.mapping;

import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Type;

/**
 * The least type that holds every value of two types unchanged: whole numbers → wider whole numbers → DECIMAL → STRING, FLOAT → DOUBLE →
 * STRING, DATE → DATETIME → ZONED_DATETIME (as UTC) → STRING, JSON of one shape → JSON of any → STRING, anything else → STRING. Never
 * narrows.
 */
public final class Promotion {
    private Promotion() {}

    public static DataType widest(DataType one, DataType other) {
        if (one.equals(other)) {
            return one;
        }
        if (one.type() == other.type()) {
            return sameType(one, other);
        }
        if (isWhole(one.type()) && isWhole(other.type())) {
            return DataType.of(later(one.type(), other.type()));
        }
        if (isWhole(one.type()) && other.type() == Type.DECIMAL) {
            return decimals(wholeAsDecimal(one.type()), other);
        }
        if (one.type() == Type.DECIMAL && isWhole(other.type())) {
            return decimals(one, wholeAsDecimal(other.type()));
        }
        if (isFloating(one.type()) && isFloating(other.type())) {
            return DataType.of(Type.DOUBLE);
        }
        if (isFloating(one.type()) && fitsDouble(other.type()) || fitsDouble(one.type()) && isFloating(other.type())) {
            return DataType.of(Type.DOUBLE);
        }
        if (isDay(one.type()) && isDay(other.type())) {
            return DataType.time(later(one.type(), other.type()), fraction(one, other));
        }
        if (isJson(one.type()) && isJson(other.type())) {
            return DataType.of(Type.MAP);
        }
        if (isText(one.type()) && isText(other.type())) {
            return DataType.text(Type.STRING, unboundedMax(one.length(), other.length()));
        }
        return DataType.of(Type.STRING);
    }

    private static DataType sameType(DataType one, DataType other) {
        return switch (one.type()) {
            case DECIMAL -> decimals(one, other);
            case TIME, DATETIME, ZONED_DATETIME -> DataType.time(one.type(), fraction(one, other));
            // CHAR is padded to its length: of two lengths only STRING keeps both as they are
            case CHAR -> DataType.text(Type.STRING, unboundedMax(one.length(), other.length()));
            default -> DataType.text(one.type(), unboundedMax(one.length(), other.length()));
        };
    }

    private static DataType decimals(DataType one, DataType other) {
        if (one.precision() == 0 || other.precision() == 0) {
            return DataType.decimal(0, 0);
        }
        int scale = Math.max(one.scale(), other.scale());
        int whole = Math.max(one.precision() - one.scale(), other.precision() - other.scale());
        return DataType.decimal(whole + scale, scale);
    }

    private static DataType wholeAsDecimal(Type type) {
        return switch (type) {
            case BYTE -> DataType.decimal(3, 0);
            case SHORT -> DataType.decimal(5, 0);
            case INTEGER -> DataType.decimal(10, 0);
            default -> DataType.decimal(19, 0);
        };
    }

    /** Fraction digits of a second; a DATE has none to keep. */
    private static int fraction(DataType one, DataType other) {
        if (one.type() == Type.DATE) {
            return other.precision();
        }
        return other.type() == Type.DATE ? one.precision() : unboundedMax(one.precision(), other.precision());
    }

    private static int unboundedMax(int one, int other) {
        return one == 0 || other == 0 ? 0 : Math.max(one, other);
    }

    private static Type later(Type one, Type other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    private static boolean isWhole(Type type) {
        return type == Type.BYTE || type == Type.SHORT || type == Type.INTEGER || type == Type.LONG;
    }

    private static boolean isFloating(Type type) {
        return type == Type.FLOAT || type == Type.DOUBLE;
    }

    private static boolean fitsDouble(Type type) {
        return type == Type.BYTE || type == Type.SHORT || type == Type.INTEGER;
    }

    private static boolean isDay(Type type) {
        return type == Type.DATE || type == Type.DATETIME || type == Type.ZONED_DATETIME;
    }

    private static boolean isJson(Type type) {
        return type == Type.LIST || type == Type.MAP || type == Type.LIST_MAP;
    }

    private static boolean isText(Type type) {
        return type == Type.CHAR || type == Type.STRING || type == Type.FILE_REF;
    }
}
