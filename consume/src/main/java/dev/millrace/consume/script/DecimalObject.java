package dev.millrace.consume.script;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.function.BiFunction;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.LambdaFunction;
import org.mozilla.javascript.ScriptRuntime;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;

/**
 * An exact decimal number in JavaScript: what {@code Decimal(…)} makes, and what a DECIMAL cell is that has more digits than a number holds. It
 * refuses to become a number by itself, since that would change it. Immutable.
 */
final class DecimalObject extends ScriptableObject {
    private static final long serialVersionUID = 1L;
    /** Digits of a double that survive the way to decimal and back. */
    private static final int SAFE_DIGITS = 15;

    private static final int MAX_DIGITS = 10_000;

    private final BigDecimal value;

    DecimalObject(Scriptable prototype, BigDecimal value) {
        setPrototype(prototype);
        requireDigits(value);
        this.value = value;
        preventExtensions();
    }

    /** Also of what is only computed with: 1 + 1e999999999 has a billion digits. */
    private static void requireDigits(BigDecimal value) {
        if (value.precision() > MAX_DIGITS || Math.abs((long) value.scale()) > MAX_DIGITS) {
            LimitedContext.current()
                    .stop("SCRIPT_TOO_LARGE", "it makes a Decimal of more than " + MAX_DIGITS + " digits");
        }
    }

    BigDecimal value() {
        return value;
    }

    @Override
    public String getClassName() {
        return "Decimal";
    }

    @Override
    public Object getDefaultValue(Class<?> hint) {
        if (hint == ScriptRuntime.StringClass) {
            return value.toPlainString();
        }
        throw ScriptRuntime.typeError("a Decimal is not used with +, -, * or < (digits would be lost):"
                + " write a.plus(b), a.times(b), a.compare(b), or Number(a) or String(a)");
    }

    /** A number where it has the same digits, else a Decimal. */
    static Object toJs(Scriptable prototype, BigDecimal value) {
        if (value.precision() <= SAFE_DIGITS && Math.abs(value.scale()) <= 300) {
            return value.doubleValue();
        }
        return new DecimalObject(prototype, value);
    }

    /** @return null for what is no number */
    static BigDecimal of(Object value) {
        if (value instanceof DecimalObject decimal) {
            return decimal.value;
        }
        if (value instanceof BigInteger big) {
            return new BigDecimal(big);
        }
        if (value instanceof Number number) {
            double real = number.doubleValue();
            if (!Double.isFinite(real)) {
                return null;
            }
            return real == Math.rint(real) && Math.abs(real) < 1e15
                    ? BigDecimal.valueOf((long) real)
                    : new BigDecimal(Double.toString(real));
        }
        if (value instanceof CharSequence text && text.length() <= MAX_DIGITS) {
            try {
                return new BigDecimal(text.toString().trim());
            } catch (NumberFormatException none) {
                return null;
            }
        }
        return null;
    }

    static BigDecimal required(Object value) {
        BigDecimal decimal = of(value);
        if (decimal != null) {
            requireDigits(decimal);
        } else {
            throw ScriptRuntime.typeError("not a decimal number: " + ScriptRuntime.typeof(value));
        }
        return decimal;
    }

    static ScriptableObject prototype(Scriptable scope) {
        ScriptableObject prototype =
                (ScriptableObject) Context.getCurrentContext().newObject(scope);
        arithmetic(scope, prototype, "plus", BigDecimal::add);
        arithmetic(scope, prototype, "minus", BigDecimal::subtract);
        arithmetic(scope, prototype, "times", BigDecimal::multiply);
        method(scope, prototype, "dividedBy", (self, args) -> {
            BigDecimal divisor = required(argument(args, 0));
            if (divisor.signum() == 0) {
                throw ScriptRuntime.rangeError("division by zero");
            }
            return new DecimalObject(prototype, self.divide(divisor, digits(args, 1), RoundingMode.HALF_UP));
        });
        method(
                scope,
                prototype,
                "round",
                (self, args) -> new DecimalObject(prototype, self.setScale(digits(args, 0), RoundingMode.HALF_UP)));
        method(scope, prototype, "negated", (self, args) -> new DecimalObject(prototype, self.negate()));
        method(scope, prototype, "abs", (self, args) -> new DecimalObject(prototype, self.abs()));
        method(scope, prototype, "compare", (self, args) -> self.compareTo(required(argument(args, 0))));
        method(scope, prototype, "toNumber", (self, args) -> self.doubleValue());
        method(scope, prototype, "toString", (self, args) -> self.toPlainString());
        method(scope, prototype, "toJSON", (self, args) -> self.toPlainString());
        return prototype;
    }

    private static void arithmetic(
            Scriptable scope,
            ScriptableObject prototype,
            String name,
            BiFunction<BigDecimal, BigDecimal, BigDecimal> operation) {
        method(
                scope,
                prototype,
                name,
                (self, args) -> new DecimalObject(prototype, operation.apply(self, required(argument(args, 0)))));
    }

    private static void method(
            Scriptable scope, ScriptableObject prototype, String name, BiFunction<BigDecimal, Object[], Object> body) {
        LambdaFunction function = new LambdaFunction(scope, name, 1, (context, callScope, self, args) -> {
            if (!(self instanceof DecimalObject decimal)) {
                throw ScriptRuntime.typeError(name + " is for a Decimal");
            }
            ((LimitedContext) context).charge(8L + decimal.value.precision());
            return body.apply(decimal.value, args);
        });
        prototype.defineProperty(name, function, DONTENUM);
    }

    private static int digits(Object[] args, int index) {
        double digits = index < args.length ? ScriptRuntime.toNumber(args[index]) : 0;
        if (!(digits >= 0 && digits <= MAX_DIGITS)) {
            throw ScriptRuntime.rangeError("digits behind the point are 0 to " + MAX_DIGITS);
        }
        return (int) digits;
    }

    static Object argument(Object[] args, int index) {
        return index < args.length ? args[index] : null;
    }
}
