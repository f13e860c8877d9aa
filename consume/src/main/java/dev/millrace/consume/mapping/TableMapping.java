package dev.millrace.consume.mapping;

import dev.millrace.consume.destination.TargetName;
import dev.millrace.storage.event.TableName;
import java.util.List;
import java.util.Objects;

/**
 * A source table and its place at the destination.
 *
 * @param schemaVersion the newest schema version mapped, 0 while only the name is settled
 * @param loadingDirectly a historical load was begun straight into the table and is not complete
 * @param columns in the order they were added at the destination; empty while only the name is settled
 */
public record TableMapping(
        TableName source, TargetName target, int schemaVersion, boolean loadingDirectly, List<MappedColumn> columns) {
    public TableMapping {
        Objects.requireNonNull(source);
        Objects.requireNonNull(target);
        columns = List.copyOf(columns);
    }

    public TableMapping withLoadingDirectly(boolean value) {
        return new TableMapping(source, target, schemaVersion, value, columns);
    }

    TableMapping withColumns(List<MappedColumn> newColumns) {
        return new TableMapping(source, target, schemaVersion, loadingDirectly, newColumns);
    }
}
