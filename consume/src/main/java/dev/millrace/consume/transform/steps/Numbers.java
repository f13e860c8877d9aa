package dev.millrace.consume.transform.steps;

import dev.millrace.storage.batch.Special;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Type;
import java.math.BigDecimal;
import java.math.RoundingMode;

/** Casts and rounding of numbers. */
final class Numbers {
    /** Longer texts are no numbers: reading them would take quadratic time. */
    private static final int LONGEST = 1_000;

    static final int LARGEST_EXPONENT = 5_000;

    private Numbers() {}

    static Casts.Cast toWhole(Type from, Type to) {
        String wanted = "a whole number from " + least(to) + " to " + most(to);
        return switch (from) {
            case BOOLEAN, BYTE, SHORT, INTEGER, LONG -> (in, out) -> whole(in.number, to, wanted, out);
            case FLOAT, DOUBLE ->
                (in, out) -> {
                    double value = in.real;
                    // the nearest number below 2^63 is the largest that a LONG holds
                    if (value != Math.rint(value) || value < -0x1p63 || value >= 0x1p63) {
                        throw Casts.unfit(Double.toString(value), wanted);
                    }
                    whole((long) value, to, wanted, out);
                };
            case DECIMAL ->
                (in, out) -> {
                    if (in.special != null) {
                        throw Casts.unfit(Casts.text(in, Type.DECIMAL), wanted);
                    }
                    whole(in.decimal(), to, wanted, out);
                };
            case CHAR, STRING -> (in, out) -> whole(read(in.text(), wanted), to, wanted, out);
            default -> null;
        };
    }

    private static void whole(long value, Type to, String wanted, Value out) {
        if (value < least(to) || value > most(to)) {
            throw Casts.unfit(Long.toString(value), wanted);
        }
        out.number(value);
    }

    private static void whole(BigDecimal value, Type to, String wanted, Value out) {
        boolean fits = value.signum() == 0 || value.precision() - (long) value.scale() <= 19;
        if (fits) {
            try {
                whole(value.longValueExact(), to, wanted, out);
                return;
            } catch (ArithmeticException fraction) {
                fits = false;
            }
        }
        throw Casts.unfit(shown(value), wanted);
    }

    private static long least(Type type) {
        return switch (type) {
            case BYTE -> Byte.MIN_VALUE;
            case SHORT -> Short.MIN_VALUE;
            case INTEGER -> Integer.MIN_VALUE;
            default -> Long.MIN_VALUE;
        };
    }

    private static long most(Type type) {
        return -(least(type) + 1);
    }

    static Casts.Cast toFloating(Type from, Type to) {
        return switch (from) {
            case FLOAT, DOUBLE -> (in, out) -> floating(in.real, to, out);
            case BYTE, SHORT, INTEGER, LONG ->
                (in, out) -> out.real(to == Type.FLOAT ? (float) in.number : (double) in.number);
            case DECIMAL ->
                (in, out) -> {
                    if (in.special != null) {
                        out.real(
                                switch (in.special) {
                                    case NAN -> Double.NaN;
                                    case POSITIVE_INFINITY -> Double.POSITIVE_INFINITY;
                                    case NEGATIVE_INFINITY -> Double.NEGATIVE_INFINITY;
                                });
                    } else {
                        nearest(in.decimal(), to, shown(in.decimal()), out);
                    }
                };
            case CHAR, STRING -> (in, out) -> nearest(read(in.text(), "a number"), to, in.text(), out);
            default -> null;
        };
    }

    private static void floating(double value, Type to, Value out) {
        if (Double.isInfinite(value) || Double.isNaN(value)) {
            out.real(value);
        } else {
            finite(value, to, Double.toString(value), out);
        }
    }

    /** In one step: by way of a DOUBLE some numbers would become the second nearest FLOAT. */
    private static void nearest(BigDecimal value, Type to, String shown, Value out) {
        finite(to == Type.FLOAT ? value.floatValue() : value.doubleValue(), to, shown, out);
    }

    private static void finite(double value, Type to, String shown, Value out) {
        if (Double.isInfinite(to == Type.FLOAT ? (float) value : value)) {
            throw Casts.unfit(shown, "within the range of a " + to);
        }
        out.real(to == Type.FLOAT ? (float) value : value);
    }

    static Casts.Cast toDecimal(Type from, DataType to) {
        return switch (from) {
            case BOOLEAN, BYTE, SHORT, INTEGER, LONG -> (in, out) -> decimal(BigDecimal.valueOf(in.number), to, out);
            case FLOAT -> (in, out) -> floatingDecimal(in.real, Float.toString((float) in.real), to, out);
            case DOUBLE -> (in, out) -> floatingDecimal(in.real, Double.toString(in.real), to, out);
            case DECIMAL ->
                (in, out) -> {
                    if (in.special != null) {
                        out.special(in.special);
                    } else {
                        decimal(in.decimal(), to, out);
                    }
                };
            case CHAR, STRING -> (in, out) -> decimal(read(in.text(), "a number"), to, out);
            default -> null;
        };
    }

    /** The shortest decimal that is that number. */
    private static void floatingDecimal(double value, String text, DataType to, Value out) {
        if (Double.isNaN(value)) {
            out.special(Special.NAN);
        } else if (Double.isInfinite(value)) {
            out.special(value > 0 ? Special.POSITIVE_INFINITY : Special.NEGATIVE_INFINITY);
        } else {
            decimal(new BigDecimal(text), to, out);
        }
    }

    /** As {@code to} holds it, with its scale. */
    static void decimal(BigDecimal value, DataType to, Value out) {
        BigDecimal scaled = value;
        if (to.precision() > 0) {
            boolean fits =
                    value.signum() == 0 || value.precision() - (long) value.scale() <= to.precision() - to.scale();
            try {
                scaled = fits ? value.setScale(to.scale(), RoundingMode.UNNECESSARY) : value;
            } catch (ArithmeticException fraction) {
                fits = false;
            }
            if (!fits) {
                throw Casts.unfit(
                        shown(value),
                        "a decimal of " + to.precision() + " digits, " + to.scale() + " behind the point");
            }
        }
        out.object(scaled);
    }

    static BigDecimal read(String text, String wanted) {
        if (text.length() <= LONGEST) {
            try {
                BigDecimal value = new BigDecimal(text);
                if (Math.abs((long) value.scale()) <= LARGEST_EXPONENT) {
                    return value;
                }
            } catch (NumberFormatException none) {
                throw Casts.unfit(text, wanted);
            }
        }
        throw Casts.unfit(text, wanted);
    }

    private static String shown(BigDecimal value) {
        return value.toString();
    }

    /** Half away from zero; negative {@code digits} round in front of the point. */
    static Casts.Cast round(Type type, int digits) {
        return switch (type) {
            case FLOAT, DOUBLE ->
                (in, out) -> {
                    double value = in.real;
                    if (!Double.isNaN(value) && !Double.isInfinite(value)) {
                        String text = type == Type.FLOAT ? Float.toString((float) value) : Double.toString(value);
                        nearest(new BigDecimal(text).setScale(digits, RoundingMode.HALF_UP), type, text, out);
                    } else {
                        out.real(value);
                    }
                };
            case DECIMAL ->
                (in, out) -> {
                    if (in.special != null) {
                        out.special(in.special);
                    } else {
                        BigDecimal value = in.decimal();
                        BigDecimal rounded =
                                value.scale() <= digits ? value : value.setScale(digits, RoundingMode.HALF_UP);
                        out.object(rounded.scale() < 0 && value.scale() >= 0 ? rounded.setScale(0) : rounded);
                    }
                };
            case BYTE, SHORT, INTEGER, LONG ->
                (in, out) -> {
                    BigDecimal rounded = BigDecimal.valueOf(in.number).setScale(digits, RoundingMode.HALF_UP);
                    whole(rounded, type, "in range once it is rounded", out);
                };
            default -> null;
        };
    }
}
