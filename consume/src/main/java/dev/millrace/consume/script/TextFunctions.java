package dev.millrace.consume.script;

import java.util.List;
import java.util.function.BiFunction;
import org.mozilla.javascript.BaseFunction;
import org.mozilla.javascript.Function;
import org.mozilla.javascript.LambdaFunction;
import org.mozilla.javascript.ScriptRuntime;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;
import org.mozilla.javascript.SerializableCallable;
import org.mozilla.javascript.Undefined;

/** Functions of texts whose result can be far longer than the text: its length is known, or counted, before it is made. */
final class TextFunctions {
    /** Looking for a text as short costs about as much as looking at the other one. */
    private static final int SHORT = 32;

    private final ScriptableObject scope;
    private final ScriptableObject texts;

    private TextFunctions(ScriptableObject scope, ScriptableObject texts) {
        this.scope = scope;
        this.texts = texts;
    }

    static void install(ScriptableObject scope, ScriptableObject texts) {
        TextFunctions functions = new TextFunctions(scope, texts);
        functions.checked("repeat", (context, self, args) -> {
            double times = ScriptRuntime.toInteger(argument(args, 0));
            context.chargeText((long) Math.min(Long.MAX_VALUE, Math.max(0, times) * self.length()));
        });
        functions.checked("padStart", (context, self, args) -> pad(context, args));
        functions.checked("padEnd", (context, self, args) -> pad(context, args));
        functions.checked("concat", (context, self, args) -> {
            long length = self.length();
            for (int i = 0; i < args.length; i++) {
                args[i] = ScriptRuntime.toString(args[i]);
                length += ((String) args[i]).length();
            }
            context.chargeText(length);
        });
        for (String name : List.of("indexOf", "lastIndexOf", "includes")) {
            functions.checked(name, TextFunctions::chargeSearch);
        }
        functions.checked("split", TextFunctions::countParts);
        functions.checked("normalize", (context, self, args) -> requireNormalized(context, self));
        for (String language : List.of("", "Locale")) {
            functions.cased("to" + language + "UpperCase", LetterCase::upper);
            functions.cased("to" + language + "LowerCase", LetterCase::lower);
        }
        functions.replace("replace");
        functions.replace("replaceAll");
    }

    /** What is done before the built-in function runs. */
    private interface Check {
        void before(LimitedContext context, String self, Object[] args);
    }

    private void checked(String name, Check check) {
        Function inner = (Function) ScriptableObject.getProperty(texts, name);
        int length = ((BaseFunction) inner).getLength();
        SerializableCallable body = (context, any, self, args) -> {
            check.before((LimitedContext) context, text(self), args);
            return inner.call(context, any, self, args);
        };
        texts.defineProperty(name, new LambdaFunction(scope, name, length, body), ScriptableObject.DONTENUM);
    }

    private void cased(String name, BiFunction<String, LetterCase.Watch, String> change) {
        ListFunctions.define(scope, texts, name, 0, (context, any, self, args) -> {
            String text = text(self);
            LimitedContext limited = (LimitedContext) context;
            String changed = change.apply(text, limited::charge);
            limited.chargeText(changed.length());
            return changed;
        });
    }

    /** Few characters are as many as 18 when they are taken apart, none but those of ASCII is sure to stay one. */
    static void requireNormalized(LimitedContext context, String text) {
        long most = 0;
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            most += character < 0x80 ? 1 : character == 0xfdfa ? 18 : character == 0xfdfb ? 8 : 4;
        }
        context.charge(most >> 2);
        context.requireMemory(most * 4);
        if (most > 4L * context.limits().maxCharacters()) {
            context.chargeText(most);
        }
    }

    private static void pad(LimitedContext context, Object[] args) {
        double length = ScriptRuntime.toLength(args, 0);
        context.chargeText((long) Math.min(Long.MAX_VALUE, length));
    }

    /** A long text is looked for at each place, and may be found nearly whole at each. */
    private static void chargeSearch(LimitedContext context, String self, Object[] args) {
        if (argument(args, 0) instanceof CharSequence wanted && wanted.length() > SHORT) {
            context.charge((long) self.length() * wanted.length() >> 4);
        }
    }

    private static void countParts(LimitedContext context, String self, Object[] args) {
        chargeSearch(context, self, args);
        if (argument(args, 0) instanceof CharSequence separator) {
            String between = separator.toString();
            long parts = between.isEmpty() ? self.length() : 1;
            if (!between.isEmpty()) {
                for (int at = self.indexOf(between); at >= 0; at = self.indexOf(between, at + between.length())) {
                    parts++;
                }
            }
            context.chargeElements(parts);
            context.requireMemory(parts * 32);
        }
    }

    /** What stands in for each match goes through a function that counts it, unless even the longest result is short. */
    private void replace(String name) {
        checked(name, (context, self, args) -> {
            chargeSearch(context, self, args);
            if (args.length < 2) {
                return;
            }
            if (args[1] instanceof Function function) {
                args[1] = counting(
                        name, (any, arguments) -> function.call(any, scope, Undefined.SCRIPTABLE_UNDEFINED, arguments));
                return;
            }
            String with = ScriptRuntime.toString(args[1]);
            args[1] = with;
            long each = with.indexOf('$') < 0 ? with.length() : (long) with.length() * (self.length() + 1);
            if ((self.length() + 1) * each > context.limits().maxCharacters() / 4) {
                args[1] = counting(name, (any, arguments) -> Replacement.expand(any, with, arguments));
            }
        });
    }

    private interface Made {
        Object of(LimitedContext context, Object[] arguments);
    }

    private LambdaFunction counting(String name, Made made) {
        long[] total = {0};
        return new LambdaFunction(scope, name, 0, (context, any, self, args) -> {
            LimitedContext limited = (LimitedContext) context;
            String part = ScriptRuntime.toString(made.of(limited, args));
            total[0] += part.length();
            limited.charge(4 + (part.length() >> 4));
            if (total[0] > limited.limits().maxCharacters()) {
                limited.chargeText(Long.MAX_VALUE);
            }
            return part;
        });
    }

    private static String text(Scriptable self) {
        String text = ScriptRuntime.toString(self);
        LimitedContext.current().charge(4 + (text.length() >> 4));
        return text;
    }

    private static Object argument(Object[] args, int index) {
        return index < args.length ? args[index] : Undefined.instance;
    }
}
