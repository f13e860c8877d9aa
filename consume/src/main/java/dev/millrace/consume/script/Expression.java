package dev.millrace.consume.script;

import dev.millrace.config.error.Nearest;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.mozilla.javascript.Function;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;
import org.mozilla.javascript.ast.AstNode;
import org.mozilla.javascript.ast.ElementGet;
import org.mozilla.javascript.ast.ExpressionStatement;
import org.mozilla.javascript.ast.ParenthesizedExpression;
import org.mozilla.javascript.ast.PropertyGet;
import org.mozilla.javascript.ast.StringLiteral;

/**
 * One JavaScript expression over a row: columns by their names, {@code row["odd name"]} for those that are no names in JavaScript, JavaScript's
 * standard objects and the helpers ({@link Helpers}). Values appear as {@link JsValues} draws and come back as {@link JsResults} does. Compiled
 * once; confined to its sandbox's thread; keeps nothing from one event to the next.
 */
public final class Expression {
    private static final String ROW = "row";

    private final Sandbox sandbox;
    private final String text;
    private final List<Column> columns;
    /** The numbers of the columns that are arguments. */
    private final int[] arguments;

    private final int[] inputs;
    private final boolean wholeRow;
    private final Function function;
    private final Optional<DataType> type;
    private final Optional<StaticType.Kind> kind;
    private final Optional<Direct> direct;

    private Expression(Sandbox sandbox, String text, List<Column> columns, Analysis analysis) {
        this.sandbox = sandbox;
        this.text = text;
        this.columns = columns;
        this.arguments = analysis.arguments.stream().mapToInt(Integer::intValue).toArray();
        this.inputs = analysis.inputs(columns.size());
        this.wholeRow = analysis.row;
        this.type = StaticType.of(analysis.root, columns);
        this.kind = StaticType.kindOf(analysis.root, columns);
        this.direct = Direct.compile(analysis.root, columns);
        this.function = function(sandbox, text, columns, arguments, wholeRow);
    }

    /**
     * @param columns those it may name, at least one
     * @throws ScriptProblem SCRIPT_SYNTAX, UNKNOWN_NAME with the nearest name, its line and column those of {@code text}
     */
    public static Expression compile(Sandbox sandbox, String text, List<Column> columns) {
        if (text.length() > Sandbox.MAX_SOURCE || text.isBlank()) {
            throw new ScriptProblem("SCRIPT_SYNTAX", 1, 1, "it is empty, or longer than " + Sandbox.MAX_SOURCE, "");
        }
        return new Expression(sandbox, text, List.copyOf(columns), new Analysis(text, columns));
    }

    /** What it reads, by number, without repetition, ascending; all columns where that can't be known. A new array each time. */
    public int[] inputs() {
        return inputs.clone();
    }

    /** The result's type where it follows from the text and the columns' types; a NULL may come of it all the same. */
    public Optional<DataType> type() {
        return type;
    }

    /** Whether no result but NULL is of that type as it is, so that {@link #evaluateAs} would fail on every row. */
    public boolean neverFits(DataType wanted) {
        return kind.isPresent() && kind.get().neverFits(wanted.type());
    }

    public String text() {
        return text;
    }

    /** The same expression without JavaScript, where it is one of those; it has the numbers of the same columns. */
    public Optional<Direct> direct() {
        return direct;
    }

    /**
     * The result with the type it says itself.
     *
     * @param eventMicros what counts as now, microseconds from 1970 UTC: when the event was made at its source
     * @throws ScriptFailure when it comes to no value
     */
    public TypedValue evaluate(RowView row, long eventMicros) {
        return sandbox.run(eventMicros, context -> {
            Object js = call(context, row);
            DataType said = JsResults.type(js, "");
            return said == null
                    ? new TypedValue(DataType.of(dev.millrace.storage.event.Type.STRING), null)
                    : new TypedValue(said, JsResults.fit(context, said, js));
        });
    }

    /**
     * The result as a value of {@code wanted} in the form that {@link CellValues} draws, null for NULL.
     *
     * @throws ScriptFailure when it comes to no value; SCRIPT_TYPE when the value is none of that type and would have to be changed
     */
    public Object evaluateAs(DataType wanted, RowView row, long eventMicros) {
        return sandbox.run(eventMicros, context -> {
            Object js = call(context, row);
            Object value = JsResults.fit(context, wanted, js);
            if (value == JsResults.UNFIT) {
                DataType said = JsResults.type(js, "");
                throw new ScriptFailure(
                        "SCRIPT_TYPE",
                        "",
                        0,
                        "the result is a " + said.type() + " that doesn't fit " + shown(wanted) + " as it is",
                        "Convert it in the expression, or give the column a wider type.");
            }
            return value;
        });
    }

    /**
     * Whether the result counts as true in JavaScript: for conditions.
     *
     * @throws ScriptFailure when it comes to no value
     */
    public boolean test(RowView row, long eventMicros) {
        return sandbox.run(eventMicros, context -> org.mozilla.javascript.Context.toBoolean(call(context, row)));
    }

    private static String shown(DataType type) {
        String parameters = type.precision() > 0 && type.type() == dev.millrace.storage.event.Type.DECIMAL
                ? "(" + type.precision() + "," + type.scale() + ")"
                : type.length() > 0 ? "(" + type.length() + ")" : "";
        return type.type() + parameters;
    }

    private Object call(LimitedContext context, RowView row) {
        Object[] values = new Object[arguments.length + (wholeRow ? 1 : 0)];
        for (int i = 0; i < arguments.length; i++) {
            values[i] = value(context, row, arguments[i]);
        }
        if (wholeRow) {
            values[arguments.length] = rowObject(context, row);
        }
        Scriptable scope = sandbox.standard();
        return function.call(context, scope, scope, values);
    }

    private Object value(LimitedContext context, RowView row, int column) {
        if (row.isUnchanged(column)) {
            throw new ScriptFailure(
                    "SCRIPT_VALUE_UNKNOWN",
                    columns.get(column).name(),
                    0,
                    "the event doesn't carry the value of '"
                            + columns.get(column).name() + "', which did not change",
                    "Let the source send whole rows; in PostgreSQL: ALTER TABLE … REPLICA IDENTITY FULL.");
        }
        return JsValues.of(context, columns.get(column).type(), row.valueAt(column));
    }

    private Scriptable rowObject(LimitedContext context, RowView row) {
        ScriptableObject object = (ScriptableObject) context.newObject(sandbox.standard());
        for (int column : inputs) {
            object.defineProperty(columns.get(column).name(), value(context, row, column), ScriptableObject.EMPTY);
        }
        return object;
    }

    private static Function function(
            Sandbox sandbox, String text, List<Column> columns, int[] arguments, boolean wholeRow) {
        List<String> names = new ArrayList<>();
        for (int argument : arguments) {
            names.add(columns.get(argument).name());
        }
        if (wholeRow) {
            names.add(ROW);
        }
        // in strict mode; the text stands on lines of its own, so that a comment at its end takes nothing along
        String source = "(function(" + String.join(",", names) + "){'use strict';return (\n" + text + "\n)})";
        var script = sandbox.compile(source, "expression", 0);
        return sandbox.run(0, context -> (Function) script.exec(context, sandbox.standard(), sandbox.standard()));
    }

    /** What a text names. */
    private static final class Analysis {
        private final Set<Integer> arguments = new LinkedHashSet<>();
        private final Set<Integer> byRow = new TreeSet<>();
        private final AstNode root;
        private boolean row;
        private boolean anyOfRow;

        private Analysis(String text, List<Column> columns) {
            // behind a parenthesis on the same line: one column further on
            SourceNames names = SourceNames.parse("(" + text + "\n)", "expression");
            root = single(names);
            List<String> known = columns.stream().map(Column::name).toList();
            for (SourceNames.Free free : names.free()) {
                int column = known.indexOf(free.name());
                if (column >= 0) {
                    arguments.add(column);
                } else if (free.name().equals(ROW)) {
                    ofRow(free, known, names);
                } else if (!Globals.STANDARD.contains(free.name()) && !Helpers.NAMES.contains(free.name())) {
                    throw unknown(free.name(), free.offset(), known, names);
                }
            }
        }

        private static AstNode single(SourceNames names) {
            if (names.root().getFirstChild() == names.root().getLastChild()
                    && names.root().getFirstChild() instanceof ExpressionStatement statement
                    && statement.getExpression() instanceof ParenthesizedExpression inner) {
                return inner.getExpression();
            }
            throw new ScriptProblem(
                    "SCRIPT_SYNTAX",
                    1,
                    1,
                    "it is not one expression",
                    "Write a value, without ';' and without statements.");
        }

        private void ofRow(SourceNames.Free free, List<String> known, SourceNames names) {
            row = true;
            AstNode parent = free.node().getParent();
            String name = null;
            if (parent instanceof PropertyGet get && get.getLeft() == free.node()) {
                name = get.getProperty().getIdentifier();
            } else if (parent instanceof ElementGet get
                    && get.getTarget() == free.node()
                    && get.getElement() instanceof StringLiteral literal) {
                name = literal.getValue();
            }
            if (name == null) {
                anyOfRow = true;
            } else if (known.contains(name)) {
                byRow.add(known.indexOf(name));
            } else {
                throw unknown(name, free.offset(), known, names);
            }
        }

        private static ScriptProblem unknown(String name, int offset, List<String> columns, SourceNames names) {
            Set<String> candidates = new LinkedHashSet<>(columns);
            candidates.addAll(new TreeSet<>(Helpers.NAMES));
            candidates.addAll(new TreeSet<>(Globals.STANDARD));
            String suggestion = Nearest.to(name, candidates)
                    .map(near -> "Did you mean '" + near + "'?")
                    .orElse("Columns are: " + String.join(", ", columns.subList(0, Math.min(20, columns.size())))
                            + (columns.size() > 20 ? ", …" : "") + ".");
            int line = names.line(offset);
            int column = names.column(offset) - (line == 1 ? 1 : 0);
            return new ScriptProblem(
                    "UNKNOWN_NAME", line, column, "there is no column or function '" + name + "'", suggestion);
        }

        private int[] inputs(int columns) {
            Set<Integer> inputs = new TreeSet<>(arguments);
            inputs.addAll(byRow);
            for (int column = 0; anyOfRow && column < columns; column++) {
                inputs.add(column);
            }
            return inputs.stream().mapToInt(Integer::intValue).toArray();
        }
    }
}
