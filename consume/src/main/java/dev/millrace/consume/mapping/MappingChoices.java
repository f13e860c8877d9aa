package dev.millrace.consume.mapping;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.config.pipeline.MappingRules;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.consume.mapping.MappingChoice.Load;
import dev.millrace.consume.mapping.MappingNotes.Note;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.state.StateChanges;
import dev.millrace.storage.state.StateStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/**
 * What users choose to become of a pipeline's objects at the destination, in the state store. A choice is durable when its call returns, and
 * all that follows of it is derived from it: the consumer reads it before the next window, and {@link #awaited} says which objects are to
 * be loaded again, until the beginning of such a load is committed at the destination. So a crash between a choice and its effect loses
 * neither. Thread-safe; while a pipeline runs, all use the one instance of its runtime.
 *
 * <p>Objects are named as transformations leave them; those of the source that they come from are in their {@link TableMapping#object()}.
 */
public final class MappingChoices {
    private static final int MAX_TABLES = 1_000_000;

    private final StateStore state;
    private final String pipeline;
    private volatile long version;

    public MappingChoices(String pipeline, StateStore state) {
        this.pipeline = pipeline;
        this.state = state;
    }

    /** Grows with every choice. */
    public long version() {
        return version;
    }

    /** {@link MappingChoice#NONE} where nothing was chosen. */
    public MappingChoice of(TableName table) {
        return state.get(StateStore.Kind.MAPPING, key(table))
                .map(MappingChoiceCodec::decode)
                .orElse(MappingChoice.NONE);
    }

    /** The table is made again, or gets again the columns that it has lost, where its next load begins; it is loaded again. */
    public void recreate(TableName table) {
        require(table);
        change(table, choice -> choice.atLeast(Load.WANTED));
    }

    /** It isn't loaded any more; the table stays as it is. */
    public void skip(TableName table) {
        require(table);
        change(table, choice -> choice.withSkipped(true).with(Load.FROM_THERE));
    }

    /** It is loaded again, from its beginning. */
    public void unskip(TableName table) {
        require(table);
        change(table, choice -> choice.withSkipped(false).withApproved().with(Load.FROM_THERE));
    }

    /**
     * It is loaded into another table, from its beginning; the one it had stays as it is.
     *
     * @throws MillraceException USER TARGET_TAKEN where another object goes there
     */
    public void moveTo(TableName table, TargetName other) {
        TableMapping mapping = require(table);
        for (TableMapping each : mappings()) {
            if (!each.source().equals(table) && other.equals(targetOf(each))) {
                throw MillraceException.user(
                        "TARGET_TAKEN",
                        "'" + table + "' can't be loaded into '" + other + "'",
                        "'" + each.source() + "' goes there",
                        "Name another table, or move '" + each.source() + "' first.");
            }
        }
        boolean there = other.equals(targetOf(mapping));
        change(table, choice -> choice.withTo(other).withApproved().with(there ? choice.load() : Load.FROM_THERE));
    }

    private TargetName targetOf(TableMapping mapping) {
        return of(mapping.source()).to().orElse(mapping.target());
    }

    /**
     * Approves of the object itself where it waits for that, and of all its open proposals.
     *
     * @return what was approved, in words; empty when nothing waited
     */
    public List<String> approve(TableName table, MappingRules rules) {
        TableMapping mapping = require(table);
        List<String> told = new ArrayList<>();
        MappingRules.Rule rule = rules.of(table.schema(), table.name());
        if (of(table).isWaiting(rule, mapping.made())) {
            change(table, choice -> choice.withApproved().with(Load.FROM_THERE));
            told.add("'" + table + "' is mapped and loaded");
        }
        List<Proposal> proposals = proposals(table);
        if (!proposals.isEmpty()) {
            LoadMode mode = mapping.mode();
            boolean load = proposals.stream().anyMatch(proposal -> proposal.needsLoad(mode));
            change(table, choice -> {
                MappingChoice answered = answered(choice, proposals, true);
                return load ? answered.atLeast(Load.WANTED) : answered;
            });
            proposals.forEach(proposal -> told.add(proposal.approved(mode)));
        }
        return told;
    }

    /**
     * Rejects its open proposals; an object that waits for approval is skipped. Events that need what was rejected stay parked; what would have
     * come with the next load doesn't come with it, until the definition says something else or it is approved.
     *
     * @return what was rejected, in words; empty when nothing waited
     */
    public List<String> reject(TableName table, MappingRules rules) {
        TableMapping mapping = require(table);
        List<String> told = new ArrayList<>();
        MappingRules.Rule rule = rules.of(table.schema(), table.name());
        if (of(table).isWaiting(rule, mapping.made())) {
            skip(table);
            told.add("'" + table + "' is skipped");
        }
        List<Proposal> proposals = proposals(table);
        if (!proposals.isEmpty()) {
            change(table, choice -> answered(choice, proposals, false));
            proposals.forEach(proposal -> told.add(proposal.rejected()));
        }
        return told;
    }

    private List<Proposal> proposals(TableName table) {
        MappingChoice choice = of(table);
        return new MappingNotes(pipeline, state)
                .stored().getOrDefault(table, Note.NONE).proposals().stream()
                        .filter(proposal -> !choice.accepts(proposal))
                        .toList();
    }

    private static MappingChoice answered(MappingChoice choice, List<Proposal> proposals, boolean yes) {
        Set<String> accepted = new HashSet<>(choice.accepted());
        Set<String> rejected = new HashSet<>(choice.rejected());
        for (Proposal proposal : proposals) {
            (yes ? accepted : rejected).add(proposal.key());
            (yes ? rejected : accepted).remove(proposal.key());
        }
        return choice.withAnswers(accepted, rejected);
    }

    /** A user has asked for a load of the source's object: to be called before it is begun. What it becomes may be made again by it. */
    public void reloadAsked(TableName object) {
        for (TableMapping mapping : mappings()) {
            if (mapping.object().equals(object)) {
                change(mapping.source(), choice -> choice.atLeast(Load.ASKED));
            }
        }
    }

    /** As {@link #reloadAsked} for every object. */
    public void reloadAllAsked() {
        mappings().forEach(mapping -> change(mapping.source(), choice -> choice.atLeast(Load.ASKED)));
    }

    /** The consumer is about to pass over events of the table: from then on it is to be loaded from its beginning, should it ever be. */
    public void passingOver(TableName table) {
        if (of(table).load() != Load.FROM_THERE) {
            change(table, choice -> choice.with(Load.FROM_THERE));
        }
    }

    /**
     * The beginning of a load of the table is committed at the destination, with all that {@code known} wanted of it. What was chosen since
     * still waits for another.
     */
    public void loadBegan(TableName table, MappingChoice known) {
        change(table, choice -> choice.equals(known) ? choice.loaded() : choice);
    }

    /** The source's objects that are to be loaded again, by choice or because what holds them back has gone. */
    public Set<TableName> awaited(MappingRules rules) {
        Set<TableName> objects = new TreeSet<>();
        for (TableMapping mapping : mappings()) {
            MappingChoice choice = of(mapping.source());
            MappingRules.Rule rule =
                    rules.of(mapping.source().schema(), mapping.source().name());
            boolean wanted = choice.load() == Load.WANTED || choice.load() == Load.FROM_THERE;
            if (wanted && !choice.isSkipped(rule) && !choice.isWaiting(rule, mapping.made())) {
                objects.add(mapping.object());
            }
        }
        return objects;
    }

    /** The pipeline's mappings as they are remembered, by source. */
    public List<TableMapping> mappings() {
        return state.list(StateStore.Kind.MAPPING, pipeline + "/", MAX_TABLES).stream()
                .map(entry -> MappingCodec.decode(entry.getKey(), entry.getValue()))
                .sorted(Comparator.comparing(TableMapping::source))
                .toList();
    }

    /** What is remembered of the object; empty before its first event. */
    public Optional<TableMapping> mapping(TableName table) {
        String key = TableMappings.key(pipeline, table);
        return state.get(StateStore.Kind.MAPPING, key).map(bytes -> MappingCodec.decode(key, bytes));
    }

    private TableMapping require(TableName table) {
        return mapping(table)
                .orElseThrow(() -> MillraceException.user(
                        "OBJECT_NOT_MAPPED",
                        "Pipeline '" + pipeline + "' has no object '" + table + "'",
                        "no event of it has come to the destination's side yet",
                        "See 'millrace mapping list'."));
    }

    private synchronized void change(TableName table, UnaryOperator<MappingChoice> changed) {
        MappingChoice before = of(table);
        MappingChoice after = changed.apply(before);
        if (after.equals(before)) {
            return;
        }
        StateChanges changes = new StateChanges();
        if (after.equals(MappingChoice.NONE)) {
            changes.delete(StateStore.Kind.MAPPING, key(table));
        } else {
            changes.put(StateStore.Kind.MAPPING, key(table), MappingChoiceCodec.encode(after));
        }
        state.write(changes, true);
        version++;
    }

    /** No pipeline's name begins like that. */
    private String key(TableName table) {
        return "!" + pipeline + "/" + table.schema() + "\0" + table.name();
    }

    /** For messages: how a user chooses for the table. */
    static String command(TableName table) {
        return "millrace mapping set '" + table + "' ";
    }

    static Map<TableName, Note> notes(String pipeline, StateStore state) {
        return new MappingNotes(pipeline, state).stored();
    }
}
