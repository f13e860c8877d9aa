package dev.millrace.consume.script;

import dev.millrace.config.error.Nearest;
import dev.millrace.consume.script.RowObject.ScriptColumns;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.mozilla.javascript.Function;
import org.mozilla.javascript.NativeArray;
import org.mozilla.javascript.ScriptRuntime;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;
import org.mozilla.javascript.Undefined;

/**
 * A script with a function {@code transform(event)}. The event has
 *
 * <ul>
 *   <li>{@code schema}, {@code name}: the table's; another name sends the row to another table
 *   <li>{@code operation}: READ, INSERT, UPDATE or DELETE
 *   <li>{@code values}: the row ({@link RowObject}); {@code before}: the row before an update as far as it is known, or null
 *   <li>{@code key}: the names of the key's columns, a list that may be replaced
 *   <li>{@code metadata}: id, logIndex, transactionId, modifiedAt, ingestedAt
 * </ul>
 *
 * It gives back the event, changed or not, null to drop it, or a list of events, at most {@link ScriptLimits#maxEvents}; a new one is an object
 * with {@code values}, the rest is the event's own where it is missing. The whole text runs anew for each event, in a scope of its own: nothing
 * is left for the next. Confined to its sandbox's thread.
 */
public final class Script {
    private static final String FUNCTION = "transform";

    private final Sandbox sandbox;
    private final org.mozilla.javascript.Script compiled;
    private ScriptColumns columns;
    private Schema columnsOf;

    private Script(Sandbox sandbox, org.mozilla.javascript.Script compiled) {
        this.sandbox = sandbox;
        this.compiled = compiled;
    }

    /**
     * @param name the file's, for messages
     * @throws ScriptProblem SCRIPT_SYNTAX, UNKNOWN_NAME, SCRIPT_NO_FUNCTION
     */
    public static Script compile(Sandbox sandbox, String text, String name) {
        if (text.length() > Sandbox.MAX_SOURCE) {
            throw new ScriptProblem(
                    "SCRIPT_SYNTAX", 1, 1, "it is longer than " + Sandbox.MAX_SOURCE + " characters", "");
        }
        SourceNames names = SourceNames.parse(text, name);
        for (SourceNames.Free free : names.free()) {
            if (!Globals.STANDARD.contains(free.name()) && !Helpers.NAMES.contains(free.name())) {
                throw unknown(free, names);
            }
        }
        if (names.root().getSymbol(FUNCTION) == null) {
            throw new ScriptProblem(
                    "SCRIPT_NO_FUNCTION",
                    1,
                    1,
                    "it has no function 'transform'",
                    "Write: function transform(event) { …; return event; }");
        }
        return new Script(sandbox, sandbox.compile("'use strict';" + text, name, 1));
    }

    private static ScriptProblem unknown(SourceNames.Free free, SourceNames names) {
        Set<String> candidates = new LinkedHashSet<>(names.declared());
        candidates.addAll(new TreeSet<>(Helpers.NAMES));
        candidates.addAll(new TreeSet<>(Globals.STANDARD));
        String suggestion = Nearest.to(free.name(), candidates)
                .map(near -> "Did you mean '" + near + "'?")
                .orElse("Scripts have JavaScript's standard objects and "
                        + String.join(", ", new TreeSet<>(Helpers.NAMES))
                        + "; there are no files, no network and no timers.");
        return new ScriptProblem(
                "UNKNOWN_NAME",
                names.line(free.offset()),
                names.column(free.offset()),
                "nothing is called '" + free.name() + "'",
                suggestion);
    }

    /** Takes what a script made of an event, while its values can still be looked at. */
    public interface Taker<T> {
        T take(List<ScriptResult> results, Values values);
    }

    /**
     * Runs the script on one event.
     *
     * @param taker called once, with no result where the event is dropped
     * @throws ScriptFailure whatever went wrong
     */
    public <T> T apply(ScriptEvent event, Taker<T> taker) {
        if (columnsOf != event.schema()) {
            columns = new ScriptColumns(event.schema().columns());
            columnsOf = event.schema();
        }
        return sandbox.run(event.facts().nowMicros(), context -> {
            ScriptableObject scope = (ScriptableObject) context.newObject(sandbox.standard());
            scope.setParentScope(sandbox.standard());
            compiled.exec(context, scope, scope);
            if (!(ScriptableObject.getProperty(scope, FUNCTION) instanceof Function function)) {
                throw result("'transform' is not a function any more", "Write: function transform(event) { … }");
            }
            Scriptable given = event(context, event);
            Object back = function.call(context, scope, Undefined.SCRIPTABLE_UNDEFINED, new Object[] {given});
            return taker.take(results(context, event, back), new Values(context));
        });
    }

    private Scriptable event(LimitedContext context, ScriptEvent event) {
        Scriptable object = context.newObject(context.scope());
        TableName table = event.schema().table();
        put(object, "schema", table.schema());
        put(object, "name", table.name());
        put(object, "operation", event.operation().name());
        put(object, "values", new RowObject(context, columns, event.values()));
        put(object, "before", event.before() == null ? null : new RowObject(context, columns, event.before()));
        put(
                object,
                "key",
                context.newArray(context.scope(), keyOf(event.schema()).toArray()));
        Scriptable metadata = context.newObject(context.scope());
        ScriptEvent.Facts facts = event.facts();
        put(metadata, "id", facts.id());
        put(metadata, "logIndex", JsValues.number(facts.logIndex()));
        put(metadata, "transactionId", JsValues.number(facts.transactionId()));
        put(
                metadata,
                "modifiedAt",
                facts.modifiedAtMicros() == Long.MIN_VALUE
                        ? null
                        : IsoTimes.text(IsoTimes.ofMicros(facts.modifiedAtMicros())));
        put(metadata, "ingestedAt", IsoTimes.text(IsoTimes.ofMicros(facts.ingestedAtMicros())));
        put(object, "metadata", metadata);
        return object;
    }

    private static void put(Scriptable object, String name, Object value) {
        object.put(name, object, value);
    }

    private static List<String> keyOf(Schema schema) {
        List<String> names = new ArrayList<>();
        for (int column : schema.keyColumns()) {
            names.add(schema.columns().get(column).name());
        }
        return names;
    }

    private List<ScriptResult> results(LimitedContext context, ScriptEvent event, Object back) {
        if (back == null) {
            return List.of();
        }
        if (!(back instanceof NativeArray list)) {
            return List.of(one(event, back));
        }
        if (list.getLength() > sandbox.limits().maxEvents()) {
            throw result(
                    "it gives back " + list.getLength() + " events, more than "
                            + sandbox.limits().maxEvents(),
                    "Give back fewer.");
        }
        context.chargeElements(list.getLength());
        List<ScriptResult> results = new ArrayList<>();
        for (int i = 0; i < list.getLength(); i++) {
            results.add(one(event, ScriptableObject.getProperty(list, i)));
        }
        return results;
    }

    private ScriptResult one(ScriptEvent event, Object back) {
        if (!(back instanceof ScriptableObject object)
                || !(ScriptableObject.getProperty(object, "values") instanceof ScriptableObject values)
                || !values.getClassName().equals("Object")) {
            throw result(
                    Undefined.isUndefined(back)
                            ? "'transform' gives nothing back"
                            : "'transform' gives back a " + ScriptRuntime.typeof(back)
                                    + " that is no event with values",
                    "Give back the event, null to drop it, or a list of events: objects with 'values'.");
        }
        TableName table = event.schema().table();
        TableName named = new TableName(text(object, "schema", table.schema()), text(object, "name", table.name()));
        if (named.name().isEmpty()) {
            throw result("an event's name is empty", "Give it the table's name.");
        }
        return new ScriptResult(named, operation(object, event.operation()), key(object, event), cells(values));
    }

    private static String text(Scriptable object, String property, String otherwise) {
        Object value = ScriptableObject.getProperty(object, property);
        if (JsResults.isNull(value)) {
            return otherwise;
        }
        if (value instanceof CharSequence text) {
            return text.toString();
        }
        throw result("an event's " + property + " is a " + ScriptRuntime.typeof(value), "Give it a text.");
    }

    private static Operation operation(Scriptable object, Operation otherwise) {
        String name = text(object, "operation", otherwise.name());
        for (Operation operation : Operation.values()) {
            if (operation.hasCells() && operation.name().equals(name)) {
                return operation;
            }
        }
        throw ScriptFailure.withValues(
                "SCRIPT_RESULT",
                0,
                "an event's operation is '" + name + "'",
                "an event's operation is none",
                "Give it READ, INSERT, UPDATE or DELETE.");
    }

    private static List<String> key(Scriptable object, ScriptEvent event) {
        Object key = ScriptableObject.getProperty(object, "key");
        if (JsResults.isNull(key)) {
            return keyOf(event.schema());
        }
        if (!(key instanceof NativeArray list) || list.getLength() > 100) {
            throw result("an event's key is no list of column names", "Give it for example ['id', 'line'].");
        }
        Set<String> names = new LinkedHashSet<>();
        for (int i = 0; i < list.getLength(); i++) {
            if (!(ScriptableObject.getProperty(list, i) instanceof CharSequence name) || !names.add(name.toString())) {
                throw result(
                        "an event's key holds what is no column name, or one twice",
                        "Give it for example ['id', 'line'].");
            }
        }
        return List.copyOf(names);
    }

    private static Map<String, ScriptResult.Cell> cells(ScriptableObject values) {
        if (values instanceof RowObject row) {
            return row.cells();
        }
        Map<String, ScriptResult.Cell> cells = new LinkedHashMap<>();
        for (Object id : values.getIds()) {
            Object value = id instanceof Integer index
                    ? ScriptableObject.getProperty(values, index)
                    : ScriptableObject.getProperty(values, id.toString());
            cells.put(id.toString(), new ScriptResult.Made(value));
        }
        return cells;
    }

    private static ScriptFailure result(String why, String remedy) {
        return new ScriptFailure("SCRIPT_RESULT", "", 0, why, remedy);
    }
}
