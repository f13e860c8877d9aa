package dev.millrace.consume.script;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.HexFormat;
import org.mozilla.javascript.NativeArray;
import org.mozilla.javascript.ScriptRuntime;
import org.mozilla.javascript.ScriptableObject;

/**
 * JSON text (RFC 8259) to JavaScript values without changing a number: what a number can't hold becomes a BigInt or a Decimal. Of a key that
 * stands twice in an object the last one counts. Every character is charged.
 */
final class JsonParser {
    static final int MAX_DEPTH = 500;
    private static final int MAX_DIGITS = 5_000;
    private static final BigInteger SAFE = BigInteger.valueOf((1L << 53) - 1);

    private final LimitedContext context;
    private final String text;
    private int at;

    private JsonParser(LimitedContext context, String text) {
        this.context = context;
        this.text = text;
    }

    /** Throws JavaScript's SyntaxError for what is no JSON. */
    static Object parse(LimitedContext context, String text) {
        JsonParser parser = new JsonParser(context, text);
        context.charge(text.length() >> 2);
        Object value = parser.value(0);
        parser.space();
        if (parser.at < text.length()) {
            throw parser.wrong();
        }
        return value;
    }

    private Object value(int depth) {
        if (depth > MAX_DEPTH) {
            throw ScriptRuntime.rangeError("JSON is nested deeper than " + MAX_DEPTH);
        }
        context.charge(4);
        space();
        char first = at < text.length() ? text.charAt(at) : ' ';
        return switch (first) {
            case '{' -> object(depth);
            case '[' -> list(depth);
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", null);
            default -> number();
        };
    }

    private Object object(int depth) {
        ScriptableObject object = (ScriptableObject) context.newObject(context.scope());
        at++;
        if (next('}')) {
            return object;
        }
        do {
            space();
            if (at >= text.length() || text.charAt(at) != '"') {
                throw wrong();
            }
            String key = string();
            if (!next(':')) {
                throw wrong();
            }
            put(object, key, value(depth + 1));
        } while (next(','));
        if (!next('}')) {
            throw wrong();
        }
        return object;
    }

    /** As a property of its own, whatever its name means to prototypes. */
    private static void put(ScriptableObject object, String key, Object value) {
        if (key.equals("__proto__")) {
            object.defineProperty(key, value, ScriptableObject.EMPTY);
            return;
        }
        long index = ScriptRuntime.indexFromString(key);
        if (index >= 0 && index <= Integer.MAX_VALUE) {
            object.put((int) index, object, value);
        } else {
            object.put(key, object, value);
        }
    }

    private Object list(int depth) {
        NativeArray list = (NativeArray) context.newArray(context.scope(), 0);
        at++;
        if (next(']')) {
            return list;
        }
        int size = 0;
        do {
            list.put(size++, list, value(depth + 1));
        } while (next(','));
        if (!next(']')) {
            throw wrong();
        }
        return list;
    }

    private String string() {
        int begin = ++at;
        while (at < text.length() && text.charAt(at) != '"' && text.charAt(at) != '\\') {
            if (text.charAt(at++) < ' ') {
                throw wrong();
            }
        }
        if (at < text.length() && text.charAt(at) == '"') {
            return text.substring(begin, at++);
        }
        StringBuilder string = new StringBuilder(text.substring(begin, at));
        while (at < text.length()) {
            char next = text.charAt(at++);
            if (next == '"') {
                return string.toString();
            }
            if (next < ' ') {
                throw wrong();
            }
            string.append(next == '\\' ? escaped() : next);
        }
        throw wrong();
    }

    private char escaped() {
        char kind = at < text.length() ? text.charAt(at++) : ' ';
        return switch (kind) {
            case '"', '\\', '/' -> kind;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> unit();
            default -> throw wrong();
        };
    }

    private char unit() {
        int unit = 0;
        for (int i = 0; i < 4; i++) {
            if (at >= text.length() || !HexFormat.isHexDigit(text.charAt(at))) {
                throw wrong();
            }
            unit = unit << 4 | HexFormat.fromHexDigit(text.charAt(at++));
        }
        return (char) unit;
    }

    private Object word(String word, Object value) {
        if (!text.startsWith(word, at)) {
            throw wrong();
        }
        at += word.length();
        return value;
    }

    private Object number() {
        int begin = at;
        skip('-');
        int digits = digits();
        if (digits == 0 || digits > 1 && text.charAt(at - digits) == '0') {
            throw wrong();
        }
        boolean integer = true;
        if (skip('.')) {
            integer = false;
            require(digits() > 0);
        }
        if (skip('e') || skip('E')) {
            integer = false;
            if (!skip('+')) {
                skip('-');
            }
            int exponent = digits();
            require(exponent > 0 && exponent < 6);
        }
        if (at - begin > MAX_DIGITS) {
            throw ScriptRuntime.rangeError("a number in JSON has more than " + MAX_DIGITS + " digits");
        }
        return exact(text.substring(begin, at), integer);
    }

    private Object exact(String number, boolean integer) {
        if (number.equals("-0")) {
            return -0.0;
        }
        if (!integer) {
            return DecimalObject.toJs(context.prototypes().decimals(), new BigDecimal(number));
        }
        if (number.length() < 16) {
            return JsValues.number(Long.parseLong(number));
        }
        BigInteger big = new BigInteger(number);
        return big.abs().compareTo(SAFE) <= 0 ? (Object) big.doubleValue() : big;
    }

    private int digits() {
        int begin = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        return at - begin;
    }

    private void require(boolean holds) {
        if (!holds) {
            throw wrong();
        }
    }

    private boolean skip(char expected) {
        boolean there = at < text.length() && text.charAt(at) == expected;
        at += there ? 1 : 0;
        return there;
    }

    private boolean next(char expected) {
        space();
        return skip(expected);
    }

    private void space() {
        while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private RuntimeException wrong() {
        return ScriptRuntime.constructError("SyntaxError", "not JSON at character " + (at + 1));
    }
}
