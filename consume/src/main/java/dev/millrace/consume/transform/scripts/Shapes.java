package dev.millrace.consume.transform.scripts;

import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The shapes of what one script makes of one source schema, by table. They only grow: a column is added when it first has a value or is given
 * back, a type is widened when a value doesn't fit; nothing else changes. All have the source's version: what is older than what was loaded is told by the
 * source alone, also once the script is changed or gone. Thread-safe.
 */
final class Shapes {
    private static final int MAX_CHANGES = 999;
    private static final int MAX_COLUMNS = 4_000;

    private final Schema input;
    private final Map<TableName, Shape> shapes = new LinkedHashMap<>();

    /** @param first what is known before any row; at least one */
    Shapes(Schema input, List<Schema> first) {
        this.input = input;
        for (Schema schema : first) {
            shapes.put(schema.table(), shape(schema.table(), schema.columns(), 0));
        }
    }

    private Shape shape(TableName table, List<Column> columns, int changes) {
        return new Shape(new Schema(table, input.version(), columns), changes);
    }

    synchronized List<Schema> all() {
        return shapes.values().stream().map(Shape::schema).toList();
    }

    /** Where rows go that the script sends nowhere else. */
    synchronized TableName firstTable() {
        return shapes.keySet().iterator().next();
    }

    /** Null for a table that no row has gone to yet. */
    synchronized Shape of(TableName table) {
        return shapes.get(table);
    }

    /**
     * The table's shape with these columns in it, widened where they need it.
     *
     * @param key names of the key's columns, which stay what they are once a row has gone there
     * @return null where the table would have too many columns or changes
     */
    synchronized Shape include(TableName table, List<String> key, Map<String, DataType> columns) {
        Shape known = shapes.get(table);
        List<Column> wanted = known == null ? new ArrayList<>() : known.schema().columns();
        for (Map.Entry<String, DataType> column : columns.entrySet()) {
            DataType now = known == null ? null : known.typeOf(column.getKey());
            DataType type = now == null
                    ? column.getValue()
                    : TypeJoin.of(now, column.getValue(), input.indexOf(column.getKey()) < 0);
            if (!type.equals(now)) {
                wanted = Shape.with(wanted, column.getKey(), type);
            }
        }
        wanted = known == null ? keyed(wanted, key) : wanted;
        if (known != null && wanted.equals(known.schema().columns())) {
            return known;
        }
        int changes = known == null ? 0 : known.changes() + 1;
        if (changes > MAX_CHANGES || wanted.size() > MAX_COLUMNS || wanted.isEmpty()) {
            return null;
        }
        Shape shape = shape(table, wanted, changes);
        shapes.put(table, shape);
        return shape;
    }

    /** The columns with this key, those of the source keeping what else is known of them. */
    static List<Column> keyed(List<Column> columns, List<String> key) {
        List<Column> keyed = new ArrayList<>();
        for (Column column : columns) {
            keyed.add(new Column(
                    column.name(),
                    column.dataType(),
                    column.nullable(),
                    key.indexOf(column.name()) + 1,
                    column.sourceType(),
                    column.sourceId()));
        }
        return keyed;
    }

    static List<String> keyOf(Schema schema) {
        List<String> key = new ArrayList<>();
        for (int column : schema.keyColumns()) {
            key.add(schema.columns().get(column).name());
        }
        return key;
    }
}
