package dev.millrace.consume.mapping;

import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetColumn.Role;
import dev.millrace.consume.destination.TargetTable;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Type;
import java.util.ArrayList;
import java.util.List;

/** A mapping as the table the destination is to have, the metadata columns included. */
public final class TableShape {
    private static final DataType INSTANT = DataType.time(Type.ZONED_DATETIME, 6);

    private TableShape() {}

    /** @param sourceIndex for each mapped column its place in the rows of the load at hand, as {@link Evolution} says */
    public static TargetTable of(TableMapping mapping, int[] sourceIndex) {
        List<TargetColumn> columns = new ArrayList<>();
        boolean keyed = false;
        for (int i = 0; i < mapping.columns().size(); i++) {
            MappedColumn column = mapping.columns().get(i);
            columns.add(value(column, sourceIndex[i]));
            keyed |= column.keyPosition() > 0;
        }
        columns.addAll(metadata(mapping.mode(), keyed));
        return new TargetTable(mapping.target(), mapping.mode(), columns);
    }

    public static TargetColumn value(MappedColumn column, int sourceIndex) {
        return new TargetColumn(
                column.targetName(), column.type(), Role.VALUE, column.sourceName(), column.keyPosition(), sourceIndex);
    }

    static List<TargetColumn> metadata(LoadMode mode, boolean keyed) {
        List<TargetColumn> columns = new ArrayList<>();
        if (!keyed) {
            columns.add(metadata("id", DataType.of(Type.STRING), Role.ID));
        }
        columns.add(metadata("ingested_at", INSTANT, Role.INGESTED_AT));
        columns.add(metadata("loaded_at", INSTANT, Role.LOADED_AT));
        columns.add(metadata("source_modified_at", INSTANT, Role.SOURCE_MODIFIED_AT));
        switch (mode) {
            case MERGE -> columns.add(metadata("deleted", DataType.of(Type.BOOLEAN), Role.DELETED));
            case APPEND -> {
                columns.add(metadata("operation", DataType.of(Type.STRING), Role.OPERATION));
                columns.add(metadata("sequence", DataType.of(Type.LONG), Role.SEQUENCE));
            }
            case HISTORY -> {
                columns.add(metadata("valid_from", INSTANT, Role.VALID_FROM));
                columns.add(metadata("valid_to", INSTANT, Role.VALID_TO));
                columns.add(metadata("current", DataType.of(Type.BOOLEAN), Role.CURRENT));
                columns.add(metadata("sequence", DataType.of(Type.LONG), Role.SEQUENCE));
            }
        }
        return columns;
    }

    private static TargetColumn metadata(String name, DataType type, Role role) {
        return new TargetColumn(TargetNames.RESERVED + name, type, role, "", 0, -1);
    }
}
