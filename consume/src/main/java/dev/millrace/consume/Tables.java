package dev.millrace.consume;

import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.config.pipeline.LoadRules;
import dev.millrace.config.pipeline.MappingRules;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.ExistingTable;
import dev.millrace.consume.destination.LoadTransaction;
import dev.millrace.consume.destination.TableRefusedException;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.consume.destination.TargetTable;
import dev.millrace.consume.mapping.DriftErrors;
import dev.millrace.consume.mapping.Evolution;
import dev.millrace.consume.mapping.MappedColumn;
import dev.millrace.consume.mapping.MappingChoice;
import dev.millrace.consume.mapping.MappingChoices;
import dev.millrace.consume.mapping.MappingNotes;
import dev.millrace.consume.mapping.MappingNotes.Note;
import dev.millrace.consume.mapping.Proposal;
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
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tables of one run of a consumer. A table is compared with the destination at its first event in the run, and brought up to each new
 * schema inside the window's transaction. After a failure the run's tables are thrown away: the next run finds out anew what is there.
 */
final class Tables {
    private static final Logger LOG = LoggerFactory.getLogger(Tables.class);

    /** What decides about tables. */
    record Parts(
            Destination destination,
            TableMappings mappings,
            MappingChoices choices,
            MappingNotes notes,
            LoadRules load,
            MappingRules mapping) {}

    private final Parts parts;
    private final Destination destination;
    private final TableMappings mappings;
    private final Map<TableName, TableState> states = new HashMap<>();
    private UnaryOperator<TableName> sources = UnaryOperator.identity();

    Tables(Parts parts) {
        this.parts = parts;
        this.destination = parts.destination();
        this.mappings = parts.mappings();
    }

    /** The same for a try that may come to nothing: what it changes, this doesn't see. */
    Tables copy() {
        Tables copy = unknown();
        states.forEach((table, state) -> copy.states.put(table, state.copy()));
        return copy;
    }

    /** The same, but nothing is known of any table yet. */
    Tables unknown() {
        Tables unknown = new Tables(parts);
        unknown.sources = sources;
        return unknown;
    }

    /** Tells which of the source's objects the tables come from that are met from now on. */
    void sources(UnaryOperator<TableName> newSources) {
        sources = newSources;
    }

    TableState state(TableName table) {
        return states.computeIfAbsent(table, this::found);
    }

    private TableState found(TableName table) {
        MappingRules.Rule rule = parts.mapping().of(table.schema(), table.name());
        return new TableState(
                mappings.of(table, sources.apply(table), rule.target()),
                new TableState.Words(
                        parts.load().of(table.schema(), table.name()),
                        rule,
                        parts.choices().of(table)));
    }

    /** Whether the table's next step isn't applied; that there was such a step is durable when it returns. */
    boolean passesOver(TableState state, boolean loadBegins) {
        if (state.skipped()) {
            if (state.words.choice().load() != MappingChoice.Load.FROM_THERE) {
                parts.choices().passingOver(state.mapping.source());
            }
            return true;
        }
        state.passing &= !loadBegins;
        return state.passing;
    }

    /** Where the table's rows go. */
    TargetName targetOf(TableName table) {
        return state(table).mapping.target();
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

    /**
     * Makes the destination's table take rows of {@code schema}.
     *
     * @param loadBegins a historical load begins with them, so that what the table lacks comes
     * @throws TableRefusedException where a user has to act before it can take any
     */
    void prepare(LoadTransaction transaction, TableState state, Schema schema, boolean loadBegins) {
        try {
            settle(transaction, state, schema, loadBegins);
        } catch (TableRefusedException e) {
            parts.notes().put(state.mapping.source(), new Note(e.code(), e.why(), e.remedy(), state.note.proposals()));
            throw e;
        }
    }

    private void settle(LoadTransaction transaction, TableState state, Schema schema, boolean loadBegins) {
        List<Proposal> proposals = new ArrayList<>(settleTarget(state, loadBegins));
        if (!state.reconciled) {
            find(transaction, state, schema, loadBegins);
        }
        settleMode(state, schema);
        boolean create = !state.mapping.made();
        Evolution.Result evolved = Evolution.evolve(
                state.mapping,
                schema,
                mappings.names(),
                state.otherColumns,
                new Evolution.Decisions(
                        state.words.mapping(), state.words.choice(), loadBegins, destination::columnType));
        proposals.addAll(evolved.proposals());
        state.note = Note.of(proposals);
        state.noted = true;
        if (!evolved.needed().isEmpty()) {
            throw DriftErrors.waits(state.mapping, evolved.needed());
        }
        TargetTable before = state.target;
        state.target = TableShape.of(evolved.mapping(), evolved.sourceIndex());
        if (create) {
            transaction.create(state.target);
            // one that the table before has left: rows must not join it
            state.shadow = loadBegins && transaction.hasShadow(state.target);
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

    /** A table that is made stays where it is until a load of it begins, which fills another one. */
    private List<Proposal> settleTarget(TableState state, boolean loadBegins) {
        TableMapping mapping = state.mapping;
        Optional<MappingRules.Target> wish = state.words.mapping().target();
        TargetName wanted = state.words
                .choice()
                .to()
                .orElseGet(() -> wish.isEmpty() ? mapping.target() : mappings.target(mapping.source(), wish));
        if (wanted.equals(mapping.target())) {
            return List.of();
        }
        Proposal move = new Proposal(Proposal.Kind.LOAD_AGAIN, "", "goes to '" + wanted + "'");
        boolean rejected =
                state.words.choice().to().isEmpty() && state.words.choice().rejects(move);
        if (mapping.made() && (rejected || !loadBegins)) {
            return !rejected && state.words.choice().mayRemake() ? List.of() : List.of(move);
        }
        LOG.info("{}: goes to {} from now on, not to {}", mapping.source(), wanted, mapping.target());
        state.leave(mapping.to(wanted));
        return List.of();
    }

    /** A table has the columns of one mode, and is loaded in that one as long as it is there. */
    private static void settleMode(TableState state, Schema schema) {
        LoadMode wanted = state.words.rule().mode(schema.keyed());
        TableMapping mapping = state.mapping;
        if (mapping.mode() == wanted) {
            return;
        }
        if (mapping.made()) {
            throw DriftErrors.modeChanged(mapping, wanted);
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

    /** Compares the table with what is at the destination, which is the truth about it. */
    private void find(LoadTransaction transaction, TableState state, Schema schema, boolean loadBegins) {
        TableMapping remembered = state.mapping;
        Optional<ExistingTable> existing = destination.describe(remembered.target());
        if (existing.isPresent() && !remembered.made()) {
            requireFree(remembered);
        }
        TableMapping mapping =
                existing.map(there -> asCommitted(remembered, there)).orElse(remembered);
        state.mapping = mapping;
        boolean mayRemake = state.words.choice().mayRemake() && (loadBegins || mapping.mode() == LoadMode.APPEND);
        if (existing.isEmpty()) {
            if (mapping.made() && !mayRemake) {
                throw DriftErrors.tableMissing(mapping);
            }
            state.mapping = mapping.withoutTable();
        } else {
            if (mapping.made()) {
                settleMode(state, schema); // before the table is found to lack the columns of another mode
            } else {
                state.mapping = mapping.withMode(state.words.rule().mode(schema.keyed()));
            }
            reconcile(transaction, state, existing.get(), schema, loadBegins, mayRemake);
            identify(transaction, state, existing.get(), mayRemake);
        }
        state.mappingChanged |= !state.mapping.equals(remembered);
        state.reconciled = true;
    }

    /** A table that isn't remembered may be another pipeline's. */
    private void requireFree(TableMapping mapping) {
        Optional<String> owner = mappings.owner(mapping.target());
        if (owner.isPresent()) {
            throw DriftErrors.tableTaken(mapping, owner.get());
        }
    }

    /** With the columns that it got in a window whose mapping was never remembered: rows of an older schema don't tell that they are ours. */
    private TableMapping asCommitted(TableMapping remembered, ExistingTable there) {
        return mappings.meant(remembered.source())
                .map(meant ->
                        Reconciliation.committed(remembered, meant, there, mappings.names(), destination::columnType))
                .orElse(remembered);
    }

    /** A table that was made again under its name counts as dropped, unless its rows are there again too. */
    private static void identify(
            LoadTransaction transaction, TableState state, ExistingTable existing, boolean mayRemake) {
        TableMapping mapping = state.mapping;
        if (existing.identity().differs(mapping.identity()) && mapping.made() && !mayRemake) {
            if (transaction.isEmpty(state.target)) {
                throw DriftErrors.tableReplaced(mapping);
            }
            LOG.warn(
                    "{}: was made again at the destination, with rows in it: it is taken for what it was before",
                    mapping.target());
        }
        state.mapping = mapping.withIdentity(transaction.identify(state.target, existing.identity()));
    }

    private void reconcile(
            LoadTransaction transaction,
            TableState state,
            ExistingTable existing,
            Schema schema,
            boolean loadBegins,
            boolean mayRemake) {
        Reconciliation.Result result = Reconciliation.reconcile(
                state.mapping, existing, schema, mappings.names(), state.words.mapping(), destination::columnType);
        TableMapping found = result.mapping();
        List<MappedColumn> lost = result.lost();
        if (!lost.isEmpty() && (!mayRemake || lost.stream().anyMatch(column -> column.keyPosition() > 0))) {
            throw DriftErrors.columnsMissing(found, lost);
        }
        int there = found.columns().size() - lost.size();
        TableMapping without = found.withColumns(found.columns().subList(0, there));
        TargetTable shape = TableShape.of(without, nowhere(without));
        state.shadow = transaction.hasShadow(shape);
        transaction.requireFit(shape, loadBegins || state.shadow);
        if (!lost.isEmpty() && state.shadow) {
            transaction.beginShadow(shape); // it is begun again anyhow, and gets the columns with the table
        }
        for (MappedColumn column : lost) {
            LOG.info("{}: the column '{}' is made again", found.target(), column.targetName());
            transaction.addColumn(shape, TableShape.value(column, -1));
        }
        state.mapping = found;
        state.otherColumns = Reconciliation.otherColumns(found, existing, mappings.names());
        state.target = TableShape.of(found, nowhere(found));
    }

    private static int[] nowhere(TableMapping mapping) {
        int[] nowhere = new int[mapping.columns().size()];
        Arrays.fill(nowhere, -1);
        return nowhere;
    }

    /**
     * The window is about to be committed. That a load no longer goes straight into its table is stored before: were it stored after, a crash in
     * between would have the table's next load empty it under its readers. The other way round only costs a shadow.
     */
    void committing() {
        List<TableMapping> before = new ArrayList<>();
        List<TableMapping> meant = new ArrayList<>();
        for (TableState state : states.values()) {
            TableMapping stored = mappings.remembered(state.mapping.source());
            if (!state.mappingChanged) {
                continue;
            }
            if (state.mapping.made() && !state.mapping.columns().equals(stored.columns())) {
                meant.add(state.mapping);
            }
            if (!stored.target().equals(state.mapping.target())) {
                before.add(stored.to(state.mapping.target())); // a name is settled before its table is made
            } else if (!state.mapping.loadingDirectly() && stored.loadingDirectly()) {
                before.add(stored.withLoadingDirectly(false));
            }
        }
        if (!before.isEmpty() || !meant.isEmpty()) {
            mappings.committing(before, meant);
        }
    }

    /** The window is committed: remembers what it changed. */
    void committed() {
        List<TableMapping> changed = new ArrayList<>();
        for (TableState state : states.values()) {
            if (state.mappingChanged) {
                if (state.mapping.identity().equals(ExistingTable.Identity.NONE)) { // made in this window
                    destination
                            .describe(state.mapping.target())
                            .ifPresent(made -> state.mapping = state.mapping.withIdentity(made.identity()));
                }
                changed.add(state.mapping);
                state.mappingChanged = false;
            }
        }
        if (!changed.isEmpty()) {
            mappings.remember(changed);
        }
        for (TableState state : states.values()) {
            if (state.loadBegan) {
                parts.choices().loadBegan(state.mapping.source(), state.words.choice());
                state.loadBegan = false;
            }
            if (state.noted) {
                parts.notes().put(state.mapping.source(), state.note);
                state.noted = false;
            }
        }
    }
}
