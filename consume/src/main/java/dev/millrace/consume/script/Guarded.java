package dev.millrace.consume.script;

import java.util.Set;
import org.mozilla.javascript.BaseFunction;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.Function;
import org.mozilla.javascript.NativeArray;
import org.mozilla.javascript.ScriptRuntime;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;
import org.mozilla.javascript.Undefined;

/**
 * A built-in function that charges for what it is given before it runs, and for what it made after: built-ins run in Java, where nothing counts.
 * Where one walks a list by its length it gets a true list, since the length of another object is whatever it says next time.
 */
final class Guarded extends BaseFunction {
    private static final long serialVersionUID = 1L;
    private static final int CALL = 4;
    /** {@link #listAt} for {@code this}. */
    static final int SELF = -1;

    static final int NO_LIST = -2;

    /** What an element takes that is kept as a property. */
    private static final int SPARSE_BYTES = 256;

    /** Whose cost doesn't grow with the list or text they belong to, or that count themselves. */
    private static final Set<String> CHEAP = Set.of(
            "push",
            "pop",
            "at",
            "keys",
            "values",
            "entries",
            "charAt",
            "charCodeAt",
            "codePointAt",
            "substring",
            "substr",
            "slice",
            "startsWith",
            "endsWith",
            "exec",
            "test",
            "get",
            "set",
            "has",
            "add",
            "delete",
            "hasOwnProperty",
            "hasOwn",
            "valueOf");

    private final Function inner;
    private final int listAt;
    private final boolean cheap;
    private final int memoryEach;

    /**
     * @param listAt which argument is walked by its length, {@link #SELF} or {@link #NO_LIST}
     * @param memoryEach the bytes it may take for each member of what it is given, 0 for few
     */
    Guarded(Scriptable scope, Function inner, int listAt, int memoryEach) {
        super(scope, ScriptableObject.getFunctionPrototype(scope));
        this.inner = inner;
        this.listAt = listAt;
        this.memoryEach = memoryEach;
        this.cheap = CHEAP.contains(getFunctionName());
    }

    @Override
    public String getFunctionName() {
        return inner instanceof BaseFunction base ? base.getFunctionName() : "";
    }

    @Override
    public int getLength() {
        return inner instanceof BaseFunction base ? base.getLength() : 0;
    }

    @Override
    public int getArity() {
        return getLength();
    }

    @Override
    public Object call(Context context, Scriptable scope, Scriptable self, Object[] args) {
        LimitedContext limited = (LimitedContext) context;
        limited.charge(CALL + args.length);
        Scriptable given = listAt == SELF ? list(limited, self) : self;
        if (listAt >= 0 && listAt < args.length && args[listAt] instanceof Scriptable object) {
            args[listAt] = list(limited, object);
        }
        if (given instanceof NativeArray list && list.getLength() > ScriptLimits.MAX_ELEMENTS) {
            limited.chargeElements(list.getLength());
        }
        if (!cheap) {
            chargeFor(limited, given);
            for (Object arg : args) {
                chargeText(limited, arg);
            }
        }
        if (listAt >= 0 && listAt < args.length) {
            chargeFor(limited, args[listAt]);
        }
        if (listAt == SELF && given instanceof NativeArray list) {
            chargeForElements(limited, list, args);
        }
        for (int i = 0; memoryEach > 0 && i < args.length; i++) {
            limited.requireMemory(members(args[i]) * memoryEach);
        }
        Object result = inner.call(context, scope, given, args);
        if (result instanceof CharSequence text) {
            limited.chargeText(text.length());
        } else if (!cheap || listAt == SELF && "slice".equals(getFunctionName())) {
            chargeFor(limited, result);
        }
        return result;
    }

    /** What a function of lists does with their elements: texts that begin alike are compared to their ends. */
    private void chargeForElements(LimitedContext context, NativeArray list, Object[] args) {
        Object first = args.length > 0 ? args[0] : null;
        switch (getFunctionName()) {
            case "indexOf", "lastIndexOf", "includes" -> {
                if (first instanceof CharSequence wanted) {
                    context.charge(list.getLength() * (wanted.length() >> 8));
                }
            }
            case "sort", "toSorted" -> {
                long characters = 0;
                for (int i = 0; !(first instanceof Function) && i < list.getLength(); i++) {
                    characters += list.get(i, list) instanceof CharSequence text ? text.length() : 0;
                }
                int comparisons = Long.SIZE - Long.numberOfLeadingZeros(list.getLength());
                context.charge((characters >> 6) * comparisons);
            }
            // a list that was made with a length only keeps its elements as properties
            case "fill" -> context.requireMemory(list.getLength() * SPARSE_BYTES);
            default -> {}
        }
    }

    /** How many properties a value has. */
    static long members(Object value) {
        if (value instanceof CharSequence text) {
            return text.length();
        }
        if (value instanceof NativeArray list) {
            return list.getLength();
        }
        if (value instanceof ScriptableObject object) {
            Object length = object.getClassName().equals("String") ? object.get("length", object) : 0;
            return object.size() + (length instanceof Number number ? number.longValue() : 0);
        }
        return 0;
    }

    private static void chargeText(LimitedContext context, Object value) {
        if (value instanceof CharSequence text) {
            context.charge(text.length() >> 4);
        }
    }

    @Override
    public Scriptable construct(Context context, Scriptable scope, Object[] args) {
        throw ScriptRuntime.typeError(getFunctionName() + " is not a constructor");
    }

    /** For a text or a list that is looked through. */
    static void chargeFor(LimitedContext context, Object value) {
        if (value instanceof CharSequence text) {
            context.charge(text.length() >> 4);
        } else if (value instanceof NativeArray list) {
            context.chargeElements(list.getLength());
        } else if (value instanceof ScriptableObject object
                && object.getClassName().equals("String")) {
            context.charge(object.get("length", object) instanceof Number length ? length.longValue() >> 4 : 0);
        }
    }

    /** A true list in the place of what only looks like one. */
    private static Scriptable list(LimitedContext context, Scriptable object) {
        if (object == null || object instanceof NativeArray || object instanceof Function) {
            return object;
        }
        Object said = ScriptableObject.getProperty(object, "length");
        if (said == NOT_FOUND) {
            return object;
        }
        double length = Math.max(0, ScriptRuntime.toInteger(said));
        context.chargeElements((long) length);
        Object[] elements = new Object[(int) length];
        for (int i = 0; i < elements.length; i++) {
            Object element = ScriptableObject.getProperty(object, i);
            elements[i] = element == NOT_FOUND ? Undefined.instance : element;
        }
        return context.newArray(context.scope(), elements);
    }
}
