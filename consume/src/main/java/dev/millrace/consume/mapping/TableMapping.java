package dev.millrace.consume.mapping;

import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.storage.event.TableName;
import java.util.List;
import java.util.Objects;

/**
 * A source table and its place at the destination.
 *
 * @param schemaVersion the newest schema version mapped, 0 while only the name is settled
 * @param loadingDirectly a historical load was begun straight into the table and is not complete
 * @param mode how it is loaded, as its columns say; not settled while it has none
 * @param columns in the order they were added at the destination; empty while only the name is settled
 */
public record TableMapping(
        TableName source,
        TargetName target,
        int schemaVersion,
        boolean loadingDirectly,
        LoadMode mode,
        List<MappedColumn> columns) {
    public TableMapping {
        Objects.requireNonNull(source);
        Objects.requireNonNull(target);
        Objects.requireNonNull(mode);
        columns = List.copyOf(columns);
    }

    public TableMapping withLoadingDirectly(boolean value) {
        return new TableMapping(source, target, schemaVersion, value, mode, columns);
    }

    TableMapping withColumns(List<MappedColumn> newColumns) {
        return new TableMapping(source, target, schemaVersion, loadingDirectly, mode, newColumns);
    }

    TableMapping at(int newVersion, List<MappedColumn> newColumns) {
        return new TableMapping(source, target, newVersion, loadingDirectly, mode, newColumns);
    }

    /** As before the table was made: only its name and mode are settled. */
    public TableMapping withoutTable() {
        return new TableMapping(source, target, 0, false, mode, List.of());
    }

    /** Only while it has no columns. */
    public TableMapping withMode(LoadMode newMode) {
        return new TableMapping(source, target, schemaVersion, loadingDirectly, newMode, columns);
    }
}
