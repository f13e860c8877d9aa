package dev.millrace.consume.mapping;

import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.config.pipeline.MappingPolicy;
import dev.millrace.config.pipeline.MappingRules;
import dev.millrace.consume.destination.TableRefusedException;
import dev.millrace.consume.mapping.TableMapping.LeftOut;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Schema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Brings a mapping up to a source schema: columns are known by the source's lasting number, else by name; new ones are added, dropped ones
 * stay, renamed ones are renamed, types only widen. A schema older than the mapping (a window that is repeated) changes no name and adds
 * nothing that is there. What the pipeline's policy doesn't allow, and no user has approved, becomes a proposal.
 */
public final class Evolution {
    /**
     * The outcome.
     *
     * @param changes in the order they have to be made
     * @param sourceIndex for each of the mapping's columns its place in the schema, -1 for those it lacks
     * @param proposals what was not done
     */
    public record Result(TableMapping mapping, List<TableChange> changes, int[] sourceIndex, List<Proposal> proposals) {
        /** Types that rows of the schema need and that may not be changed: nothing of it can be loaded. */
        public List<Proposal> needed() {
            return proposals.stream()
                    .filter(proposal -> proposal.kind() == Proposal.Kind.WIDER_TYPE)
                    .toList();
        }
    }

    /**
     * What decides about a table's shape.
     *
     * @param loadBegins a historical load begins here, so that a column that was left out gets the values that it lacks
     * @param columnType the destination's name of a type, for proposals
     */
    public record Decisions(
            MappingRules.Rule rule, MappingChoice choice, boolean loadBegins, Function<DataType, String> columnType) {}

    private final TableMapping mapping;
    private final Schema schema;
    private final TargetNames names;
    private final Decisions decisions;
    private final boolean older;
    private final List<MappedColumn> columns;
    private final List<LeftOut> leftOut;
    /** By mapped column: its place in the schema. */
    private final List<Integer> places = new ArrayList<>();

    private final Set<String> taken;
    private final List<TableChange> changes = new ArrayList<>();
    private final List<Proposal> proposals = new ArrayList<>();

    private Evolution(
            TableMapping mapping, Schema schema, TargetNames names, Set<String> otherColumns, Decisions decisions) {
        this.mapping = mapping;
        this.schema = schema;
        this.names = names;
        this.decisions = decisions;
        this.older = schema.version() < mapping.schemaVersion();
        this.columns = new ArrayList<>(mapping.columns());
        this.leftOut = new ArrayList<>(mapping.leftOut());
        this.taken = new HashSet<>(otherColumns);
        columns.forEach(column -> taken.add(names.folded(column.targetName())));
    }

    /**
     * @param otherColumns folded names of columns at the destination that the mapping doesn't know
     * @throws TableRefusedException KEY_CHANGED when the table's key is another now; MAPPING_INVALID where the definition's words can't be
     *     followed
     */
    public static Result evolve(
            TableMapping mapping, Schema schema, TargetNames names, Set<String> otherColumns, Decisions decisions) {
        return new Evolution(mapping, schema, names, otherColumns, decisions).run();
    }

    private Result run() {
        boolean created = columns.isEmpty();
        int[] columnOf = match();
        int known = columns.size();
        for (int i = 0; i < known; i++) {
            places.add(-1);
        }
        boolean[] left = new boolean[columnOf.length];
        for (int place = 0; place < columnOf.length; place++) {
            left[place] = leavesOut(schema.columns().get(place), columnOf[place], created);
            if (columnOf[place] >= 0 && !left[place]) {
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
            if (columnOf[place] < 0 && !left[place]) {
                add(schema.columns().get(place), place);
            }
        }
        if (!created) {
            requireSameKey();
        }
        int version = Math.max(mapping.schemaVersion(), schema.version());
        return new Result(
                mapping.at(version, columns, leftOut),
                List.copyOf(changes),
                places.stream().mapToInt(Integer::intValue).toArray(),
                List.copyOf(proposals));
    }

    /** By schema column: the mapped column that is the same, by its number or else its name; -1 for a new one. */
    private int[] match() {
        int[] columnOf = new int[schema.columns().size()];
        Arrays.fill(columnOf, -1);
        boolean[] used = new boolean[columns.size()];
        for (int i = 0; i < used.length; i++) {
            used[i] = !older && stepsAside(i);
        }
        for (int pass = 0; pass < 3; pass++) {
            for (int place = 0; place < columnOf.length; place++) {
                Column wanted = schema.columns().get(place);
                for (int i = 0; i < used.length && columnOf[place] < 0; i++) {
                    MappedColumn column = columns.get(i);
                    boolean same = pass == 0
                            ? wanted.sourceId() != 0 && wanted.sourceId() == column.sourceId()
                            : wanted.name().equals(column.sourceName()) && (pass == 2 || !column.dropped());
                    if (same && !used[i]) {
                        columnOf[place] = i;
                        used[i] = true;
                    }
                }
            }
        }
        return columnOf;
    }

    /**
     * Whether the source has dropped the column and made another one under its name, which is empty where the old one wasn't: the old one keeps its
     * values, under another name where columns may be renamed. A table's numbers only grow; those of a table that was made again are of another one.
     */
    private boolean stepsAside(int index) {
        MappedColumn old = columns.get(index);
        int newest = columns.stream()
                .mapToInt(MappedColumn::sourceId)
                .filter(id -> Column.areOfOneTable(id, old.sourceId()))
                .max()
                .orElse(0);
        boolean again = old.sourceId() != 0
                && old.keyPosition() == 0
                && schema.columns().stream().noneMatch(column -> column.sourceId() == old.sourceId())
                && schema.columns().stream()
                        .anyMatch(column -> column.sourceId() > newest
                                && Column.areOfOneTable(column.sourceId(), old.sourceId())
                                && column.name().equals(old.sourceName()));
        if (again && decisions.rule().policy() == MappingPolicy.ALLOW_ALL) {
            stepAside(index);
        }
        return again;
    }

    private Optional<MappingRules.ColumnRule> rule(Column source) {
        return Optional.ofNullable(decisions.rule().columns().get(source.name()));
    }

    /** Whether the column isn't loaded; keeps account of those that aren't. */
    private boolean leavesOut(Column source, int mapped, boolean created) {
        boolean skipped = rule(source).map(MappingRules.ColumnRule::skipped).orElse(false);
        if (skipped && source.keyPosition() > 0) {
            throw invalid(
                    "column '" + source.name() + "' is to be skipped, but is in the table's key",
                    "Load it, or make it what you need by a step under 'transform'.");
        }
        boolean leftBefore = leftOut.removeIf(each -> each.is(source));
        boolean leave = skipped || !created && source.keyPosition() == 0 && waits(source, mapped, leftBefore);
        if (leave) {
            leftOut.add(LeftOut.of(source));
        }
        return leave;
    }

    /** Whether a column that nobody wants skipped is left out nevertheless, for now. */
    private boolean waits(Column source, int mapped, boolean leftBefore) {
        if (!leftBefore && mapped >= 0) {
            return false;
        }
        Proposal column =
                new Proposal(Proposal.Kind.NEW_COLUMN, source.name(), decisions.columnType.apply(source.dataType()));
        boolean allowed = mapped >= 0
                || decisions.rule().policy().addsColumns()
                || decisions.choice().accepts(column);
        if (!allowed) {
            proposals.add(column);
            return true;
        }
        Proposal again = new Proposal(Proposal.Kind.LOAD_AGAIN, source.name(), "taken in");
        boolean rejected = leftBefore && decisions.choice().rejects(again);
        boolean whole = !rejected && (!leftBefore || decisions.loadBegins() || mapping.mode() == LoadMode.APPEND);
        if (rejected || !whole && decisions.choice().load() == MappingChoice.Load.NONE) {
            proposals.add(again);
        }
        return !whole;
    }

    private void follow(int index, Column source) {
        MappedColumn column = columns.get(index);
        String targetName = renamed(column, source);
        DataType type = type(column, source);
        MappedColumn next = new MappedColumn(
                older ? column.sourceName() : source.name(),
                source.sourceId(),
                targetName,
                type,
                source.keyPosition(),
                false,
                older ? column.sourceType() : source.dataType());
        columns.set(index, next);
        if (!next.type().equals(column.type())) {
            changes.add(new TableChange.Widen(next));
        }
    }

    /** The column's name at the destination from now on. */
    private String renamed(MappedColumn column, Column source) {
        if (older) {
            return column.targetName();
        }
        Optional<String> wish = rule(source).flatMap(MappingRules.ColumnRule::name);
        boolean followsSource =
                !source.name().equals(column.sourceName()) && decisions.rule().policy() == MappingPolicy.ALLOW_ALL;
        if (wish.isEmpty() && !followsSource) {
            return column.targetName();
        }
        String before = names.folded(column.targetName());
        taken.remove(before);
        makeWay(wish.orElse(source.name()), column);
        String wanted = names.free(wish.orElse(source.name()), taken);
        boolean changes = !wanted.equals(column.targetName());
        Proposal rename = new Proposal(
                Proposal.Kind.LOAD_AGAIN, source.name(), "'" + column.targetName() + "' becomes '" + wanted + "'");
        if (changes && wish.isPresent() && !isTime(rename)) {
            proposals.add(rename);
            wanted = column.targetName();
        } else if (changes) {
            this.changes.add(new TableChange.Rename(column.targetName(), wanted));
        }
        taken.add(names.folded(wanted));
        return wanted;
    }

    /** A column that has the name still, and follows its source to another one presently, leaves it before: else the name would seem taken for good. */
    private void makeWay(String name, MappedColumn forThis) {
        for (int i = 0; i < columns.size(); i++) {
            MappedColumn other = columns.get(i);
            int place = i < places.size() ? places.get(i) : -1;
            boolean there = other != forThis && names.folded(other.targetName()).equals(names.folded(name));
            if (!there || place < 0 || decisions.rule().policy() != MappingPolicy.ALLOW_ALL) {
                continue;
            }
            Column source = schema.columns().get(place);
            if (rule(source).flatMap(MappingRules.ColumnRule::name).isEmpty()
                    && !source.name().equals(other.sourceName())) {
                stepAside(i);
            }
        }
    }

    private void stepAside(int index) {
        MappedColumn column = columns.get(index);
        String aside = names.free(column.targetName(), taken);
        taken.remove(names.folded(column.targetName()));
        taken.add(names.folded(aside));
        changes.add(new TableChange.Rename(column.targetName(), aside));
        columns.set(index, column.withTargetName(aside));
    }

    /** Whether what the definition says of a column that is there is done now. */
    private boolean isTime(Proposal change) {
        boolean now = decisions.loadBegins() || decisions.choice().accepts(change) && !change.needsLoad(mapping.mode());
        return now && !decisions.choice().rejects(change);
    }

    private DataType type(MappedColumn column, Column source) {
        DataType wished = wishedType(source)
                .map(type -> Promotion.widest(column.type(), type))
                .orElse(column.type());
        DataType needed = Promotion.widest(wished, source.dataType());
        if (needed.equals(wished) || decisions.rule().policy().widens()) {
            return needed;
        }
        Proposal wider = new Proposal(Proposal.Kind.WIDER_TYPE, source.name(), decisions.columnType.apply(needed));
        if (!decisions.choice().accepts(wider)) {
            proposals.add(wider);
        }
        return needed;
    }

    /** What the definition says; it takes every value of the source's. */
    private Optional<DataType> wishedType(Column source) {
        Optional<DataType> wished =
                rule(source).flatMap(MappingRules.ColumnRule::type).map(RuleType::of);
        wished.filter(type -> !Promotion.widest(type, source.dataType()).equals(type))
                .ifPresent(type -> {
                    throw invalid(
                            "column '" + source.name() + "' is to be " + MappingView.shown(type) + ", but "
                                    + MappingView.shown(source.dataType()) + " at the source: that would change values",
                            "Give it a type that holds all of them, for example "
                                    + MappingView.shown(Promotion.widest(type, source.dataType()))
                                    + ", or cast it under 'transform'.");
                });
        return wished;
    }

    private void add(Column source, int place) {
        String wish = rule(source).flatMap(MappingRules.ColumnRule::name).orElse(source.name());
        String targetName = names.free(wish, taken);
        taken.add(names.folded(targetName));
        MappedColumn column = new MappedColumn(
                source.name(),
                source.sourceId(),
                targetName,
                wishedType(source).orElse(source.dataType()),
                source.keyPosition(),
                false,
                source.dataType());
        columns.add(column);
        places.add(place);
        changes.add(new TableChange.Add(column));
    }

    private TableRefusedException invalid(String why, String remedy) {
        return new TableRefusedException(
                "MAPPING_INVALID",
                "'" + mapping.source() + "' can't be loaded as the pipeline's 'mapping' says",
                why,
                remedy);
    }

    private void requireSameKey() {
        List<String> before = key(mapping.columns(), columns);
        List<String> after = key(columns, columns);
        if (!before.equals(after)) {
            throw new TableRefusedException(
                    "KEY_CHANGED",
                    "Table '" + mapping.source() + "' can't be followed",
                    "its key was " + before + " and is now " + after + ", but table '" + mapping.target()
                            + "' has the old one",
                    "Drop or rename the table at the destination, then run 'millrace reload " + mapping.object()
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
