package dev.millrace.consume.script;

import java.math.BigInteger;
import java.util.HexFormat;
import org.mozilla.javascript.Callable;
import org.mozilla.javascript.NativeArray;
import org.mozilla.javascript.ScriptRuntime;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;
import org.mozilla.javascript.Symbol;
import org.mozilla.javascript.Undefined;

/**
 * JavaScript values to JSON text, as {@code JSON.stringify}, but with BigInts and Decimals as numbers with all their digits and Bytes as base64.
 * Every element is charged, also one that is reached many times.
 */
final class JsonPrinter {
    private static final HexFormat HEX = HexFormat.of();

    private final LimitedContext context;
    private final String indent;
    private final StringBuilder text = new StringBuilder();

    private JsonPrinter(LimitedContext context, String indent) {
        this.context = context;
        this.indent = indent;
    }

    /** @return null where JSON has nothing for it: undefined, a function, a symbol */
    static String print(LimitedContext context, Object value, String indent) {
        JsonPrinter printer = new JsonPrinter(context, indent);
        return printer.value(value, "", 0) ? printer.text.toString() : null;
    }

    private boolean value(Object given, String key, int depth) {
        if (depth > JsonParser.MAX_DEPTH) {
            throw ScriptRuntime.typeError(
                    "a value is nested deeper than " + JsonParser.MAX_DEPTH + ", or holds itself");
        }
        context.charge(4);
        Object value = given instanceof Scriptable object ? plain(object, key) : given;
        if (value == null) {
            text.append("null");
        } else if (value instanceof Boolean || value instanceof BigInteger) {
            text.append(value);
        } else if (value instanceof Number number) {
            text.append(number(number.doubleValue()));
        } else if (value instanceof CharSequence string) {
            quoted(string.toString());
        } else if (value instanceof DecimalObject decimal) {
            text.append(decimal.value().toPlainString());
        } else if (value instanceof NativeArray list) {
            list(list, depth);
        } else if (value instanceof Callable || Undefined.isUndefined(value) || value instanceof Symbol) {
            return false;
        } else if (value instanceof ScriptableObject object) {
            object(object, depth);
        } else {
            return false;
        }
        bounded();
        return true;
    }

    /** JavaScript itself forgets the sign of -0. */
    private static String number(double real) {
        if (real == 0 && 1 / real < 0) {
            return "-0";
        }
        return Double.isFinite(real) ? ScriptRuntime.toString(real) : "null";
    }

    private Object plain(Scriptable object, String key) {
        if (object instanceof DecimalObject || object instanceof NativeArray) {
            return object;
        }
        Object own = ScriptableObject.getProperty(object, "toJSON");
        if (own instanceof Callable conversion) {
            return conversion.call(context, context.scope(), object, new Object[] {key});
        }
        return switch (object.getClassName()) {
            case "String" -> ScriptRuntime.toString(object);
            case "Number" -> ScriptRuntime.toNumber(object);
            case "Boolean" -> ScriptRuntime.toBoolean(object.getDefaultValue(null));
            default -> object;
        };
    }

    private void list(NativeArray list, int depth) {
        context.chargeElements(list.getLength());
        text.append('[');
        for (int i = 0; i < list.getLength(); i++) {
            text.append(i == 0 ? "" : ",");
            line(depth + 1);
            Object element = ScriptableObject.getProperty(list, i);
            if (element == Scriptable.NOT_FOUND || !value(element, Integer.toString(i), depth + 1)) {
                text.append("null");
            }
        }
        if (list.getLength() > 0) {
            line(depth);
        }
        text.append(']');
    }

    private void object(ScriptableObject object, int depth) {
        text.append('{');
        boolean first = true;
        for (Object id : object.getIds()) {
            Object member = id instanceof Integer index
                    ? ScriptableObject.getProperty(object, index)
                    : ScriptableObject.getProperty(object, id.toString());
            int before = text.length();
            text.append(first ? "" : ",");
            line(depth + 1);
            quoted(id.toString());
            text.append(indent.isEmpty() ? ":" : ": ");
            if (value(member, id.toString(), depth + 1)) {
                first = false;
            } else {
                text.setLength(before);
            }
        }
        if (!first) {
            line(depth);
        }
        text.append('}');
    }

    private void line(int depth) {
        if (!indent.isEmpty()) {
            text.append('\n').append(indent.repeat(depth));
            bounded();
        }
    }

    private void quoted(String string) {
        context.charge(string.length() >> 2);
        text.append('"');
        for (int i = 0; i < string.length(); i++) {
            char character = string.charAt(i);
            if ((i & 0xfff) == 0xfff) {
                bounded();
            }
            switch (character) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (character < ' ' || loneSurrogate(string, i)) {
                        text.append("\\u").append(HEX.toHexDigits(character));
                    } else {
                        text.append(character);
                    }
                }
            }
        }
        text.append('"');
    }

    private static boolean loneSurrogate(String string, int at) {
        char character = string.charAt(at);
        if (Character.isHighSurrogate(character)) {
            return at + 1 == string.length() || !Character.isLowSurrogate(string.charAt(at + 1));
        }
        return Character.isLowSurrogate(character) && (at == 0 || !Character.isHighSurrogate(string.charAt(at - 1)));
    }

    private void bounded() {
        if (text.length() > context.limits().maxCharacters()) {
            context.chargeText(Long.MAX_VALUE);
        }
    }
}
