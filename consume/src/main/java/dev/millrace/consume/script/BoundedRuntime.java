package dev.millrace.consume.script;

import java.math.BigInteger;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.ScriptRuntime;

/**
 * What generated code calls instead of Rhino's own runtime (see {@link BoundedLoader}): the operations that can cost without bound are bounded,
 * all others are inherited. Public because generated classes call it; of no use to others.
 */
public final class BoundedRuntime extends ScriptRuntime {
    /** The most bits of a BigInt: some 30,000 digits. */
    private static final int MAX_BITS = 100_000;
    /** From this length on a text costs more, the longer it is: it is copied when it is looked at. */
    private static final int LONG_TEXT = 1 << 10;

    private BoundedRuntime() {}

    /** At the begin of each function and on each turn of a loop. */
    public static void addInstructionCount(Context context, int instructions) {
        ((LimitedContext) context).charge(instructions);
    }

    /** Of template literals. */
    public static Object concat(Object left, Object right) {
        return boundedText(ScriptRuntime.concat(left, right));
    }

    public static Number multiply(Number left, Number right) {
        if (left instanceof BigInteger one && right instanceof BigInteger other) {
            requireBits((long) one.bitLength() + other.bitLength());
        }
        return ScriptRuntime.multiply(left, right);
    }

    public static Number exponentiate(Number base, Number power) {
        if (base instanceof BigInteger one && power instanceof BigInteger times) {
            boolean trivial = one.bitLength() <= 1 && one.abs().compareTo(BigInteger.ONE) <= 0;
            requireBits(trivial ? 1 : times.bitLength() > 20 ? Long.MAX_VALUE : one.bitLength() * times.longValue());
        }
        return ScriptRuntime.exponentiate(base, power);
    }

    public static Number leftShift(Number value, Number places) {
        shift(value, places);
        return ScriptRuntime.leftShift(value, places);
    }

    public static Number signedRightShift(Number value, Number places) {
        shift(value, places instanceof BigInteger big ? big.negate() : places);
        return ScriptRuntime.signedRightShift(value, places);
    }

    private static void shift(Number value, Number left) {
        if (value instanceof BigInteger one && left instanceof BigInteger places && places.signum() > 0) {
            requireBits(places.bitLength() > 31 ? Long.MAX_VALUE : one.bitLength() + places.longValue());
        }
    }

    static void requireBits(long bits) {
        if (bits > MAX_BITS) {
            LimitedContext.current().stop("SCRIPT_TOO_LARGE", "it makes a BigInt of more than " + MAX_BITS + " bits");
        }
    }

    /** The result of {@code +}, given back. */
    static Object boundedText(Object sum) {
        if (sum instanceof CharSequence text) {
            int length = text.length();
            // two long texts can overflow the sum's length
            if (length >= LONG_TEXT || length < 0) {
                LimitedContext context = LimitedContext.current();
                if (length < 0 || length > context.limits().maxCharacters()) {
                    context.chargeText(Long.MAX_VALUE);
                }
                context.charge(length >> 10);
            }
        }
        return sum;
    }
}
