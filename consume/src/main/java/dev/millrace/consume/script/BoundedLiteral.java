package dev.millrace.consume.script;

import org.mozilla.javascript.BaseFunction;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.NewLiteralStorage;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;

/**
 * Gathers what a literal of a list or an object holds, for generated code (see {@link BoundedLoader}): what is spread into it is bounded, and an
 * event's values are spread as they are listed. Public because generated classes call it; of no use to others.
 */
public final class BoundedLiteral extends NewLiteralStorage {
    /** What a property takes that is spread: its name, its value, and its place among those of the new object. */
    private static final int MEMBER_BYTES = 640;

    private BoundedLiteral(Object[] names, int length, boolean named) {
        super(names, length, named);
    }

    public static BoundedLiteral create(Context context, Object[] names) {
        return new BoundedLiteral(names, -1, false);
    }

    public static BoundedLiteral create(Context context, int length, boolean named) {
        return new BoundedLiteral(null, length, named);
    }

    @Override
    public void spread(Context context, Scriptable scope, Object source, int position) {
        LimitedContext limited = (LimitedContext) context;
        boolean members = keys != null;
        Object listed = members && source instanceof RowObject row ? row.plain() : source;
        limited.charge(4 + Guarded.members(listed));
        if (members) {
            limited.requireMemory(Guarded.members(listed) * MEMBER_BYTES);
        }
        super.spread(context, scope, listed, position);
    }

    /** A function without a name has that of its member. */
    @Override
    protected void attemptToInferFunctionName(Object value) {
        if (keys != null
                && keys[index] instanceof String name
                && value instanceof BaseFunction function
                && function.getFunctionName().isEmpty()) {
            function.defineProperty("name", name, ScriptableObject.READONLY | ScriptableObject.DONTENUM);
        }
    }
}
