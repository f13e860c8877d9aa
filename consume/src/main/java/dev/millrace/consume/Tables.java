package dev.millrace.consume;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.config.pipeline.LoadRules;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.ExistingTable;
import dev.millrace.consume.destination.LoadTransaction;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.consume.destination.TargetTable;
import dev.millrace.consume.mapping.Evolution;
import dev.millrace.consume.mapping.Reconciliation;
import dev.millrace.consume.mapping.TableChange;
import dev.millrace.consume.mapping.TableMapping;
import dev.millrace.consume.mapping.TableMappings;
import dev.millrace.consume.mapping.TableShape;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tables of one run of a consumer. A table is compared with the destination at its first event in the run, and brought up to each new
 * schema inside the window's transaction. After a failure the run's tables are thrown away: the next run finds out anew what is there.
 */
final class Tables {
    private static final Logger LOG = LoggerFactory.getLogger(Tables.class);

    private final Destination destination;
    private final TableMappings mappings;
    private final LoadRules rules;
    private final Map<TableName, TableState> states = new HashMap<>();

    Tables(Destination destination, TableMappings mappings, LoadRules rules) {
        this.rules = rules;
        this.destination = destination;
        this.mappings = mappings;
    }

    /** The same for a try that may come to nothing: what it changes, this doesn't see. */
    Tables copy() {
        Tables copy = new Tables(destination, mappings, rules);
        states.forEach((table, state) -> copy.states.put(table, state.copy()));
        return copy;
    }

    TableState state(TableName table) {
        return states.computeIfAbsent(
                table, name -> new TableState(mappings.of(name), rules.of(name.schema(), name.name())));
    }

    /** Where the table's rows go. */
    TargetName targetOf(TableName table) {
        TableState known = states.get(table);
        return (known == null ? mappings.of(table) : known.mapping).target();
    }

    Collection<TableState> all() {
        return states.values();
    }

    /** Whether the table takes these steps as it is: rows of the shape that it was prepared for in this run, and nothing else. */
    boolean isSettled(Gathered.TableSteps steps) {
        Schema prepared = state(steps.table()).schema;
        return prepared != null
                && steps.steps().stream()
                        .allMatch(step -> step instanceof Gathered.Rows
                                && prepared.version() == step.schema().version()
                                && prepared.sameShape(step.schema()));
    }

    /** Makes the destination's table take rows of {@code schema}. */
    void prepare(LoadTransaction transaction, TableState state, Schema schema) {
        settleMode(state, schema);
        if (!state.reconciled) {
            reconcile(transaction, state, schema);
        }
        boolean create = state.mapping.columns().isEmpty();
        Evolution.Result evolved = Evolution.evolve(state.mapping, schema, mappings.names(), state.otherColumns);
        TargetTable before = state.target;
        state.target = TableShape.of(evolved.mapping(), evolved.sourceIndex());
        if (create) {
            transaction.create(state.target);
        } else {
            for (TableChange change : evolved.changes()) {
                apply(transaction, before == null ? state.target : before, change);
            }
        }
        if (!evolved.mapping().equals(state.mapping)) {
            state.mapping = evolved.mapping();
            state.mappingChanged = true;
        }
        state.schema = schema;
    }

    /** A table has the columns of one mode, and is loaded in that one as long as it is there. */
    private static void settleMode(TableState state, Schema schema) {
        LoadMode wanted = state.rule.mode(schema.keyed());
        TableMapping mapping = state.mapping;
        if (mapping.mode() == wanted) {
            return;
        }
        if (!mapping.columns().isEmpty()) {
            throw MillraceException.user(
                    "LOAD_MODE_CHANGED",
                    "Table '" + mapping.target() + "' can't be loaded in mode "
                            + wanted.name().toLowerCase(Locale.ROOT),
                    "it was made for mode " + mapping.mode().name().toLowerCase(Locale.ROOT)
                            + ", which has other columns",
                    "Set the mode of '" + mapping.source()
                            + "' back; or rename or drop the table at the destination, then run 'millrace reload "
                            + mapping.source() + "'.");
        }
        state.mapping = mapping.withMode(wanted);
    }

    private void apply(LoadTransaction transaction, TargetTable table, TableChange change) {
        LOG.info("{}: {}", table.name(), change);
        if (change instanceof TableChange.Add add) {
            transaction.addColumn(table, TableShape.value(add.column(), -1));
        } else if (change instanceof TableChange.Widen widen) {
            transaction.widenColumn(table, TableShape.value(widen.column(), -1));
        } else if (change instanceof TableChange.Rename rename) {
            transaction.renameColumn(table, rename.from(), rename.to());
        }
    }

    private void reconcile(LoadTransaction transaction, TableState state, Schema schema) {
        TableMapping mapping = state.mapping;
        Optional<ExistingTable> existing = destination.describe(mapping.target());
        if (existing.isEmpty()) {
            if (!mapping.columns().isEmpty()) {
                LOG.warn(
                        "{}: the table is missing at the destination and is made again, empty; run 'millrace reload {}' to fill it",
                        mapping.target(),
                        mapping.source());
            }
            state.mapping = mapping.withoutTable();
        } else {
            TableMapping found = Reconciliation.reconcile(
                    mapping, existing.get(), schema, mappings.names(), destination::columnType);
            state.mapping = found;
            state.otherColumns = Reconciliation.otherColumns(found, existing.get(), mappings.names());
            int[] nowhere = new int[found.columns().size()];
            Arrays.fill(nowhere, -1);
            state.target = TableShape.of(found, nowhere);
            state.shadow = transaction.hasShadow(state.target);
        }
        state.mappingChanged |= !state.mapping.equals(mapping);
        state.reconciled = true;
    }

    /**
     * The window is about to be committed. That a load no longer goes straight into its table is stored before: were it stored after, a crash in
     * between would have the table's next load empty it under its readers. The other way round only costs a shadow.
     */
    void committing() {
        List<TableMapping> ended = new ArrayList<>();
        for (TableState state : states.values()) {
            TableMapping stored = mappings.of(state.mapping.source());
            if (state.mappingChanged && !state.mapping.loadingDirectly() && stored.loadingDirectly()) {
                ended.add(stored.withLoadingDirectly(false));
            }
        }
        if (!ended.isEmpty()) {
            mappings.remember(ended);
        }
    }

    /** The window is committed: remembers what it changed. */
    void committed() {
        List<TableMapping> changed = new ArrayList<>();
        for (TableState state : states.values()) {
            if (state.mappingChanged) {
                changed.add(state.mapping);
                state.mappingChanged = false;
            }
        }
        if (!changed.isEmpty()) {
            mappings.remember(changed);
        }
    }
}
