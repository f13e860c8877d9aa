package dev.millrace.consume.script;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;
import org.mozilla.javascript.LambdaFunction;
import org.mozilla.javascript.ScriptRuntime;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;
import org.mozilla.javascript.SerializableCallable;
import org.mozilla.javascript.Undefined;

/**
 * What scripts have beyond JavaScript: {@code Decimal}, {@code Bytes}, {@code Text}, {@code Time} ({@link TimeFunctions}) and {@code Hash}
 * ({@link HashFunctions}). The same input always gives the same.
 */
final class Helpers {
    static final Set<String> NAMES = Set.of("Decimal", "Bytes", "Text", "Time", "Hash");

    private final HashFunctions hashes;
    private JsValues.Prototypes prototypes;

    Helpers(HashFunctions hashes) {
        this.hashes = hashes;
    }

    /** After {@link #install}. */
    JsValues.Prototypes prototypes() {
        return prototypes;
    }

    void install(ScriptableObject scope) {
        ScriptableObject decimals = DecimalObject.prototype(scope);
        ScriptableObject bytes = BytesObject.prototype(scope);
        prototypes = new JsValues.Prototypes(decimals, bytes);
        LambdaFunction decimal = new LambdaFunction(scope, "Decimal", 1, (context, any, self, args) -> {
            ((LimitedContext) context).charge(16);
            BigDecimal value = DecimalObject.required(argument(args, 0));
            return new DecimalObject(decimals, value);
        });
        decimal.defineProperty("prototype", decimals, ScriptableObject.DONTENUM);
        scope.defineProperty("Decimal", decimal, ScriptableObject.DONTENUM);
        ScriptableObject bytesOf = object(scope, "Bytes");
        define(scope, bytesOf, "fromHex", 1, (context, any, self, args) -> {
            String hex = text(args, 0);
            if (!hex.matches("(?:[0-9a-fA-F]{2})*+")) {
                throw ScriptRuntime.typeError("not pairs of hexadecimal digits");
            }
            return new BytesObject(bytes, HexFormat.of().parseHex(hex));
        });
        define(scope, bytesOf, "fromBase64", 1, (context, any, self, args) -> {
            try {
                return new BytesObject(bytes, Base64.getDecoder().decode(text(args, 0)));
            } catch (IllegalArgumentException none) {
                throw ScriptRuntime.typeError("not base64");
            }
        });
        define(
                scope,
                bytesOf,
                "fromText",
                1,
                (context, any, self, args) ->
                        new BytesObject(bytes, text(args, 0).getBytes(StandardCharsets.UTF_8)));
        texts(scope);
        TimeFunctions.install(scope, object(scope, "Time"));
        hashes.install(scope, object(scope, "Hash"));
    }

    private static void texts(ScriptableObject scope) {
        ScriptableObject texts = object(scope, "Text");
        define(scope, texts, "keepLast", 2, (context, any, self, args) -> {
            String text = text(args, 0);
            int keep = (int) Math.max(0, ScriptRuntime.toInteger(args, 1));
            int cut = text.length() <= keep
                    ? text.length()
                    : text.length() - keep; // a short one is hidden whole, as by the step
            cut += cut > 0 && cut < text.length() && Character.isLowSurrogate(text.charAt(cut)) ? 1 : 0;
            return "*".repeat(text.codePointCount(0, cut)) + text.substring(cut);
        });
        define(scope, texts, "digits", 1, (context, any, self, args) -> {
            StringBuilder digits = new StringBuilder();
            text(args, 0).chars().filter(it -> it >= '0' && it <= '9').forEach(it -> digits.append((char) it));
            return digits.toString();
        });
        define(scope, texts, "squeeze", 1, (context, any, self, args) -> squeezed(text(args, 0)));
        define(scope, texts, "fold", 1, (context, any, self, args) -> {
            String given = text(args, 0);
            TextFunctions.requireNormalized((LimitedContext) context, given);
            String plain = Normalizer.normalize(given, Normalizer.Form.NFD);
            StringBuilder letters = new StringBuilder(plain.length());
            plain.codePoints()
                    .filter(it -> Character.getType(it) != Character.NON_SPACING_MARK)
                    .forEach(letters::appendCodePoint);
            return LetterCase.lower(letters.toString(), ((LimitedContext) context)::charge);
        });
    }

    /** White space at the ends gone, within one blank each. */
    private static String squeezed(String text) {
        StringBuilder squeezed = new StringBuilder(text.length());
        boolean gap = false;
        for (int i = 0; i < text.length(); i++) {
            if (Character.isWhitespace(text.charAt(i))) {
                gap = squeezed.length() > 0;
            } else {
                squeezed.append(gap ? " " : "").append(text.charAt(i));
                gap = false;
            }
        }
        return squeezed.toString();
    }

    static ScriptableObject object(ScriptableObject scope, String name) {
        ScriptableObject object = (ScriptableObject) LimitedContext.current().newObject(scope);
        scope.defineProperty(name, object, ScriptableObject.DONTENUM);
        return object;
    }

    /** A function that is given as many arguments as it needs, none of them null where {@link #text} asks. */
    static void define(
            ScriptableObject scope, ScriptableObject owner, String name, int length, SerializableCallable body) {
        ListFunctions.define(scope, owner, name, length, (context, any, self, args) -> {
            LimitedContext limited = (LimitedContext) context;
            limited.charge(8);
            for (Object arg : args) {
                Guarded.chargeFor(limited, arg);
            }
            Object result = body.call(context, any, self, args);
            if (result instanceof CharSequence text) {
                limited.chargeText(text.length());
            }
            return result;
        });
    }

    static Object argument(Object[] args, int index) {
        return index < args.length ? args[index] : Undefined.instance;
    }

    /** @throws org.mozilla.javascript.EcmaError for null and undefined, which are seldom meant as the words */
    static String text(Object[] args, int index) {
        Object given = argument(args, index);
        if (JsResults.isNull(given)) {
            throw ScriptRuntime.typeError("argument " + (index + 1) + " is " + (given == null ? "null" : "missing"));
        }
        if (given instanceof Scriptable && !(given instanceof ScriptableObject)) {
            throw ScriptRuntime.typeError("argument " + (index + 1) + " is no text");
        }
        return ScriptRuntime.toString(given);
    }
}
