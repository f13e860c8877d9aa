package dev.millrace.consume.json;

import dev.millrace.consume.transform.EventFailure;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * What a table's documents have had so far, and so which columns and child tables they become. It only grows, so a value always finds the
 * column that the one before it had. Used under its own monitor.
 */
final class LearnedShape {

    /** An element of an array: where it stands, and values by learned column's place. */
    record Element(IndexPath at, List<JsonValue> values) {}

    /** A document taken apart: values by learned column's place, and the arrays by child table. */
    static final class Parts {
        final List<JsonValue> values = new ArrayList<>();
        final Map<ChildTable, List<Element>> elements = new LinkedHashMap<>();
        /** How many elements each array has, by child table and by where it stands. */
        final Map<ChildTable, Map<IndexPath, Integer>> lengths = new HashMap<>();

        private static void set(List<JsonValue> row, ScalarColumn column, JsonValue value) {
            while (row.size() <= column.place) {
                row.add(null);
            }
            row.set(column.place, value);
        }

        static JsonValue get(List<JsonValue> row, int place) {
            return place < row.size() ? row.get(place) : null;
        }
    }

    final TableName table;
    /** By JSON column. */
    final Map<String, Node> roots = new LinkedHashMap<>();

    final Columns columns = new Columns();
    final List<ChildTable> children = new ArrayList<>();
    /** Which JSON column a learned column is of, by its place. */
    final List<String> origins = new ArrayList<>();

    int revision;
    private boolean grown;

    private final Predicate<TableName> claimed;

    /** @param claimed whether a name is that of a table of the source */
    LearnedShape(TableName table, Predicate<TableName> claimed) {
        this.table = table;
        this.claimed = claimed;
    }

    /**
     * Takes a document apart, learning what is new in it.
     *
     * @throws EventFailure JSON_TOO_MANY_COLUMNS; what was learned until then stays
     */
    void take(Schema input, String column, JsonValue value, JsonSettings settings, Parts into) {
        Node root = roots.computeIfAbsent(column, any -> new Node());
        new Walk(input, column, settings, into).parent(root, value, column, 0);
    }

    /** Whether it has grown since the last call; then the revision is another. */
    boolean takeGrown() {
        boolean was = grown;
        grown = false;
        revision += was ? 1 : 0;
        return was;
    }

    /** One document on its way through the tree. */
    private final class Walk {
        private final Schema input;
        private final String jsonColumn;
        private final JsonSettings settings;
        private final Parts into;
        private final boolean split;

        Walk(Schema input, String jsonColumn, JsonSettings settings, Parts into) {
            this.input = input;
            this.jsonColumn = jsonColumn;
            this.settings = settings;
            this.into = into;
            this.split = input.keyed();
        }

        void parent(Node node, JsonValue value, String name, int depth) {
            if (value instanceof JsonValue.Array array && split) {
                array(node, array, name, null, IndexPath.TOP);
            } else if (value instanceof JsonValue.Fields object && depth < settings.depth()) {
                object.fields()
                        .forEach((field, inner) -> parent(node.field(field), inner, name + "_" + field, depth + 1));
            } else if (value != JsonValue.Literal.NULL) {
                Parts.set(into.values, parentColumn(node, value, name), value);
            }
        }

        /**
         * @param outer whose element the array is in, null for none
         * @param at that element
         */
        private void array(Node node, JsonValue.Array array, String name, ChildTable outer, IndexPath at) {
            if (node.child == null) {
                node.child = addChild(outer, name);
            }
            ChildTable child = node.child;
            into.lengths
                    .computeIfAbsent(child, any -> new HashMap<>())
                    .put(at, array.elements().size());
            List<Element> elements = into.elements.computeIfAbsent(child, any -> new ArrayList<>());
            for (int i = 0; i < array.elements().size(); i++) {
                Element element = new Element(at.then(i), new ArrayList<>());
                elements.add(element);
                element(child, child.root, array.elements().get(i), null, 0, element);
            }
        }

        /** {@code name} null: the element itself. */
        private void element(ChildTable child, Node node, JsonValue value, String name, int depth, Element element) {
            String base = name == null ? "value" : name;
            if (value instanceof JsonValue.Array array && child.level < settings.depth()) {
                array(node, array, base, child, element.at());
            } else if (value instanceof JsonValue.Fields object && depth < settings.depth()) {
                object.fields()
                        .forEach((field, inner) -> element(
                                child,
                                node.field(field),
                                inner,
                                name == null ? field : name + "_" + field,
                                depth + 1,
                                element));
            } else if (value != JsonValue.Literal.NULL) {
                ScalarColumn column = column(node, value, base, child.columns, () -> child.taken(input));
                Parts.set(element.values(), column, value);
            }
        }

        private ScalarColumn parentColumn(Node node, JsonValue value, String name) {
            int before = columns.size();
            ScalarColumn column = column(node, value, name, columns, this::sourceNames);
            if (columns.size() > before) {
                origins.add(jsonColumn);
            }
            return column;
        }

        private ScalarColumn column(
                Node node, JsonValue value, String base, Columns among, Supplier<Set<String>> taken) {
            boolean json = value instanceof JsonValue.Array || value instanceof JsonValue.Fields;
            ScalarColumn known = json ? node.json : node.plain;
            if (known != null) {
                grown |= known.accept(value);
                return known;
            }
            if (among.size() >= settings.columns()) {
                throw new EventFailure(
                        "JSON_TOO_MANY_COLUMNS",
                        jsonColumn,
                        "its documents have more than " + settings.columns() + " paths, the limit of 'jsonColumns'",
                        "Raise 'jsonColumns', or set 'json: columns' for this destination.");
            }
            ScalarColumn column = among.add(ScalarColumn.of(among.free(base, taken.get()), among.size(), value));
            if (json) {
                node.json = column;
            } else {
                node.plain = column;
            }
            grown = true;
            return column;
        }

        private ChildTable addChild(ChildTable outer, String name) {
            if (children.size() >= settings.columns()) {
                throw new EventFailure(
                        "JSON_TOO_MANY_COLUMNS",
                        jsonColumn,
                        "its documents have arrays at more than " + settings.columns()
                                + " paths, the limit of 'jsonColumns'",
                        "Raise 'jsonColumns', or set 'json: columns' for this destination.");
            }
            Set<String> taken = new HashSet<>();
            children.forEach(child -> taken.add(child.table.name()));
            String base = (outer == null ? table : outer.table).name() + "_" + name;
            String free = base;
            for (int number = 2; taken.contains(free) || claimed.test(new TableName(table.schema(), free)); number++) {
                free = base + "_" + number;
            }
            ChildTable child = new ChildTable(new TableName(table.schema(), free), jsonColumn, outer, children.size());
            children.add(child);
            grown = true;
            return child;
        }

        private Set<String> sourceNames() {
            return Set.copyOf(input.columns().stream()
                    .filter(column -> !JsonPhase.isConverted(column))
                    .map(Column::name)
                    .distinct()
                    .toList());
        }
    }
}
