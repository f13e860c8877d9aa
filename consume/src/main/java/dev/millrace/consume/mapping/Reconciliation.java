package dev.millrace.consume.mapping;

import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.destination.ExistingTable;
import dev.millrace.consume.destination.ExistingTable.ExistingColumn;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Holds a mapping against the table that is really there, which is the truth: a window may have been committed without its mapping being
 * remembered, the state store may be lost, or someone else may have made the table.
 */
public final class Reconciliation {
    private static final Pattern DECIMAL =
            Pattern.compile("(?:decimal|numeric)\\s*\\((\\d+),\\s*(\\d+)\\)", Pattern.CASE_INSENSITIVE);
    private static final List<DataType> WIDER = List.of(
            DataType.of(Type.SHORT),
            DataType.of(Type.INTEGER),
            DataType.of(Type.LONG),
            DataType.decimal(0, 0),
            DataType.of(Type.DOUBLE),
            DataType.time(Type.DATETIME, 6),
            DataType.time(Type.ZONED_DATETIME, 6),
            DataType.of(Type.MAP),
            DataType.of(Type.STRING));

    private final TableMapping mapping;
    private final Map<String, ExistingColumn> existing = new HashMap<>();
    private final TargetNames names;
    private final Function<DataType, String> columnType;

    private Reconciliation(
            TableMapping mapping, ExistingTable table, TargetNames names, Function<DataType, String> columnType) {
        this.mapping = mapping;
        this.names = names;
        this.columnType = columnType;
        table.columns().forEach(column -> existing.put(names.folded(column.name()), column));
    }

    /**
     * The mapping as it is at the destination: columns that are missing there are left out, columns that were added or renamed there are
     * taken in where {@code schema} has them.
     *
     * @param columnType the destination's name of a type
     * @throws MillraceException USER TABLE_DIFFERS when the table can't hold the source's rows
     */
    public static TableMapping reconcile(
            TableMapping mapping,
            ExistingTable table,
            Schema schema,
            TargetNames names,
            Function<DataType, String> columnType) {
        return new Reconciliation(mapping, table, names, columnType).run(schema);
    }

    /** Folded names of the columns there that the mapping doesn't know, metadata columns aside. */
    public static Set<String> otherColumns(TableMapping mapping, ExistingTable table, TargetNames names) {
        Set<String> others = new HashSet<>();
        table.columns().forEach(column -> others.add(names.folded(column.name())));
        mapping.columns().forEach(column -> others.remove(names.folded(column.targetName())));
        others.removeIf(name -> name.startsWith(TargetNames.RESERVED));
        return others;
    }

    private TableMapping run(Schema schema) {
        requireMetadata(schema);
        List<MappedColumn> columns = new ArrayList<>();
        Set<String> used = new HashSet<>();
        Set<String> lost = new HashSet<>();
        for (MappedColumn column : mapping.columns()) {
            ExistingColumn there = existing.get(names.folded(column.targetName()));
            if (there != null) {
                columns.add(withType(column, typeThere(column.type(), there, column.sourceName())));
                used.add(names.folded(column.targetName()));
            } else if (!column.dropped()) {
                lost.add(column.sourceName());
            }
        }
        for (Column column : schema.columns()) {
            boolean known = columns.stream().anyMatch(c -> same(c, column)) && !lost.contains(column.name());
            String folded = names.folded(names.free(column.name(), used));
            if (!known && existing.containsKey(folded)) {
                ExistingColumn there = existing.get(folded);
                DataType type = typeThere(column.dataType(), there, column.name());
                columns.add(new MappedColumn(
                        column.name(), column.sourceId(), there.name(), type, column.keyPosition(), false));
                used.add(folded);
            }
        }
        return mapping.withColumns(columns);
    }

    private static boolean same(MappedColumn mapped, Column column) {
        return mapped.sourceName().equals(column.name())
                || column.sourceId() != 0 && column.sourceId() == mapped.sourceId();
    }

    private static MappedColumn withType(MappedColumn column, DataType type) {
        return new MappedColumn(
                column.sourceName(),
                column.sourceId(),
                column.targetName(),
                type,
                column.keyPosition(),
                column.dropped());
    }

    private void requireMetadata(Schema schema) {
        for (TargetColumn column : TableShape.metadata(mapping.mode(), schema.keyed())) {
            if (!existing.containsKey(names.folded(column.name()))) {
                throw differs(
                        "it has no column '" + column.name() + "', so it was not made by Millrace for this table");
            }
        }
    }

    /** What the column that is there holds, at least {@code wanted} or able to become so. */
    private DataType typeThere(DataType wanted, ExistingColumn there, String sourceName) {
        if (is(wanted, there)) {
            return wanted;
        }
        Matcher decimal = DECIMAL.matcher(there.type());
        if (decimal.matches()) {
            DataType type = DataType.decimal(Integer.parseInt(decimal.group(1)), Integer.parseInt(decimal.group(2)));
            if (Promotion.widest(type, wanted).equals(type) && is(type, there)) {
                return type;
            }
        }
        for (DataType wider : WIDER) {
            if (is(wider, there) && Promotion.widest(wider, wanted).type() == wider.type()) {
                return wider;
            }
        }
        throw differs("column '" + there.name() + "' is " + there.type() + " there, but the source's '" + sourceName
                + "' needs " + columnType.apply(wanted));
    }

    private boolean is(DataType type, ExistingColumn there) {
        return columnType.apply(type).equalsIgnoreCase(there.type());
    }

    private MillraceException differs(String why) {
        return MillraceException.user(
                "TABLE_DIFFERS",
                "Table '" + mapping.target() + "' at the destination can't take the rows of '" + mapping.source() + "'",
                why,
                "Rename or drop that table, or choose another schema or database for the destination, then start again.");
    }
}
