package dev.millrace.consume.mapping;

import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.consume.destination.ExistingTable.Identity;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.TableName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A source table and its place at the destination.
 *
 * @param source the table as transformations leave it
 * @param object the source's own table that it comes from
 * @param schemaVersion the newest schema version mapped, 0 while only the name is settled
 * @param loadingDirectly a historical load was begun straight into the table and is not complete
 * @param mode how it is loaded, as its columns say; not settled while it has none
 * @param columns in the order they were added at the destination; empty while only the name is settled
 * @param leftOut the source's columns that are not loaded: a column among them is taken in only where a historical load begins, which brings
 *     the values that it lacks
 * @param identity of the table at the destination, as far as it is known
 */
public record TableMapping(
        TableName source,
        TableName object,
        TargetName target,
        int schemaVersion,
        boolean loadingDirectly,
        LoadMode mode,
        List<MappedColumn> columns,
        List<LeftOut> leftOut,
        Identity identity) {
    /**
     * A source column that is not loaded.
     *
     * @param sourceId as in {@link Column#sourceId()}, 0 unknown
     */
    public record LeftOut(String sourceName, int sourceId, DataType type) {
        public LeftOut {
            Objects.requireNonNull(sourceName);
            Objects.requireNonNull(type);
        }

        static LeftOut of(Column column) {
            return new LeftOut(column.name(), column.sourceId(), column.dataType());
        }

        boolean is(Column column) {
            return sourceId != 0 && column.sourceId() != 0 && Column.areOfOneTable(sourceId, column.sourceId())
                    ? sourceId == column.sourceId()
                    : sourceName.equals(column.name());
        }
    }

    public TableMapping {
        Objects.requireNonNull(source);
        Objects.requireNonNull(object);
        Objects.requireNonNull(target);
        Objects.requireNonNull(mode);
        columns = List.copyOf(columns);
        leftOut = List.copyOf(leftOut);
        Objects.requireNonNull(identity);
    }

    /** Of a table that comes as the source has it, whole. */
    public TableMapping(
            TableName source,
            TargetName target,
            int schemaVersion,
            boolean loadingDirectly,
            LoadMode mode,
            List<MappedColumn> columns) {
        this(source, source, target, schemaVersion, loadingDirectly, mode, columns, List.of(), Identity.NONE);
    }

    public TableMapping withLoadingDirectly(boolean value) {
        return new TableMapping(source, object, target, schemaVersion, value, mode, columns, leftOut, identity);
    }

    /** The same with other columns. */
    public TableMapping withColumns(List<MappedColumn> newColumns) {
        return new TableMapping(
                source, object, target, schemaVersion, loadingDirectly, mode, newColumns, leftOut, identity);
    }

    TableMapping at(int newVersion, List<MappedColumn> newColumns, List<LeftOut> newLeftOut) {
        return new TableMapping(
                source, object, target, newVersion, loadingDirectly, mode, newColumns, newLeftOut, identity);
    }

    /** As before the table was made: only its name and mode are settled. */
    public TableMapping withoutTable() {
        return to(target);
    }

    /** To a table, of which nothing is known. */
    public TableMapping to(TargetName other) {
        return new TableMapping(source, object, other, 0, false, mode, List.of(), List.of(), Identity.NONE);
    }

    /** Only while it has no columns. */
    public TableMapping withMode(LoadMode newMode) {
        return new TableMapping(
                source, object, target, schemaVersion, loadingDirectly, newMode, columns, leftOut, identity);
    }

    /** At the destination as this one. */
    public TableMapping withIdentity(Identity newIdentity) {
        return new TableMapping(
                source, object, target, schemaVersion, loadingDirectly, mode, columns, leftOut, newIdentity);
    }

    /** Coming from another object of the source. */
    public TableMapping from(TableName newObject) {
        return new TableMapping(
                source, newObject, target, schemaVersion, loadingDirectly, mode, columns, leftOut, identity);
    }

    /** Whether the table was made, as far as it is remembered. */
    public boolean made() {
        return !columns.isEmpty();
    }

    /** The mapped column that the source's one is, dropped ones included. */
    Optional<MappedColumn> column(Column wanted) {
        List<MappedColumn> byName = new ArrayList<>();
        for (MappedColumn column : columns) {
            if (wanted.sourceId() != 0 && wanted.sourceId() == column.sourceId()) {
                return Optional.of(column);
            }
            if (wanted.name().equals(column.sourceName())) {
                byName.add(column);
            }
        }
        return byName.stream().min(Comparator.comparing(MappedColumn::dropped));
    }
}
