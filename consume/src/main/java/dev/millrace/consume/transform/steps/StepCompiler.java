package dev.millrace.consume.transform.steps;

import dev.millrace.config.transform.Place;
import dev.millrace.config.transform.StepDefinition;
import dev.millrace.consume.mapping.Promotion;
import dev.millrace.consume.mapping.RuleType;
import dev.millrace.consume.script.Expression;
import dev.millrace.consume.script.Sandbox;
import dev.millrace.consume.script.ScriptProblem;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Compiles steps for one schema. Goes on behind a step that doesn't fit, so that all problems are told at once. Confined to one thread. */
final class StepCompiler {
    /** What is wrong, and where. */
    record Problem(Place place, String message, String suggestion) {}

    private final Supplier<Sandbox> sandbox;
    private final Schema source;
    private final List<Problem> problems = new ArrayList<>();
    private final List<String> routes = new ArrayList<>();
    /** What filters and routes depend on. */
    private final BitSet selection = new BitSet();

    private boolean selective;

    StepCompiler(Supplier<Sandbox> sandbox, Schema source) {
        this.sandbox = sandbox;
        this.source = source;
    }

    /** Empty when the steps change nothing of such rows, or after a problem. */
    Optional<StepProgram> compile(List<StepDefinition> definitions) {
        Layout layout = new Layout(source);
        Steps.Builder steps = new Steps.Builder();
        compile(definitions, layout, steps);
        Place place = definitions.get(0).place();
        List<Schema> outputs = new ArrayList<>();
        attempt(place, () -> {
            requireKey(layout);
            Set<TableName> tables = new LinkedHashSet<>();
            tables.add(layout.table());
            routes.forEach(route -> tables.add(name(route, layout.table())));
            for (TableName table : tables) {
                outputs.add(layout.schema(table));
            }
            if (tables.size() != routes.size() + 1) {
                throw new StepProblem("two routes lead to one table", "Put their conditions together by ||.");
            }
        });
        if (!problems.isEmpty()) {
            return Optional.empty();
        }
        boolean same = steps.list().isEmpty() && outputs.equals(List.of(source));
        return same ? Optional.empty() : Optional.of(new StepProgram(layout, steps.build(), outputs, selection()));
    }

    /** In the order of the steps. */
    List<Problem> problems() {
        return problems;
    }

    private StepProgram.Selection selection() {
        BitSet others = (BitSet) selection.clone();
        for (int key : source.keyColumns()) {
            others.clear(key);
        }
        return new StepProgram.Selection(selective, others.isEmpty());
    }

    private void requireKey(Layout layout) {
        for (LayoutColumn column : layout.columns()) {
            if (column.column().inKey() && layout.dependsOnEvent(column.slot())) {
                throw new StepProblem(
                        "the key's column '" + column.column().name() + "' would be another for each event",
                        "Put it into another column.");
            }
        }
    }

    private void attempt(Place place, Runnable part) {
        try {
            part.run();
        } catch (StepProblem problem) {
            problems.add(new Problem(place, problem.getMessage(), problem.suggestion()));
        } catch (ScriptProblem problem) {
            String where = problem.line() > 1 || problem.column() > 1
                    ? " (line " + problem.line() + ", column " + problem.column() + " of the expression)"
                    : "";
            problems.add(new Problem(place, problem.getMessage() + where, problem.suggestion()));
        }
    }

    private void compile(List<StepDefinition> definitions, Layout layout, Steps.Builder steps) {
        for (StepDefinition definition : definitions) {
            attempt(definition.place(), () -> compile(definition, layout, steps.list()));
            steps.at(definition.place());
        }
    }

    private void compile(StepDefinition step, Layout layout, List<Step> steps) {
        if (step instanceof StepDefinition.Include include) {
            include(include, layout);
        } else if (step instanceof StepDefinition.Exclude exclude) {
            exclude.columns().forEach(name -> layout.matching(name).forEach(column -> exclude(name, column, layout)));
        } else if (step instanceof StepDefinition.Rename rename) {
            layout.rename(rename.column(), rename.name());
        } else if (step instanceof StepDefinition.Table table) {
            layout.table(name(table.name(), layout.table()));
        } else if (step instanceof StepDefinition.Assign assign) {
            assign(assign, layout, steps);
        } else if (step instanceof StepDefinition.AddMetadata metadata) {
            Metadata.add(metadata.column(), metadata.what(), layout, steps);
        } else if (step instanceof StepDefinition.Drop drop) {
            steps.add(new Gates.Drop(condition(drop.when(), layout)));
        } else if (step instanceof StepDefinition.Filter filter) {
            steps.add(new Gates.Filter(selecting(filter.keep(), layout), source.keyed()));
        } else if (step instanceof StepDefinition.Route route) {
            routes.add(route.table());
            steps.add(new Gates.Route(selecting(route.when(), layout), routes.size()));
        } else if (step instanceof StepDefinition.If branch) {
            branch(branch, layout, steps);
        } else if (!new ColumnSteps(layout, steps).compile(step)) {
            throw new IllegalStateException("no way to compile " + step);
        }
    }

    private static void include(StepDefinition.Include include, Layout layout) {
        Set<LayoutColumn> kept = new HashSet<>();
        include.columns().forEach(name -> kept.addAll(layout.matching(name)));
        layout.columns()
                .removeIf(column -> !kept.contains(column) && !column.column().inKey());
    }

    /** A pattern passes over the key. */
    private static void exclude(String name, LayoutColumn column, Layout layout) {
        if (name.indexOf('*') < 0 || !column.column().inKey()) {
            layout.remove(column);
        }
    }

    /** {@code name} or {@code schema.name}, with what stands for the table's own. */
    private static TableName name(String text, TableName table) {
        int dot = text.indexOf('.');
        String schema = dot < 0 ? "{schema}" : text.substring(0, dot);
        String name = filled(text.substring(dot + 1), table);
        if (name.isEmpty()) {
            throw new StepProblem("'" + text + "' names no table", "Write schema.table, or a table's name.");
        }
        return new TableName(filled(schema, table), name);
    }

    private static String filled(String text, TableName table) {
        return text.replace("{schema}", table.schema()).replace("{table}", table.name());
    }

    private Condition condition(String text, Layout layout) {
        List<Column> columns =
                layout.columns().stream().map(LayoutColumn::column).toList();
        Condition condition = new Condition(Expression.compile(sandbox.get(), text, columns), layout.columns());
        layout.use(condition.inputs());
        return condition;
    }

    private Condition selecting(String text, Layout layout) {
        Condition condition = condition(text, layout);
        selective = true;
        for (int slot : condition.inputs()) {
            selection.or(layout.dependencies(slot));
        }
        return condition;
    }

    private void assign(StepDefinition.Assign assign, Layout layout, List<Step> steps) {
        List<Column> columns =
                layout.columns().stream().map(LayoutColumn::column).toList();
        Expression expression = Expression.compile(sandbox.get(), assign.expression(), columns);
        Condition value = new Condition(expression, layout.columns());
        int index = layout.indexOf(assign.column());
        DataType type = assign.type()
                .map(RuleType::of)
                .orElseGet(() -> index >= 0
                        ? columns.get(index).dataType()
                        : expression.type().orElse(DataType.of(Type.STRING)));
        if (expression.neverFits(type)) {
            throw new StepProblem(
                    "'" + assign.expression() + "' makes no " + type.type() + ", which column '" + assign.column()
                            + "' " + (assign.type().isEmpty() && index < 0 ? "is without a type" : "is"),
                    "Say the type: set: {" + assign.column()
                            + ": {value: …, type: double}}; or convert it in the expression, as"
                            + " by String(…) or Number(…).");
        }
        int[] inputs = value.inputs();
        int out = layout.slot(false, inputs);
        steps.add(new Compute(
                assign.column(),
                inputs,
                new int[] {out},
                false,
                ColumnSteps.named(assign.column(), (slots, image) -> value.evaluate(image, type, slots[out]))));
        layout.set(assign.column(), type, out);
    }

    private void branch(StepDefinition.If branch, Layout layout, List<Step> steps) {
        Condition condition = condition(branch.when(), layout);
        Layout then = layout.branch();
        Layout otherwise = layout.branch();
        Steps.Builder thenSteps = new Steps.Builder();
        Steps.Builder otherwiseSteps = new Steps.Builder();
        compile(branch.then(), then, thenSteps);
        compile(branch.otherwise(), otherwise, otherwiseSteps);
        Set<String> names = new LinkedHashSet<>();
        then.columns().forEach(column -> names.add(column.column().name()));
        otherwise.columns().forEach(column -> names.add(column.column().name()));
        List<int[]> joined = new ArrayList<>();
        for (String name : names) {
            join(name, layout, then, otherwise, condition).ifPresent(joined::add);
        }
        steps.add(new Gates.Branch(
                condition,
                thenSteps.build(),
                otherwiseSteps.build(),
                joined.stream().mapToInt(slots -> slots[0]).toArray(),
                joined.stream().mapToInt(slots -> slots[1]).toArray(),
                joined.stream().mapToInt(slots -> slots[2]).toArray(),
                joined.stream().map(slots -> layout.sources(slots[0])).toArray(int[][]::new)));
    }

    /** The slot that has the column behind both ways, and the slots that have it on each; empty where it is the same. */
    private static Optional<int[]> join(
            String name, Layout layout, Layout then, Layout otherwise, Condition condition) {
        int one = slot(name, then);
        int other = slot(name, otherwise);
        if (one == other) {
            return Optional.empty();
        }
        DataType type = one < 0
                ? type(name, otherwise)
                : other < 0 ? type(name, then) : common(name, type(name, then), type(name, otherwise));
        int[] inputs = Arrays.copyOf(condition.inputs(), condition.inputs().length + 2);
        inputs[inputs.length - 2] = one;
        inputs[inputs.length - 1] = other;
        int result = layout.slot(false, inputs);
        layout.use(layout.sources(result));
        layout.set(name, type, result);
        return Optional.of(new int[] {result, one, other});
    }

    /** Lengths and digits are those that hold both; of another kind they are the user's to bring together. */
    private static DataType common(String name, DataType then, DataType otherwise) {
        if (then.type() != otherwise.type() && !(isText(then) && isText(otherwise))) {
            throw new StepProblem(
                    "column '" + name + "' would be " + then.type() + " with 'then' and " + otherwise.type()
                            + " with 'else'",
                    "Give it one type, by 'cast' or by 'type' in 'set'.");
        }
        return Promotion.widest(then, otherwise);
    }

    private static boolean isText(DataType type) {
        return type.type() == Type.STRING || type.type() == Type.CHAR;
    }

    private static int slot(String name, Layout layout) {
        int index = layout.indexOf(name);
        return index < 0 ? -1 : layout.columns().get(index).slot();
    }

    private static DataType type(String name, Layout layout) {
        return layout.column(name).column().dataType();
    }
}
