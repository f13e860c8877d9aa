package dev.millrace.consume.script;

import org.mozilla.javascript.BaseFunction;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.ScriptRuntime;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;

/** Stands where {@code Function} would be, and makes none. */
final class NoFunction extends BaseFunction {
    private static final long serialVersionUID = 1L;

    NoFunction(Scriptable scope) {
        super(scope, ScriptableObject.getFunctionPrototype(scope));
    }

    @Override
    public Object call(Context context, Scriptable scope, Scriptable self, Object[] args) {
        throw ScriptRuntime.typeError("no function is made of text here");
    }

    @Override
    public Scriptable construct(Context context, Scriptable scope, Object[] args) {
        throw ScriptRuntime.typeError("no function is made of text here");
    }
}
