package dev.millrace.consume.script;

import java.util.List;
import org.mozilla.javascript.BaseFunction;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.Function;
import org.mozilla.javascript.ScriptRuntime;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;

/** {@code Date} with the event's time for the clock's, so that the same event always gives the same. In UTC. */
final class EventDate extends BaseFunction {
    private static final long serialVersionUID = 1L;

    private final Function inner;

    private EventDate(Scriptable scope, Function inner) {
        super(scope, ScriptableObject.getFunctionPrototype(scope));
        this.inner = inner;
    }

    static void install(ScriptableObject scope) {
        Function inner = (Function) ScriptableObject.getProperty(scope, "Date");
        EventDate date = new EventDate(scope, inner);
        ScriptableObject prototype = (ScriptableObject) ScriptableObject.getProperty(inner, "prototype");
        date.setImmunePrototypeProperty(prototype);
        for (String name : List.of("parse", "UTC")) {
            date.defineProperty(name, ScriptableObject.getProperty(inner, name), DONTENUM);
        }
        ListFunctions.define(scope, date, "now", 0, (context, any, self, args) -> millis(context));
        scope.defineProperty("Date", date, DONTENUM);
        prototype.defineProperty("constructor", date, DONTENUM);
    }

    @Override
    public String getFunctionName() {
        return "Date";
    }

    @Override
    public Object call(Context context, Scriptable scope, Scriptable self, Object[] args) {
        return ScriptRuntime.toString(construct(context, scope, ScriptRuntime.emptyArgs));
    }

    @Override
    public Scriptable construct(Context context, Scriptable scope, Object[] args) {
        Object[] given = args.length == 0 ? new Object[] {millis(context)} : args;
        return inner.construct(context, scope, given);
    }

    private static double millis(Context context) {
        return Math.floorDiv(((LimitedContext) context).eventMicros(), 1_000L);
    }
}
