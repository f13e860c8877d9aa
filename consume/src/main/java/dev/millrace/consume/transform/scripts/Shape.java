package dev.millrace.consume.transform.scripts;

import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Schema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One table's shape as a script has given it back so far. Immutable. */
final class Shape {
    private final Schema schema;
    private final int changes;
    private final Map<String, Integer> places = new HashMap<>();

    /** @param changes how often it was another before */
    Shape(Schema schema, int changes) {
        this.schema = schema;
        this.changes = changes;
        for (int i = 0; i < schema.columns().size(); i++) {
            places.put(schema.columns().get(i).name(), i);
        }
    }

    Schema schema() {
        return schema;
    }

    int changes() {
        return changes;
    }

    /** The column's place, or -1. */
    int indexOf(String column) {
        Integer place = places.get(column);
        return place == null ? -1 : place;
    }

    /** Null for a column that is not there. */
    DataType typeOf(String column) {
        Integer place = places.get(column);
        return place == null ? null : schema.columns().get(place).dataType();
    }

    /** With the column added, or its type changed. */
    static List<Column> with(List<Column> columns, String name, DataType type) {
        List<Column> changed = new ArrayList<>(columns);
        for (int i = 0; i < changed.size(); i++) {
            Column column = changed.get(i);
            if (column.name().equals(name)) {
                changed.set(
                        i,
                        new Column(
                                name,
                                type,
                                column.nullable(),
                                column.keyPosition(),
                                column.sourceType(),
                                column.sourceId()));
                return changed;
            }
        }
        changed.add(new Column(name, type, true, 0, "", 0));
        return changed;
    }
}
