package dev.millrace.consume.script;

import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.ScriptRuntime;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;
import org.mozilla.javascript.Symbol;
import org.mozilla.javascript.Undefined;

/**
 * An event's {@code values}: columns become JavaScript's values when they are first asked for, and what was never touched is known to be as it
 * was. A column that the event doesn't carry (UNCHANGED) is not listed, and asking for it fails the event.
 */
final class RowObject extends ScriptableObject {
    private static final long serialVersionUID = 1L;

    private final transient LimitedContext context;
    private final transient RowObject.ScriptColumns columns;
    private final transient RowView row;
    /** By column: what the script sees, NOT_FOUND before it has asked. */
    private final transient Object[] seen;
    /** By column: whether the script has put something there. */
    private final boolean[] put;

    private final boolean[] deleted;
    /** Columns beyond the event's own. */
    private final transient Map<String, Object> added = new LinkedHashMap<>();

    RowObject(LimitedContext context, ScriptColumns columns, RowView row) {
        super(context.scope(), ScriptableObject.getObjectPrototype(context.scope()));
        this.context = context;
        this.columns = columns;
        this.row = row;
        this.seen = new Object[columns.size()];
        java.util.Arrays.fill(seen, NOT_FOUND);
        this.put = new boolean[columns.size()];
        this.deleted = new boolean[columns.size()];
    }

    @Override
    public String getClassName() {
        return "Object";
    }

    @Override
    public Object get(String name, Scriptable start) {
        int column = columns.indexOf(name);
        if (column < 0) {
            return added.containsKey(name) ? added.get(name) : super.get(name, start);
        }
        if (deleted[column]) {
            return super.get(name, start);
        }
        if (seen[column] == NOT_FOUND) {
            seen[column] = read(column);
        }
        return seen[column];
    }

    private Object read(int column) {
        if (row.isUnchanged(column)) {
            String name = columns.name(column);
            throw new ScriptFailure(
                    "SCRIPT_VALUE_UNKNOWN",
                    name,
                    0,
                    "the script asks for '" + name
                            + "', which the event doesn't carry: a DELETE has only its key, an UPDATE"
                            + " may lack large values that did not change",
                    "Ask for it only where it is there ('" + name
                            + "' in event.values; a DELETE can be given back as it is first"
                            + " thing), or let the source send whole rows; in PostgreSQL: ALTER TABLE … REPLICA IDENTITY FULL.");
        }
        return JsValues.of(context, columns.type(column), row.valueAt(column));
    }

    @Override
    public void put(String name, Scriptable start, Object value) {
        int column = columns.indexOf(name);
        if (start != this) {
            super.put(name, start, value);
        } else if (column < 0) {
            context.charge(8);
            added.put(name, value);
        } else {
            seen[column] = value;
            put[column] = true;
            deleted[column] = false;
        }
    }

    @Override
    public boolean has(String name, Scriptable start) {
        int column = columns.indexOf(name);
        if (column < 0) {
            return added.containsKey(name);
        }
        return !deleted[column] && (put[column] || !row.isUnchanged(column));
    }

    @Override
    public void delete(String name) {
        int column = columns.indexOf(name);
        if (column < 0) {
            added.remove(name);
        } else {
            deleted[column] = true;
        }
    }

    @Override
    public Object get(int index, Scriptable start) {
        return get(Integer.toString(index), start);
    }

    @Override
    public void put(int index, Scriptable start, Object value) {
        put(Integer.toString(index), start, value);
    }

    @Override
    public boolean has(int index, Scriptable start) {
        return has(Integer.toString(index), start);
    }

    @Override
    public void delete(int index) {
        delete(Integer.toString(index));
    }

    @Override
    public Object[] getIds() {
        List<Object> ids = new ArrayList<>();
        for (int column = 0; column < columns.size(); column++) {
            if (!deleted[column] && (put[column] || !row.isUnchanged(column))) {
                ids.add(columns.name(column));
            }
        }
        ids.addAll(added.keySet());
        return ids.toArray();
    }

    @Override
    public Object[] getAllIds() {
        return getIds();
    }

    @Override
    public int getAttributes(String name) {
        return EMPTY;
    }

    /** An object that has what this one lists: Rhino copies what an object keeps in its own way, and this one keeps nothing so. */
    ScriptableObject plain() {
        ScriptableObject plain = (ScriptableObject) context.newObject(context.scope());
        for (Object id : getIds()) {
            String name = (String) id;
            plain.defineProperty(name, get(name, this), EMPTY);
        }
        return plain;
    }

    @Override
    protected DescriptorInfo getOwnPropertyDescriptor(Context any, Object id) {
        boolean own = !(id instanceof Symbol) && has(id.toString(), this);
        return own ? buildDataDescriptor(get(id.toString(), this), EMPTY) : super.getOwnPropertyDescriptor(any, id);
    }

    /** What is defined is set: a value of its own beside the row's would be lost. */
    @Override
    protected boolean defineOwnProperty(Context any, Object id, DescriptorInfo wanted, boolean checkValid) {
        if (id instanceof Symbol) {
            return super.defineOwnProperty(any, id, wanted, checkValid);
        }
        if (wanted.isAccessorDescriptor()) {
            throw ScriptRuntime.typeError("an event's values have no getters and setters");
        }
        String name = id.toString();
        boolean same = has(name, this) && (!wanted.hasValue() || wanted.value == get(name, this));
        if (!same) {
            put(name, this, wanted.hasValue() ? wanted.value : Undefined.instance);
        }
        return true;
    }

    /** What goes on from here, in the order of the columns. */
    Map<String, ScriptResult.Cell> cells() {
        Map<String, ScriptResult.Cell> cells = new LinkedHashMap<>();
        for (int column = 0; column < columns.size(); column++) {
            if (!deleted[column]) {
                cells.put(columns.name(column), cell(column));
            }
        }
        added.forEach((name, value) -> cells.put(name, new ScriptResult.Made(value)));
        return cells;
    }

    private ScriptResult.Cell cell(int column) {
        if (put[column] || seen[column] instanceof Scriptable object && changedInside(column, object)) {
            return new ScriptResult.Made(seen[column]);
        }
        return new ScriptResult.Kept(column);
    }

    /** Whether a JSON value that was looked at is another one now; its text is kept as it is where it is not. */
    private boolean changedInside(int column, Scriptable now) {
        if (!columns.isJson(column)) {
            return false;
        }
        Object before = JsonParser.parse(context, (String) row.valueAt(column));
        return !String.valueOf(JsonPrinter.print(context, before, "")).equals(JsonPrinter.print(context, now, ""));
    }

    /** A schema's columns by name. */
    static final class ScriptColumns {
        private final List<Column> columns;
        private final Map<String, Integer> byName = new java.util.HashMap<>();

        ScriptColumns(List<Column> columns) {
            this.columns = columns;
            for (int i = 0; i < columns.size(); i++) {
                byName.put(columns.get(i).name(), i);
            }
        }

        int size() {
            return columns.size();
        }

        int indexOf(String name) {
            Integer column = byName.get(name);
            return column == null ? -1 : column;
        }

        String name(int column) {
            return columns.get(column).name();
        }

        Type type(int column) {
            return columns.get(column).type();
        }

        boolean isJson(int column) {
            return switch (type(column)) {
                case LIST, MAP, LIST_MAP -> true;
                default -> false;
            };
        }
    }
}
