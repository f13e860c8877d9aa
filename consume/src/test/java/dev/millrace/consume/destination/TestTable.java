package dev.millrace.consume.destination;

import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.consume.mapping.MappedColumn;
import dev.millrace.consume.mapping.TableMapping;
import dev.millrace.consume.mapping.TableShape;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import java.util.ArrayList;
import java.util.List;

/** A source table's schema and the target it is mapped to, column by column under the same names. */
public record TestTable(Schema schema, TargetTable target) {
    /** A column of a test's table; {@code keyPosition} as in {@link Column}. */
    public record Field(String name, DataType type, int keyPosition) {}

    public static Field key(String name, DataType type, int position) {
        return new Field(name, type, position);
    }

    public static Field field(String name, DataType type) {
        return new Field(name, type, 0);
    }

    public static TestTable of(String name, Field... fields) {
        return of(new TargetName("sales", name), List.of(fields), List.of());
    }

    /**
     * A table with further columns that the source has no more.
     *
     * @param dropped at the end of the target, without a cell in the rows
     */
    public static TestTable of(TargetName target, List<Field> fields, List<Field> dropped) {
        List<Column> columns = new ArrayList<>();
        List<MappedColumn> mapped = new ArrayList<>();
        int[] places = new int[fields.size() + dropped.size()];
        for (int i = 0; i < fields.size(); i++) {
            Field field = fields.get(i);
            columns.add(new Column(field.name(), field.type(), field.keyPosition() == 0, field.keyPosition(), "", 0));
            mapped.add(new MappedColumn(field.name(), 0, field.name(), field.type(), field.keyPosition(), false));
            places[i] = i;
        }
        for (int i = 0; i < dropped.size(); i++) {
            Field field = dropped.get(i);
            mapped.add(new MappedColumn(field.name(), 0, field.name(), field.type(), 0, true));
            places[fields.size() + i] = -1;
        }
        TableName source = new TableName("public", target.name());
        TableMapping mapping = new TableMapping(source, target, 1, false, LoadMode.MERGE, mapped);
        return new TestTable(new Schema(source, 1, columns), TableShape.of(mapping, places));
    }

    /** The same rows into a target of wider or more columns. */
    public TestTable into(TargetTable wider) {
        return new TestTable(schema, wider);
    }

    public TargetColumn column(String name) {
        return target.columns().stream()
                .filter(column -> column.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
