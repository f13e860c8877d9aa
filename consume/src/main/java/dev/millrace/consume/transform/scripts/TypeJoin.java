package dev.millrace.consume.transform.scripts;

import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Type;

/**
 * The narrowest type that holds the values of two without a change; text where there is none. A column's type only ever goes up:
 *
 * <pre>
 * BYTE &lt; SHORT &lt; INTEGER &lt; LONG &lt; DECIMAL        FLOAT &lt; DOUBLE &lt; DECIMAL      BYTE, SHORT, INTEGER &lt; DOUBLE
 * LONG &lt; DOUBLE only for a script's own numbers, which are within ±(2^53 - 1)
 * DATE &lt; DATETIME    CHAR &lt; STRING    LIST, LIST_MAP &lt; MAP    anything &lt; STRING
 * </pre>
 */
final class TypeJoin {
    private TypeJoin() {}

    /** @param numbers whether whole numbers are JavaScript's, which DOUBLE holds as they are */
    static DataType of(DataType one, DataType other, boolean numbers) {
        if (one.type() == other.type()) {
            return sameType(one, other);
        }
        return DataType.of(join(one.type(), other.type(), numbers));
    }

    private static DataType sameType(DataType one, DataType other) {
        if (one.type() == Type.DECIMAL) {
            return one.equals(other) ? one : DataType.of(Type.DECIMAL);
        }
        boolean unbounded = one.length() == 0 || other.length() == 0;
        int fraction =
                one.precision() == 0 || other.precision() == 0 ? 0 : Math.max(one.precision(), other.precision());
        int length = unbounded ? 0 : Math.max(one.length(), other.length());
        return new DataType(one.type(), length, fraction, one.scale());
    }

    private static Type join(Type one, Type other, boolean numbers) {
        if (isWhole(one) && isWhole(other)) {
            return one.ordinal() > other.ordinal() ? one : other;
        }
        if (isNumber(one) && isNumber(other)) {
            boolean exact = !either(one, other, Type.DECIMAL) && (numbers || !either(one, other, Type.LONG));
            return exact ? Type.DOUBLE : Type.DECIMAL;
        }
        if (either(one, other, Type.DATE) && either(one, other, Type.DATETIME)) {
            return Type.DATETIME;
        }
        return isJson(one) && isJson(other) ? Type.MAP : Type.STRING;
    }

    private static boolean either(Type one, Type other, Type wanted) {
        return one == wanted || other == wanted;
    }

    private static boolean isWhole(Type type) {
        return switch (type) {
            case BYTE, SHORT, INTEGER, LONG -> true;
            default -> false;
        };
    }

    private static boolean isNumber(Type type) {
        return isWhole(type) || type == Type.FLOAT || type == Type.DOUBLE || type == Type.DECIMAL;
    }

    private static boolean isJson(Type type) {
        return type == Type.LIST || type == Type.MAP || type == Type.LIST_MAP;
    }
}
