package dev.millrace.consume.json;

import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The table of an array's elements: the row's key, the element's index from 0 behind those of the elements it is within, and what was learned of
 * elements. Under its shape's lock.
 */
final class ChildTable {
    /** Before the names of the parent's key columns. */
    static final String PARENT = "parent_";

    /** The outermost array's; further in they are numbered from 2. */
    static final String INDEX = "array_index";

    final TableName table;
    final String jsonColumn;
    /** Whose elements its arrays are in; null where they are in none. */
    final ChildTable outer;
    /** How many arrays an element is within, its own included. */
    final int level;
    /** Its place among the parent's child tables. */
    final int place;

    final Node root = new Node();
    final Columns columns = new Columns();

    ChildTable(TableName table, String jsonColumn, ChildTable outer, int place) {
        this.table = table;
        this.jsonColumn = jsonColumn;
        this.outer = outer;
        this.level = outer == null ? 1 : outer.level + 1;
        this.place = place;
    }

    /** @param parent the parent's schema as the phase gets it */
    Schema schema(Schema parent, int version) {
        List<Column> key = key(parent, level);
        return new Schema(table, version, columns.behind(key));
    }

    private static List<Column> key(Schema parent, int level) {
        List<Column> key = new ArrayList<>();
        int[] places = parent.keyColumns();
        for (int i = 0; i < places.length; i++) {
            Column column = parent.columns().get(places[i]);
            key.add(new Column(PARENT + column.name(), column.dataType(), false, i + 1, column.sourceType(), 0));
        }
        for (int i = 1; i <= level; i++) {
            String name = i == 1 ? INDEX : INDEX + "_" + i;
            key.add(new Column(name, DataType.of(Type.INTEGER), false, places.length + i, "", 0));
        }
        return key;
    }

    /** Names that a learned column can't have. */
    Set<String> taken(Schema parent) {
        return Set.copyOf(key(parent, level).stream().map(Column::name).toList());
    }
}
