package dev.millrace.consume.script;

import dev.millrace.storage.batch.Special;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoField;
import java.time.temporal.Temporal;
import org.mozilla.javascript.Callable;
import org.mozilla.javascript.ConsString;
import org.mozilla.javascript.NativeArray;
import org.mozilla.javascript.ScriptRuntime;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;
import org.mozilla.javascript.Undefined;

/**
 * How JavaScript's values become cells. A value for a column that has a type keeps that type wherever it fits without a change:
 *
 * <pre>
 * BOOLEAN                    true, false
 * BYTE … LONG                a number, BigInt or Decimal that is whole, in range, and (a number) within ±(2^53 - 1)
 * FLOAT                      a number that is one; DOUBLE a number, or a BigInt or Decimal that is one
 * DECIMAL                    a number by its shortest digits, a BigInt or Decimal; within precision and scale; NaN, ±Infinity
 * CHAR, STRING, FILE_REF     a string within the length
 * BYTE_ARRAY                 Bytes
 * DATE                       a string 2024-05-01
 * TIME                       a string 13:00:05.25
 * DATETIME                   a string 2024-05-01T13:00:05.25 or 2024-05-01 (midnight); a Date, in UTC
 * ZONED_DATETIME             a string 2024-05-01T13:00:05.25+02:00 or …Z; a Date
 * LIST, LIST_MAP             an array; MAP anything that JSON can say
 * </pre>
 *
 * A value for a new column, or one that doesn't fit, has the type it says itself: whole number LONG, other number DOUBLE, BigInt LONG or,
 * beyond 2^53, DECIMAL, Decimal DECIMAL, Date ZONED_DATETIME, array LIST, object MAP. null and undefined are NULL.
 */
final class JsResults {
    /** What {@link #fit} says of a value that the type can't hold as it is. */
    static final Object UNFIT = new Object();

    private JsResults() {}

    /**
     * The type a value says itself; null for NULL.
     *
     * @throws ScriptFailure SCRIPT_RESULT for a function, a symbol
     */
    static DataType type(Object js, String column) {
        if (isNull(js)) {
            return null;
        }
        if (js instanceof Boolean) {
            return DataType.of(Type.BOOLEAN);
        }
        if (js instanceof CharSequence) {
            return DataType.of(Type.STRING);
        }
        if (js instanceof BigInteger big) {
            return DataType.of(big.bitLength() <= 53 ? Type.LONG : Type.DECIMAL);
        }
        if (js instanceof Number number) {
            double real = number.doubleValue();
            return DataType.of(
                    real == Math.rint(real) && Math.abs(real) <= JsValues.MAX_SAFE && !negativeZero(real)
                            ? Type.LONG
                            : Type.DOUBLE);
        }
        if (js instanceof DecimalObject) {
            return DataType.of(Type.DECIMAL);
        }
        if (js instanceof BytesObject) {
            return DataType.of(Type.BYTE_ARRAY);
        }
        if (js instanceof NativeArray) {
            return DataType.of(Type.LIST);
        }
        if (js instanceof ScriptableObject object && !(js instanceof Callable)) {
            return switch (object.getClassName()) {
                case "Date" -> DataType.of(Type.ZONED_DATETIME);
                case "String" -> DataType.of(Type.STRING);
                case "Number" -> type(ScriptRuntime.toNumber(object), column);
                case "Boolean" -> DataType.of(Type.BOOLEAN);
                default -> DataType.of(Type.MAP);
            };
        }
        throw new ScriptFailure(
                "SCRIPT_RESULT",
                column,
                0,
                "a value is a " + ScriptRuntime.typeof(js) + ", which no column can hold",
                "Give back a boolean, number, BigInt, Decimal, string, Date, Bytes, array, object or null.");
    }

    static boolean isNull(Object js) {
        return js == null || Undefined.isUndefined(js) || js == Scriptable.NOT_FOUND;
    }

    private static boolean negativeZero(double real) {
        return real == 0 && 1 / real < 0;
    }

    /** The value in the form that {@link CellValues} draws, null for NULL, or {@link #UNFIT}. */
    static Object fit(LimitedContext context, DataType type, Object given) {
        if (isNull(given)) {
            return null;
        }
        Object js = unwrapped(given);
        return switch (type.type()) {
            case BOOLEAN -> js instanceof Boolean ? js : UNFIT;
            case BYTE -> whole(js, Byte.MIN_VALUE, Byte.MAX_VALUE);
            case SHORT -> whole(js, Short.MIN_VALUE, Short.MAX_VALUE);
            case INTEGER -> whole(js, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case LONG -> whole(js, Long.MIN_VALUE, Long.MAX_VALUE);
            case FLOAT -> single(js);
            case DOUBLE -> real(js);
            case DECIMAL -> decimal(type, js);
            case CHAR, STRING, FILE_REF -> text(type, js);
            case BYTE_ARRAY ->
                js instanceof BytesObject bytes && (type.length() == 0 || bytes.bytes().length <= type.length())
                        ? bytes.bytes()
                        : UNFIT;
            case DATE, TIME, DATETIME, ZONED_DATETIME -> precise(type, time(type.type(), js));
            case LIST, LIST_MAP -> js instanceof NativeArray ? json(context, js) : UNFIT;
            case MAP -> json(context, js);
        };
    }

    private static Object unwrapped(Object js) {
        if (js instanceof ScriptableObject object) {
            return switch (object.getClassName()) {
                case "String" -> ScriptRuntime.toString(object);
                case "Number" -> ScriptRuntime.toNumber(object);
                case "Boolean" -> ScriptRuntime.toBoolean(object.getDefaultValue(null));
                default -> js;
            };
        }
        return js instanceof ConsString text ? text.toString() : js;
    }

    private static Object whole(Object js, long least, long most) {
        if (js instanceof Number number && !(js instanceof BigInteger)) {
            double real = number.doubleValue();
            boolean fits = real == Math.rint(real)
                    && Math.abs(real) <= JsValues.MAX_SAFE
                    && real >= least
                    && real <= most
                    && !negativeZero(real);
            return fits ? (Object) (long) real : UNFIT;
        }
        BigDecimal exact = js instanceof BigInteger || js instanceof DecimalObject ? DecimalObject.of(js) : null;
        boolean fits = exact != null
                && exact.stripTrailingZeros().scale() <= 0
                && exact.compareTo(BigDecimal.valueOf(least)) >= 0
                && exact.compareTo(BigDecimal.valueOf(most)) <= 0;
        return fits ? (Object) exact.longValueExact() : UNFIT;
    }

    private static Object single(Object js) {
        if (js instanceof Number number && !(js instanceof BigInteger)) {
            double real = number.doubleValue();
            float single = (float) real;
            return single == real || Double.isNaN(real) ? (Object) single : UNFIT;
        }
        return UNFIT;
    }

    private static Object real(Object js) {
        if (js instanceof Number number && !(js instanceof BigInteger)) {
            return number.doubleValue();
        }
        BigDecimal exact = js instanceof BigInteger || js instanceof DecimalObject ? DecimalObject.of(js) : null;
        if (exact == null) {
            return UNFIT;
        }
        double real = exact.doubleValue();
        return Double.isFinite(real) && new BigDecimal(real).compareTo(exact) == 0 ? (Object) real : UNFIT;
    }

    private static Object decimal(DataType type, Object js) {
        if (js instanceof Double real && !Double.isFinite(real)) {
            return real.isNaN() ? Special.NAN : real > 0 ? Special.POSITIVE_INFINITY : Special.NEGATIVE_INFINITY;
        }
        BigDecimal exact = js instanceof Number || js instanceof DecimalObject ? DecimalObject.of(js) : null;
        if (exact == null) {
            return UNFIT;
        }
        if (type.precision() == 0) {
            return exact;
        }
        if (exact.stripTrailingZeros().scale() > type.scale()) {
            return UNFIT;
        }
        BigDecimal scaled = exact.setScale(type.scale(), RoundingMode.UNNECESSARY);
        return scaled.precision() <= type.precision() ? scaled : UNFIT;
    }

    private static Object text(DataType type, Object js) {
        if (!(js instanceof CharSequence)) {
            return UNFIT;
        }
        String text = js.toString();
        return type.length() == 0 || text.codePointCount(0, text.length()) <= type.length() ? whole(text) : UNFIT;
    }

    /** UTF-8 has nothing for half a character: it would be changed into a question mark. */
    private static String whole(String text) {
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (Character.isSurrogate(character)) {
                boolean pair = Character.isHighSurrogate(character)
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1));
                if (!pair) {
                    throw new ScriptFailure(
                            "SCRIPT_RESULT",
                            "",
                            0,
                            "a text holds half of a character outside of Unicode's first plane (at " + i + ")",
                            "Cut texts with Array.from(text) or [...text], which take characters whole.");
                }
                i++;
            }
        }
        return text;
    }

    /** A fraction of a second that is longer than the column's would be rounded. */
    private static Object precise(DataType type, Object time) {
        int nanos = time instanceof Duration span
                ? span.abs().toNanosPart()
                : time instanceof Temporal moment && moment.isSupported(ChronoField.NANO_OF_SECOND)
                        ? moment.get(ChronoField.NANO_OF_SECOND)
                        : 0;
        int unit = (int) Math.pow(10, 9 - Math.min(9, type.precision()));
        return type.precision() == 0 || nanos % unit == 0 ? time : UNFIT;
    }

    private static Object time(Type type, Object js) {
        if (js instanceof ScriptableObject object && object.getClassName().equals("Date")) {
            return date(type, object);
        }
        if (!(js instanceof CharSequence)) {
            return UNFIT;
        }
        String text = js.toString();
        Object time = type == Type.TIME ? IsoTimes.time(text) : IsoTimes.infinity(text);
        if (time == null) {
            time = switch (type) {
                case DATE -> IsoTimes.date(text);
                case DATETIME -> {
                    LocalDate day = IsoTimes.date(text);
                    yield day == null ? IsoTimes.dateTime(text) : day.atStartOfDay();
                }
                case ZONED_DATETIME -> IsoTimes.zoned(text);
                default -> null;
            };
        }
        return time == null ? UNFIT : time;
    }

    private static Object date(Type type, ScriptableObject date) {
        double millis = ScriptRuntime.toNumber(date);
        if (!Double.isFinite(millis) || type != Type.DATETIME && type != Type.ZONED_DATETIME) {
            return UNFIT;
        }
        var zoned = Instant.ofEpochMilli((long) millis).atOffset(ZoneOffset.UTC);
        return type == Type.DATETIME ? zoned.toLocalDateTime() : zoned;
    }

    private static Object json(LimitedContext context, Object js) {
        String json = JsonPrinter.print(context, js, "");
        return json == null ? UNFIT : json;
    }

    /** What a text column gets for a value that is none. */
    static String asText(LimitedContext context, Object js) {
        Object value = unwrapped(js);
        if (value instanceof NativeArray
                || value instanceof ScriptableObject object
                        && object.getClassName().equals("Object")) {
            return whole(JsonPrinter.print(context, value, ""));
        }
        if (value instanceof ScriptableObject object && object.getClassName().equals("Date")) {
            Object zoned = date(Type.ZONED_DATETIME, object);
            return zoned == UNFIT ? "Invalid Date" : IsoTimes.text(zoned);
        }
        return whole(ScriptRuntime.toString(value));
    }
}
