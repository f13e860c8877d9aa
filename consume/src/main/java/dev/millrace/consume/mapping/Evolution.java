package dev.millrace.consume.mapping;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Schema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Brings a mapping up to a source schema: columns are known by the source's lasting number, else by name; new ones are added, dropped ones
 * stay, renamed ones are renamed, types only widen. A schema older than the mapping (a window that is repeated) changes no name and adds
 * nothing that is there.
 */
public final class Evolution {
    /**
     * The outcome.
     *
     * @param changes in the order they have to be made
     * @param sourceIndex for each of the mapping's columns its place in the schema, -1 for those it lacks
     */
    public record Result(TableMapping mapping, List<TableChange> changes, int[] sourceIndex) {}

    private final TableMapping mapping;
    private final Schema schema;
    private final TargetNames names;
    private final boolean older;
    private final List<MappedColumn> columns;
    /** By mapped column: its place in the schema. */
    private final List<Integer> places = new ArrayList<>();

    private final Set<String> taken;
    private final List<TableChange> changes = new ArrayList<>();

    private Evolution(TableMapping mapping, Schema schema, TargetNames names, Set<String> otherColumns) {
        this.mapping = mapping;
        this.schema = schema;
        this.names = names;
        this.older = schema.version() < mapping.schemaVersion();
        this.columns = new ArrayList<>(mapping.columns());
        this.taken = new HashSet<>(otherColumns);
        columns.forEach(column -> taken.add(names.folded(column.targetName())));
    }

    /**
     * @param otherColumns folded names of columns at the destination that the mapping doesn't know
     * @throws MillraceException USER KEY_CHANGED when the table's key is another now
     */
    public static Result evolve(TableMapping mapping, Schema schema, TargetNames names, Set<String> otherColumns) {
        return new Evolution(mapping, schema, names, otherColumns).run();
    }

    private Result run() {
        boolean created = columns.isEmpty();
        int[] columnOf = match();
        int known = columns.size();
        for (int i = 0; i < known; i++) {
            places.add(-1);
        }
        for (int place = 0; place < columnOf.length; place++) {
            if (columnOf[place] >= 0) {
                places.set(columnOf[place], place);
            }
        }
        for (int i = 0; i < known; i++) {
            if (places.get(i) >= 0) {
                follow(i, schema.columns().get(places.get(i)));
            } else if (!older) {
                columns.set(i, columns.get(i).asDropped());
            }
        }
        for (int place = 0; place < columnOf.length; place++) {
            if (columnOf[place] < 0) {
                add(schema.columns().get(place), place);
            }
        }
        if (!created) {
            requireSameKey();
        }
        int version = Math.max(mapping.schemaVersion(), schema.version());
        TableMapping next = mapping.at(version, columns);
        return new Result(
                next,
                List.copyOf(changes),
                places.stream().mapToInt(Integer::intValue).toArray());
    }

    /** By schema column: the mapped column that is the same, -1 for a new one. */
    private int[] match() {
        int[] columnOf = new int[schema.columns().size()];
        Arrays.fill(columnOf, -1);
        boolean[] used = new boolean[columns.size()];
        for (int pass = 0; pass < 2; pass++) {
            for (int place = 0; place < columnOf.length; place++) {
                Column wanted = schema.columns().get(place);
                for (int i = 0; i < used.length && columnOf[place] < 0; i++) {
                    MappedColumn column = columns.get(i);
                    boolean same = pass == 0
                            ? wanted.sourceId() != 0 && wanted.sourceId() == column.sourceId()
                            : wanted.name().equals(column.sourceName());
                    if (same && !used[i]) {
                        columnOf[place] = i;
                        used[i] = true;
                    }
                }
            }
        }
        return columnOf;
    }

    private void follow(int index, Column source) {
        MappedColumn column = columns.get(index);
        String targetName = column.targetName();
        boolean renamed = !older && !source.name().equals(column.sourceName());
        if (renamed) {
            taken.remove(names.folded(targetName));
            targetName = names.free(source.name(), taken);
            taken.add(names.folded(targetName));
            if (!targetName.equals(column.targetName())) {
                changes.add(new TableChange.Rename(column.targetName(), targetName));
            }
        }
        MappedColumn next = new MappedColumn(
                older ? column.sourceName() : source.name(),
                source.sourceId(),
                targetName,
                Promotion.widest(column.type(), source.dataType()),
                source.keyPosition(),
                false);
        columns.set(index, next);
        if (!next.type().equals(column.type())) {
            changes.add(new TableChange.Widen(next));
        }
    }

    private void add(Column source, int place) {
        String targetName = names.free(source.name(), taken);
        taken.add(names.folded(targetName));
        MappedColumn column = new MappedColumn(
                source.name(), source.sourceId(), targetName, source.dataType(), source.keyPosition(), false);
        columns.add(column);
        places.add(place);
        changes.add(new TableChange.Add(column));
    }

    private void requireSameKey() {
        List<String> before = key(mapping.columns(), columns);
        List<String> after = key(columns, columns);
        if (!before.equals(after)) {
            throw MillraceException.user(
                    "KEY_CHANGED",
                    "Table '" + mapping.source() + "' can't be followed",
                    "its key was " + before + " and is now " + after + ", but table '" + mapping.target()
                            + "' has the old one",
                    "Drop or rename the table at the destination, then run 'millrace reload " + mapping.source()
                            + "'.");
        }
    }

    /** The key's columns in key order, by the names they have now. */
    private static List<String> key(List<MappedColumn> keyed, List<MappedColumn> named) {
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < keyed.size(); i++) {
            if (keyed.get(i).keyPosition() > 0) {
                places.add(i);
            }
        }
        places.sort((one, other) ->
                Integer.compare(keyed.get(one).keyPosition(), keyed.get(other).keyPosition()));
        return places.stream().map(i -> named.get(i).sourceName()).toList();
    }
}
