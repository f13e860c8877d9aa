package dev.millrace.consume.transform.steps;

import dev.millrace.config.error.Nearest;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.regex.Pattern;

/** A table's shape while its steps are compiled: its columns, the slots made so far, and on what each depends. Confined to one thread. */
final class Layout {
    private final Schema source;
    private final List<LayoutColumn> columns = new ArrayList<>();
    /** By slot: the source's columns it depends on; one bit behind them stands for the event itself. */
    private final List<BitSet> dependencies;

    private final BitSet loaded;
    private TableName table;

    Layout(Schema source) {
        this.source = source;
        this.table = source.table();
        this.dependencies = new ArrayList<>();
        this.loaded = new BitSet();
        for (int i = 0; i < source.columns().size(); i++) {
            columns.add(new LayoutColumn(source.columns().get(i), i));
            BitSet itself = new BitSet();
            itself.set(i);
            dependencies.add(itself);
        }
    }

    private Layout(Layout other) {
        this.source = other.source;
        this.table = other.table;
        this.columns.addAll(other.columns);
        this.dependencies = other.dependencies;
        this.loaded = other.loaded;
    }

    /** One way of a condition: columns of its own, slots in common. */
    Layout branch() {
        return new Layout(this);
    }

    Schema source() {
        return source;
    }

    TableName table() {
        return table;
    }

    void table(TableName name) {
        table = name;
    }

    List<LayoutColumn> columns() {
        return columns;
    }

    int slots() {
        return dependencies.size();
    }

    /** The source's columns that have to be taken out of their images. */
    int[] loads() {
        return loaded.stream().toArray();
    }

    BitSet dependencies(int slot) {
        return dependencies.get(slot);
    }

    /** The source's columns a slot depends on. */
    int[] sources(int slot) {
        return dependencies.get(slot).stream()
                .filter(column -> column < source.columns().size())
                .toArray();
    }

    boolean dependsOnEvent(int slot) {
        return dependencies.get(slot).get(source.columns().size());
    }

    /** Says that steps look at the slot. */
    void use(int... slots) {
        for (int slot : slots) {
            if (slot >= 0 && slot < source.columns().size()) {
                loaded.set(slot);
            }
        }
    }

    /** A new slot that is made of others; -1 among them stands for NULL. */
    int slot(boolean ofEvent, int... inputs) {
        use(inputs);
        BitSet of = new BitSet();
        for (int input : inputs) {
            if (input >= 0) {
                of.or(dependencies.get(input));
            }
        }
        if (ofEvent) {
            of.set(source.columns().size());
        }
        dependencies.add(of);
        return dependencies.size() - 1;
    }

    int indexOf(String name) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).column().name().equals(name)) {
                return i;
            }
        }
        return -1;
    }

    LayoutColumn column(String name) {
        int index = indexOf(name);
        if (index < 0) {
            List<String> names =
                    columns.stream().map(each -> each.column().name()).toList();
            throw new StepProblem(
                    "there is no column '" + name + "' here",
                    Nearest.to(name, names)
                            .map(near -> "Did you mean '" + near + "'?")
                            .orElse("Columns are: " + String.join(", ", names.subList(0, Math.min(20, names.size())))
                                    + (names.size() > 20 ? ", …." : ".")));
        }
        return columns.get(index);
    }

    /** Those a name or a pattern means; a name has to be there. */
    List<LayoutColumn> matching(String pattern) {
        if (pattern.indexOf('*') < 0) {
            return List.of(column(pattern));
        }
        Pattern regex = Pattern.compile(Pattern.quote(pattern).replace("*", "\\E.*\\Q"), Pattern.DOTALL);
        return columns.stream()
                .filter(each -> regex.matcher(each.column().name()).matches())
                .toList();
    }

    LayoutColumn text(String name) {
        LayoutColumn column = column(name);
        Type type = column.column().type();
        if (type != Type.STRING && type != Type.CHAR && type != Type.FILE_REF) {
            throw new StepProblem(
                    "column '" + name + "' is " + type + ", not text", "Put 'cast: {" + name + ": string}' before.");
        }
        return column;
    }

    /** The column gets the value in {@code slot}; a new one stands at the end. */
    void set(String name, DataType type, int slot) {
        int index = indexOf(name);
        if (index < 0) {
            columns.add(new LayoutColumn(new Column(name, type, true, 0, "", 0), slot));
            return;
        }
        Column old = columns.get(index).column();
        String sourceType = old.dataType().equals(type) ? old.sourceType() : "";
        columns.set(
                index,
                new LayoutColumn(new Column(name, type, true, old.keyPosition(), sourceType, old.sourceId()), slot));
    }

    void remove(LayoutColumn column) {
        if (column.column().inKey()) {
            throw new StepProblem(
                    "column '" + column.column().name() + "' is part of the key", "Keep it; rows are known by it.");
        }
        columns.remove(column);
    }

    void rename(String name, String newName) {
        LayoutColumn column = column(name);
        if (indexOf(newName) >= 0 && !newName.equals(name)) {
            throw new StepProblem("there is a column '" + newName + "' already", "Rename or exclude that one before.");
        }
        Column old = column.column();
        columns.set(
                indexOf(name),
                new LayoutColumn(
                        new Column(
                                newName,
                                old.dataType(),
                                old.nullable(),
                                old.keyPosition(),
                                old.sourceType(),
                                old.sourceId()),
                        column.slot()));
    }

    /** @throws StepProblem where the columns make no table */
    Schema schema(TableName name) {
        if (columns.isEmpty()) {
            throw new StepProblem("no column is left", "Keep one.");
        }
        return new Schema(
                name,
                source.version(),
                columns.stream().map(LayoutColumn::column).toList());
    }
}
