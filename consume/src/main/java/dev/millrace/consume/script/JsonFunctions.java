package dev.millrace.consume.script;

import org.mozilla.javascript.ScriptRuntime;
import org.mozilla.javascript.ScriptableObject;
import org.mozilla.javascript.Undefined;

/** The {@code JSON} of scripts: exact numbers, every element counted, no callbacks. */
final class JsonFunctions {
    private JsonFunctions() {}

    static void install(ScriptableObject scope) {
        ScriptableObject json = (ScriptableObject) ScriptableObject.getProperty(scope, "JSON");
        ListFunctions.define(scope, json, "parse", 1, (context, any, self, args) -> {
            refuseCallback(args, "JSON.parse");
            String text = ScriptRuntime.toString(args.length > 0 ? args[0] : Undefined.instance);
            return JsonParser.parse((LimitedContext) context, text);
        });
        ListFunctions.define(scope, json, "stringify", 3, (context, any, self, args) -> {
            refuseCallback(args, "JSON.stringify");
            Object value = args.length > 0 ? args[0] : Undefined.instance;
            String text = JsonPrinter.print((LimitedContext) context, value, indent(args));
            return text == null ? Undefined.instance : text;
        });
    }

    private static void refuseCallback(Object[] args, String function) {
        if (args.length > 1 && args[1] != null && !Undefined.isUndefined(args[1])) {
            throw ScriptRuntime.typeError(function + " takes no function or list of names here");
        }
    }

    private static String indent(Object[] args) {
        Object wanted = args.length > 2 ? args[2] : null;
        if (wanted instanceof Number number) {
            return " ".repeat((int) Math.max(0, Math.min(10, number.doubleValue())));
        }
        if (wanted instanceof CharSequence text) {
            return text.length() > 10 ? text.toString().substring(0, 10) : text.toString();
        }
        return "";
    }
}
