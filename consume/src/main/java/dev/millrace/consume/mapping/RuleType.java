package dev.millrace.consume.mapping;

import dev.millrace.config.transform.ColumnType;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Type;

/** Types as definitions write them. */
public final class RuleType {
    private RuleType() {}

    /** The same type among those of cells. */
    public static DataType of(ColumnType type) {
        return switch (type.name()) {
            case STRING -> DataType.text(Type.STRING, type.length());
            case DECIMAL -> DataType.decimal(type.precision(), type.scale());
            case JSON -> DataType.of(Type.MAP);
            default -> DataType.of(Type.valueOf(type.name().name()));
        };
    }
}
