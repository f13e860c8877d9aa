package dev.millrace.consume.mapping;

import dev.millrace.config.pipeline.MappingRules;
import dev.millrace.consume.destination.ExistingTable;
import dev.millrace.consume.destination.ExistingTable.ExistingColumn;
import dev.millrace.consume.destination.TableRefusedException;
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
import java.util.Optional;
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
    private static final Pattern SIZED = Pattern.compile("[a-z ]+\\((\\d{1,9})\\)[a-z ]*", Pattern.CASE_INSENSITIVE);
    private static final List<DataType> WIDER = List.of(
            DataType.of(Type.SHORT),
            DataType.of(Type.INTEGER),
            DataType.of(Type.LONG),
            DataType.decimal(0, 0),
            DataType.of(Type.DOUBLE),
            DataType.time(Type.TIME, 6),
            DataType.time(Type.DATETIME, 6),
            DataType.time(Type.ZONED_DATETIME, 6),
            DataType.of(Type.MAP),
            DataType.of(Type.STRING));

    private final TableMapping mapping;
    private final Map<String, ExistingColumn> existing = new HashMap<>();
    private final TargetNames names;
    private final MappingRules.Rule rule;
    private final Function<DataType, String> columnType;

    private Reconciliation(
            TableMapping mapping,
            ExistingTable table,
            TargetNames names,
            MappingRules.Rule rule,
            Function<DataType, String> columnType) {
        this.mapping = mapping;
        this.rule = rule;
        this.names = names;
        this.columnType = columnType;
        table.columns().forEach(column -> existing.put(names.folded(column.name()), column));
    }

    /**
     * What was found.
     *
     * @param mapping as it is at the destination: columns that were added or renamed there are taken in where the schema has them. Columns that
     *     were lost are still in it
     * @param lost mapped columns that the table has no more
     */
    public record Result(TableMapping mapping, List<MappedColumn> lost) {}

    /**
     * Compares them.
     *
     * @param rule what the definition says of the table
     * @param columnType the destination's name of a type
     * @throws TableRefusedException TABLE_DIFFERS when the table can't hold the source's rows
     */
    public static Result reconcile(
            TableMapping mapping,
            ExistingTable table,
            Schema schema,
            TargetNames names,
            MappingRules.Rule rule,
            Function<DataType, String> columnType) {
        return new Reconciliation(mapping, table, names, rule, columnType).run(schema);
    }

    /**
     * The mapping as it was committed last: {@code meant} where all that it changes of the table is found there, for a transaction does all or
     * nothing; else {@code mapping}.
     */
    public static TableMapping committed(
            TableMapping mapping,
            TableMapping meant,
            ExistingTable table,
            TargetNames names,
            Function<DataType, String> columnType) {
        Map<String, String> there = new HashMap<>();
        table.columns().forEach(column -> there.put(names.folded(column.name()), column.type()));
        Set<String> before = new HashSet<>();
        mapping.columns().forEach(column -> before.add(told(column, names, columnType)));
        boolean more = false;
        for (MappedColumn column : meant.columns()) {
            String type = there.get(names.folded(column.targetName()));
            if (type == null || !type.equalsIgnoreCase(columnType.apply(column.type()))) {
                return mapping;
            }
            more |= !before.contains(told(column, names, columnType));
        }
        boolean same = meant.target().equals(mapping.target()) && meant.object().equals(mapping.object());
        return more && same ? meant.withLoadingDirectly(mapping.loadingDirectly()) : mapping;
    }

    private static String told(MappedColumn column, TargetNames names, Function<DataType, String> columnType) {
        return columnType.apply(column.type()) + " " + names.folded(column.targetName());
    }

    /** Folded names of the columns there that the mapping doesn't know, metadata columns aside. */
    public static Set<String> otherColumns(TableMapping mapping, ExistingTable table, TargetNames names) {
        Set<String> others = new HashSet<>();
        table.columns().forEach(column -> others.add(names.folded(column.name())));
        mapping.columns().forEach(column -> others.remove(names.folded(column.targetName())));
        others.removeIf(name -> name.startsWith(TargetNames.RESERVED));
        return others;
    }

    private Result run(Schema schema) {
        requireMetadata(schema);
        List<MappedColumn> columns = new ArrayList<>();
        Set<String> used = new HashSet<>();
        List<MappedColumn> missing = new ArrayList<>();
        for (MappedColumn column : mapping.columns()) {
            ExistingColumn there = existing.get(names.folded(column.targetName()));
            if (there != null && column.dropped()) {
                columns.add(column);
                used.add(names.folded(column.targetName()));
            } else if (there != null) {
                columns.add(column.withType(typeThere(column.type(), there, column.sourceName())));
                used.add(names.folded(column.targetName()));
            } else if (!column.dropped() && !isSkipped(column)) {
                missing.add(column);
            }
        }
        List<MappedColumn> takenIn = takeIn(schema, columns, missing, used);
        // a column that was renamed with its source's, in a window whose mapping was not remembered, is not lost
        missing.removeIf(column -> takenIn.stream()
                .anyMatch(other -> other.sourceName().equals(column.sourceName())
                        || column.sourceId() != 0 && column.sourceId() == other.sourceId()));
        columns.addAll(takenIn);
        List<MappedColumn> all = new ArrayList<>(columns);
        all.addAll(missing);
        return new Result(mapping.withColumns(all), List.copyOf(missing));
    }

    /** The schema's columns that are there, though the mapping doesn't know it. */
    private List<MappedColumn> takeIn(
            Schema schema, List<MappedColumn> columns, List<MappedColumn> missing, Set<String> used) {
        List<MappedColumn> takenIn = new ArrayList<>();
        Set<String> taken = new HashSet<>(used);
        for (Column column : schema.columns()) {
            boolean known = columns.stream().anyMatch(c -> same(c, column))
                    && missing.stream().noneMatch(lost -> lost.sourceName().equals(column.name()));
            boolean left = mapping.leftOut().stream().anyMatch(each -> each.is(column));
            String folded = names.folded(names.free(wanted(column), taken));
            if (!known && !left && existing.containsKey(folded)) {
                ExistingColumn there = existing.get(folded);
                DataType type = typeThere(column.dataType(), there, column.name());
                takenIn.add(new MappedColumn(
                        column.name(),
                        column.sourceId(),
                        there.name(),
                        type,
                        column.keyPosition(),
                        false,
                        column.dataType()));
                taken.add(folded);
            }
        }
        return takenIn;
    }

    private boolean isSkipped(MappedColumn column) {
        MappingRules.ColumnRule said = rule.columns().get(column.sourceName());
        return said != null && said.skipped();
    }

    private String wanted(Column column) {
        return Optional.ofNullable(rule.columns().get(column.name()))
                .flatMap(MappingRules.ColumnRule::name)
                .orElse(column.name());
    }

    private static boolean same(MappedColumn mapped, Column column) {
        return mapped.sourceName().equals(column.name())
                || column.sourceId() != 0 && column.sourceId() == mapped.sourceId();
    }

    private void requireMetadata(Schema schema) {
        for (TargetColumn column : TableShape.metadata(mapping.mode(), schema.keyed())) {
            ExistingColumn there = existing.get(names.folded(column.name()));
            if (there == null) {
                throw differs(
                        "it has no column '" + column.name() + "', so it was not made by Millrace for this table");
            }
            if (!is(column.dataType(), there)) {
                throw differs("column '" + column.name() + "' is " + there.type() + " there, but has to be "
                        + columnType.apply(column.dataType()));
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
        for (DataType longer : sized(there.type())) {
            if (is(longer, there) && Promotion.widest(longer, wanted).equals(longer)) {
                return longer;
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

    /** What a type with one number behind its name may be. */
    private static List<DataType> sized(String type) {
        Matcher matcher = SIZED.matcher(type);
        if (!matcher.matches()) {
            return List.of();
        }
        int size = Integer.parseInt(matcher.group(1));
        return List.of(
                DataType.text(Type.STRING, size),
                DataType.time(Type.TIME, size),
                DataType.time(Type.DATETIME, size),
                DataType.time(Type.ZONED_DATETIME, size));
    }

    private boolean is(DataType type, ExistingColumn there) {
        return columnType.apply(type).equalsIgnoreCase(there.type());
    }

    private TableRefusedException differs(String why) {
        return new TableRefusedException(
                "TABLE_DIFFERS",
                "Table '" + mapping.target() + "' at the destination can't take the rows of '" + mapping.source() + "'",
                why,
                "Undo that; or rename or drop the table there, then run 'millrace reload " + mapping.object()
                        + "'; or choose another one for it: " + MappingChoices.command(mapping.source())
                        + "--to NAME.");
    }
}
