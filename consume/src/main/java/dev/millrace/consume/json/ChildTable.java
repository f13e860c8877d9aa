package dev.millrace.consume.json;

import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The table of an array's elements: the parent's key, the element's index from 0, and what was learned of elements. Under its shape's lock. */
final class ChildTable {
    /** Before the names of the parent's key columns. */
    static final String PARENT = "parent_";

    static final String INDEX = "array_index";

    final TableName table;
    final String jsonColumn;
    /** Its place among the parent's child tables. */
    final int place;

    final Node root = new Node();
    final Columns columns = new Columns();

    ChildTable(TableName table, String jsonColumn, int place) {
        this.table = table;
        this.jsonColumn = jsonColumn;
        this.place = place;
    }

    /** @param parent the parent's schema as the phase gets it */
    Schema schema(Schema parent, int version) {
        List<Column> key = key(parent);
        return new Schema(table, version, columns.behind(key));
    }

    static List<Column> key(Schema parent) {
        List<Column> key = new ArrayList<>();
        int[] places = parent.keyColumns();
        for (int i = 0; i < places.length; i++) {
            Column column = parent.columns().get(places[i]);
            key.add(new Column(PARENT + column.name(), column.dataType(), false, i + 1, column.sourceType(), 0));
        }
        key.add(new Column(INDEX, DataType.of(Type.INTEGER), false, places.length + 1, "", 0));
        return key;
    }

    /** Names that a learned column can't have. */
    static Set<String> taken(Schema parent) {
        return Set.copyOf(key(parent).stream().map(Column::name).toList());
    }
}
