package dev.millrace.consume.transform.steps;

import dev.millrace.consume.transform.EventFailure;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Type;
import java.time.LocalDate;

/**
 * Values of one type as values of another. A cast never changes a value in silence: what doesn't fit fails the event. Three are defined to lose
 * something, since that is what they are for: a number or text becomes the nearest FLOAT or DOUBLE, a date and time becomes its date or its
 * time of day, and one with an offset becomes the one in UTC.
 */
final class Casts {
    private static final int SHOWN = 60;

    /** Sets {@code out}; {@code in} is neither NULL nor UNCHANGED. */
    interface Cast {
        void apply(Value in, Value out);
    }

    private Casts() {}

    /** @throws StepProblem where there is no such cast */
    static Cast of(DataType from, DataType to) {
        Cast cast =
                switch (to.type()) {
                    case CHAR, STRING, FILE_REF -> toText(from, to);
                    case BOOLEAN -> toBoolean(from.type());
                    case BYTE, SHORT, INTEGER, LONG -> Numbers.toWhole(from.type(), to.type());
                    case FLOAT, DOUBLE -> Numbers.toFloating(from.type(), to.type());
                    case DECIMAL -> Numbers.toDecimal(from.type(), to);
                    case DATE -> toDate(from.type());
                    case TIME -> toTime(from.type());
                    case DATETIME -> toDateTime(from.type());
                    case ZONED_DATETIME -> toZoned(from.type());
                    case LIST, MAP, LIST_MAP -> toJson(from.type());
                    case BYTE_ARRAY -> null;
                };
        if (cast == null) {
            throw new StepProblem(
                    "a " + from.type() + " can't become a " + to.type(), "Use an expression, or another type.");
        }
        return cast;
    }

    static boolean isText(Type type) {
        return type == Type.STRING || type == Type.CHAR || type == Type.FILE_REF;
    }

    static boolean isWhole(Type type) {
        return type == Type.BYTE || type == Type.SHORT || type == Type.INTEGER || type == Type.LONG;
    }

    static boolean isJson(Type type) {
        return type == Type.LIST || type == Type.MAP || type == Type.LIST_MAP;
    }

    /** Of a text only its beginning is quoted. */
    static EventFailure unfit(String value, String wanted) {
        String shown = value.length() <= SHOWN ? value : value.substring(0, SHOWN) + "…";
        return EventFailure.ofValue(
                "TRANSFORM_VALUE_UNFIT",
                shown,
                "is not " + wanted,
                "Correct the row at the source, or give the column a type that takes it.");
    }

    private static Cast toText(DataType from, DataType to) {
        if (from.type() == Type.BYTE_ARRAY) {
            return null;
        }
        int length = to.length();
        return (in, out) -> {
            String text = text(in, from.type());
            if (length > 0 && text.codePointCount(0, text.length()) > length) {
                throw unfit(text, "text of at most " + length + " characters");
            }
            out.object(text);
        };
    }

    /** The value as text; bytes have none. */
    static String text(Value value, Type type) {
        if (value.special != null) {
            return switch (value.special) {
                case NAN -> "NaN";
                case POSITIVE_INFINITY -> "Infinity";
                case NEGATIVE_INFINITY -> "-Infinity";
            };
        }
        return switch (type) {
            case BOOLEAN -> value.number != 0 ? "true" : "false";
            case BYTE, SHORT, INTEGER, LONG -> Long.toString(value.number);
            case FLOAT -> Float.toString((float) value.real);
            case DOUBLE -> Double.toString(value.real);
            case DECIMAL -> value.decimal().toPlainString();
            case DATE -> Times.date(value).toString();
            case TIME -> Times.clock(value.number);
            case DATETIME -> Times.dateTimeText(Times.dateTime(value));
            case ZONED_DATETIME -> Times.zonedText(Times.zoned(value));
            case CHAR, STRING, LIST, MAP, LIST_MAP, FILE_REF -> value.text();
            case BYTE_ARRAY -> throw new IllegalStateException("bytes are no text");
        };
    }

    private static Cast toBoolean(Type from) {
        if (from == Type.BOOLEAN) {
            return (in, out) -> out.number(in.number);
        }
        if (isWhole(from)) {
            return (in, out) -> {
                if (in.number != 0 && in.number != 1) {
                    throw unfit(Long.toString(in.number), "0 or 1");
                }
                out.number(in.number);
            };
        }
        return !isText(from)
                ? null
                : (in, out) -> {
                    switch (in.text()) {
                        case "true", "TRUE", "True", "t", "yes", "y", "on", "1" -> out.number(1);
                        case "false", "FALSE", "False", "f", "no", "n", "off", "0" -> out.number(0);
                        default -> throw unfit(in.text(), "true or false");
                    }
                };
    }

    private static Cast toDate(Type from) {
        return switch (from) {
            case DATE -> (in, out) -> out.copy(in);
            case CHAR, STRING -> (in, out) -> Times.readDate(in.text(), out);
            case DATETIME, ZONED_DATETIME ->
                (in, out) -> {
                    if (in.special != null) {
                        out.special(in.special);
                    } else {
                        LocalDate day =
                                Times.within(() -> LocalDate.ofEpochDay(Math.floorDiv(in.number + in.offset, 86_400L)));
                        Times.set(out, day, day.toString());
                    }
                };
            default -> null;
        };
    }

    private static Cast toTime(Type from) {
        return switch (from) {
            case TIME -> (in, out) -> out.copy(in);
            case CHAR, STRING -> (in, out) -> Times.readTime(in.text(), out);
            case DATETIME ->
                (in, out) -> {
                    if (in.special != null) {
                        throw unfit(text(in, from), "a time of day");
                    }
                    out.number(Math.floorMod(in.number, 86_400L) * Times.NANOS + in.nano);
                };
            default -> null;
        };
    }

    private static Cast toDateTime(Type from) {
        return switch (from) {
            case DATETIME -> (in, out) -> out.copy(in);
            case DATE -> (in, out) -> atMidnight(in, out);
            case CHAR, STRING -> (in, out) -> Times.readDateTime(in.text(), out);
            case ZONED_DATETIME ->
                (in, out) -> {
                    out.copy(in);
                    out.offset = 0;
                };
            default -> null;
        };
    }

    private static Cast toZoned(Type from) {
        return switch (from) {
            case ZONED_DATETIME -> (in, out) -> out.copy(in);
            case DATE -> (in, out) -> atMidnight(in, out);
            case DATETIME ->
                (in, out) -> {
                    out.copy(in);
                    out.offset = 0;
                };
            case CHAR, STRING -> (in, out) -> Times.readZoned(in.text(), out);
            default -> null;
        };
    }

    private static void atMidnight(Value in, Value out) {
        if (in.special != null) {
            out.special(in.special);
        } else {
            out.moment(in.number * 86_400L, 0, 0);
        }
    }

    private static Cast toJson(Type from) {
        if (isJson(from)) {
            return (in, out) -> out.copy(in);
        }
        return !isText(from)
                ? null
                : (in, out) -> {
                    JsonText.require(in.text());
                    out.object(in.text());
                };
    }
}
