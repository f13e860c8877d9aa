package dev.millrace.consume.postgres;

import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetTable;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.Type;
import java.util.ArrayList;
import java.util.List;

/** How one column is fed from the cells of a schema; resolved once per load. */
record ColumnPlan(TargetColumn column, ColumnType type, Type source, int sourceIndex) {

    /** The plans of the value columns that the rows have. */
    static List<ColumnPlan> values(TargetTable table, Schema schema) {
        List<ColumnPlan> plans = new ArrayList<>();
        for (TargetColumn column : table.columns()) {
            if (column.role() == TargetColumn.Role.VALUE && column.sourceIndex() >= 0) {
                plans.add(of(table, column, schema, column.sourceIndex()));
            }
        }
        return plans;
    }

    /** The plans of the key's columns, for an image in another version of the schema. */
    static List<ColumnPlan> key(TargetTable table, Schema schema) {
        List<ColumnPlan> plans = new ArrayList<>();
        for (TargetColumn column : table.key()) {
            plans.add(of(table, column, schema, schema.indexOf(column.sourceColumn())));
        }
        return plans;
    }

    private static ColumnPlan of(TargetTable table, TargetColumn column, Schema schema, int index) {
        String what = "Column '" + column.name() + "' of table '" + table.name() + "' can't be loaded";
        if (index < 0) {
            throw MillraceException.internal(
                    "DESTINATION_PLAN",
                    what,
                    "the rows of " + schema.table() + " version " + schema.version() + " lack it",
                    null);
        }
        ColumnType type = ColumnType.of(column);
        Type source = schema.columns().get(index).type();
        if (!type.takes(source)) {
            throw MillraceException.internal(
                    "DESTINATION_PLAN", what, source + " does not fit into " + type.sql(), null);
        }
        return new ColumnPlan(column, type, source, index);
    }
}
