package dev.millrace.consume.json;

import dev.millrace.storage.event.Column;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A table's learned columns in the order in which they were met; names are given once and kept. Under their shape's lock. */
final class Columns {
    private final List<ScalarColumn> columns = new ArrayList<>();
    private final Set<String> names = new HashSet<>();

    /** {@code base} itself, or with a number behind it where it is taken. */
    String free(String base, Set<String> taken) {
        String name = base;
        for (int number = 2; names.contains(name) || taken.contains(name); number++) {
            name = base + "_" + number;
        }
        return name;
    }

    ScalarColumn add(ScalarColumn column) {
        columns.add(column);
        names.add(column.name);
        return column;
    }

    List<ScalarColumn> all() {
        return columns;
    }

    int size() {
        return columns.size();
    }

    /** Behind {@code others}; should the source get a column of a learned one's name later, the learned one is called otherwise. */
    List<Column> behind(List<Column> others) {
        List<Column> all = new ArrayList<>(others);
        Set<String> taken = new HashSet<>();
        others.forEach(column -> taken.add(column.name()));
        for (ScalarColumn learned : columns) {
            Column column = learned.column();
            if (!taken.add(column.name())) {
                column = new Column(free(column.name(), taken), column.dataType(), true, 0, column.sourceType(), 0);
                taken.add(column.name());
            }
            all.add(column);
        }
        return all;
    }
}
