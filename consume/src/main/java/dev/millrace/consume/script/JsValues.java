package dev.millrace.consume.script;

import dev.millrace.storage.batch.Special;
import dev.millrace.storage.event.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import org.mozilla.javascript.Scriptable;

/**
 * A cell's value as JavaScript sees it. Nothing is changed on the way:
 *
 * <pre>
 * BOOLEAN                        boolean
 * BYTE, SHORT, INTEGER           number
 * LONG                           number up to ±(2^53 - 1), beyond that BigInt
 * FLOAT, DOUBLE                  number
 * DECIMAL                        number up to 15 digits, beyond that Decimal; NaN, Infinity and -Infinity as numbers
 * CHAR, STRING, FILE_REF         string
 * BYTE_ARRAY                     Bytes
 * DATE, TIME, DATETIME,
 * ZONED_DATETIME                 string, as {@link IsoTimes} draws it
 * LIST, MAP, LIST_MAP            what the JSON text holds, its numbers as LONG and DECIMAL
 * </pre>
 *
 * How values come back is drawn in {@link JsResults}.
 */
final class JsValues {
    static final long MAX_SAFE = (1L << 53) - 1;

    private JsValues() {}

    /** @param value in the form that {@link CellValues} draws */
    static Object of(LimitedContext context, Type type, Object value) {
        if (value == null) {
            return null;
        }
        Prototypes prototypes = context.prototypes();
        return switch (type) {
            case BOOLEAN, DOUBLE -> value;
            case FLOAT -> ((Float) value).doubleValue();
            case BYTE, SHORT, INTEGER, LONG -> number((Long) value);
            case DECIMAL -> decimal(prototypes.decimals(), value);
            case CHAR, STRING, FILE_REF -> value;
            case BYTE_ARRAY -> new BytesObject(prototypes.bytes(), (byte[]) value);
            case DATE, TIME, DATETIME, ZONED_DATETIME -> IsoTimes.text(value);
            case LIST, MAP, LIST_MAP -> JsonParser.parse(context, (String) value);
        };
    }

    /** The nearest form Rhino itself uses for whole numbers. */
    static Object number(long value) {
        if (value == (int) value) {
            return (int) value;
        }
        return Math.abs(value) <= MAX_SAFE && value != Long.MIN_VALUE
                ? (Object) (double) value
                : BigInteger.valueOf(value);
    }

    private static Object decimal(Scriptable prototype, Object value) {
        if (value instanceof Special special) {
            return switch (special) {
                case NAN -> Double.NaN;
                case POSITIVE_INFINITY -> Double.POSITIVE_INFINITY;
                case NEGATIVE_INFINITY -> Double.NEGATIVE_INFINITY;
            };
        }
        return DecimalObject.toJs(prototype, (BigDecimal) value);
    }

    /** What Decimals and Bytes inherit from. */
    record Prototypes(Scriptable decimals, Scriptable bytes) {}
}
