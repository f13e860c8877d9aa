package dev.millrace.consume.script;

import org.mozilla.javascript.Context;
import org.mozilla.javascript.LambdaFunction;
import org.mozilla.javascript.NativeArray;
import org.mozilla.javascript.ScriptRuntime;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;
import org.mozilla.javascript.SerializableCallable;
import org.mozilla.javascript.Undefined;

/** Functions of lists whose result can be far larger than the list, written so that every element is counted. */
final class ListFunctions {
    private ListFunctions() {}

    static void install(ScriptableObject scope, ScriptableObject lists) {
        define(scope, lists, "join", 1, (context, any, self, args) -> {
            Object separator = args.length == 0 || Undefined.isUndefined(args[0]) ? "," : args[0];
            return join((LimitedContext) context, self, ScriptRuntime.toString(separator));
        });
        define(scope, lists, "toString", 0, (context, any, self, args) -> join((LimitedContext) context, self, ","));
        define(scope, lists, "flat", 0, (context, any, self, args) -> {
            double depth = args.length == 0 || Undefined.isUndefined(args[0]) ? 1 : ScriptRuntime.toInteger(args[0]);
            NativeArray result = (NativeArray) context.newArray(((LimitedContext) context).scope(), 0);
            flatten((LimitedContext) context, self, depth, result);
            return result;
        });
    }

    static void define(
            ScriptableObject scope, ScriptableObject owner, String name, int length, SerializableCallable body) {
        owner.defineProperty(name, new LambdaFunction(scope, name, length, body), ScriptableObject.DONTENUM);
    }

    private static String join(LimitedContext context, Scriptable self, String separator) {
        StringBuilder text = new StringBuilder();
        long length = length(context, self);
        for (int i = 0; i < length; i++) {
            context.charge(2);
            if (i > 0) {
                append(context, text, separator);
            }
            Object element = ScriptableObject.getProperty(self, i);
            if (element != null && element != Scriptable.NOT_FOUND && !Undefined.isUndefined(element)) {
                append(context, text, ScriptRuntime.toString(element));
            }
        }
        return text.toString();
    }

    private static void append(LimitedContext context, StringBuilder text, String part) {
        if ((long) text.length() + part.length() > context.limits().maxCharacters()) {
            context.chargeText(Long.MAX_VALUE);
        }
        context.charge(part.length() >> 4);
        text.append(part);
    }

    private static void flatten(LimitedContext context, Scriptable list, double depth, NativeArray result) {
        long length = length(context, list);
        for (int i = 0; i < length; i++) {
            Object element = ScriptableObject.getProperty(list, i);
            if (element instanceof NativeArray inner && depth >= 1) {
                flatten(context, inner, depth - 1, result);
            } else if (element != Scriptable.NOT_FOUND) {
                context.charge(4);
                if (result.getLength() >= ScriptLimits.MAX_ELEMENTS) {
                    context.chargeElements(Long.MAX_VALUE);
                }
                result.put((int) result.getLength(), result, element);
            }
        }
    }

    private static long length(Context context, Scriptable list) {
        Object said = ScriptableObject.getProperty(list, "length");
        double length = said == Scriptable.NOT_FOUND ? 0 : Math.max(0, ScriptRuntime.toInteger(said));
        ((LimitedContext) context).chargeElements((long) length);
        return (long) length;
    }
}
