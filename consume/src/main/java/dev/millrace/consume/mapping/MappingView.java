package dev.millrace.consume.mapping;

import dev.millrace.config.pipeline.MappingRules;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.consume.mapping.MappingChoice.Load;
import dev.millrace.consume.mapping.MappingNotes.Note;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import dev.millrace.storage.state.StateStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A pipeline's objects and what becomes of them at the destination, to be shown. Read from the state store; from any thread, with or without a
 * running pipeline.
 *
 * @param objects by name
 */
public record MappingView(List<MappedObject> objects) {
    /** How an object stands. */
    public enum Status {
        /** As it is named at the source. */
        AUTO_MAPPED,
        /** As the definition or a user says. */
        MAPPED,
        /** A historical load of it is under way or to come. */
        IN_PROGRESS,
        /** Not loaded. */
        SKIPPED,
        /** For a user: to approve of it, or of what its rows need, or to choose what is to become of a table that has changed. */
        WAITING
    }

    /**
     * One object.
     *
     * @param object as transformations leave it
     * @param source the source's own object that it comes from
     * @param target where it goes, or would go
     * @param made whether the table was made, as far as it is known
     * @param code why its events are parked, as of the error that says so; empty while they aren't
     * @param why in words; empty while all is well
     * @param remedy what to do about it
     * @param columns those that are loaded first, then those that are left out
     * @param proposals open ones
     * @param rejected proposals that were rejected
     */
    public record MappedObject(
            TableName object,
            TableName source,
            TargetName target,
            boolean made,
            Status status,
            String code,
            String why,
            String remedy,
            List<ColumnView> columns,
            List<Proposal> proposals,
            List<Proposal> rejected) {
        public MappedObject {
            columns = List.copyOf(columns);
            proposals = List.copyOf(proposals);
            rejected = List.copyOf(rejected);
        }

        /** Whether something of it waits for a user. */
        public boolean waits() {
            return status == Status.WAITING || !proposals.isEmpty();
        }
    }

    /** What becomes of a column. */
    public enum ColumnState {
        MAPPED,
        RENAMED,
        /** Not loaded: skipped by the definition, or it waits for approval. */
        LEFT_OUT,
        /** The source has it no more. */
        DROPPED
    }

    /**
     * A column.
     *
     * @param target its name at the destination; empty where it is left out
     * @param type the least type that the destination's column has, as the source's; empty where it is left out
     */
    public record ColumnView(
            String source, String target, String sourceType, String type, boolean key, ColumnState state) {}

    public MappingView {
        objects = List.copyOf(objects);
    }

    /** @param rules the definition's */
    public static MappingView of(StateStore state, String pipeline, MappingRules rules) {
        MappingChoices choices = new MappingChoices(pipeline, state);
        Map<TableName, Note> notes = MappingChoices.notes(pipeline, state);
        List<MappedObject> objects = new ArrayList<>();
        for (TableMapping mapping : choices.mappings()) {
            TableName table = mapping.source();
            objects.add(object(
                    mapping,
                    choices.of(table),
                    rules.of(table.schema(), table.name()),
                    notes.getOrDefault(table, Note.NONE)));
        }
        return new MappingView(objects);
    }

    /** How many objects wait for a user. */
    public long waiting() {
        return objects.stream().filter(MappedObject::waits).count();
    }

    private static MappedObject object(TableMapping mapping, MappingChoice choice, MappingRules.Rule rule, Note note) {
        Status status = status(mapping, choice, rule, note);
        boolean forApproval = choice.isWaiting(rule, mapping.made()) && status == Status.WAITING;
        boolean shown = note.refused() && status == Status.WAITING;
        List<Proposal> open = new ArrayList<>();
        List<Proposal> rejected = new ArrayList<>();
        for (Proposal proposal : status == Status.SKIPPED ? List.<Proposal>of() : note.proposals()) {
            if (choice.rejects(proposal)) {
                rejected.add(proposal);
            } else if (!choice.accepts(proposal)) {
                open.add(proposal);
            }
        }
        TableName object = mapping.source();
        TableName source = mapping.object();
        return new MappedObject(
                object,
                source,
                choice.to().orElse(mapping.target()),
                mapping.made(),
                status,
                shown ? note.code() : "",
                forApproval ? "it is new, and is loaded once it is approved" : shown ? note.why() : "",
                forApproval
                        ? "millrace mapping approve '" + object + "'"
                        : shown ? note.remedy() : answers(object, open),
                columns(mapping),
                open,
                rejected);
    }

    private static String answers(TableName object, List<Proposal> open) {
        return open.isEmpty()
                ? ""
                : "Run 'millrace mapping approve '" + object
                        + "'' to have done what is proposed, with a load of the object where that needs"
                        + " one, or 'millrace mapping reject '" + object + "'' to leave it as it is.";
    }

    private static Status status(TableMapping mapping, MappingChoice choice, MappingRules.Rule rule, Note note) {
        if (choice.isSkipped(rule)) {
            return Status.SKIPPED;
        }
        if (choice.isWaiting(rule, mapping.made())) {
            return Status.WAITING;
        }
        boolean loadToCome = choice.load() == Load.WANTED || choice.load() == Load.FROM_THERE;
        if (loadToCome || mapping.loadingDirectly() && !note.refused()) {
            return Status.IN_PROGRESS;
        }
        if (note.refused()) {
            return Status.WAITING;
        }
        return rule.says() || choice.to().isPresent() || choice.approved() ? Status.MAPPED : Status.AUTO_MAPPED;
    }

    private static List<ColumnView> columns(TableMapping mapping) {
        List<ColumnView> columns = new ArrayList<>();
        List<ColumnView> behind = new ArrayList<>();
        for (MappedColumn column : mapping.columns()) {
            boolean left = mapping.leftOut().stream()
                    .anyMatch(each -> each.sourceName().equals(column.sourceName()));
            if (left) {
                continue;
            }
            ColumnState state = column.dropped()
                    ? ColumnState.DROPPED
                    : column.sourceName().equals(column.targetName()) ? ColumnState.MAPPED : ColumnState.RENAMED;
            (column.dropped() ? behind : columns)
                    .add(new ColumnView(
                            column.sourceName(),
                            column.targetName(),
                            shown(column.sourceType()),
                            shown(column.type()),
                            column.keyPosition() > 0,
                            state));
        }
        for (TableMapping.LeftOut column : mapping.leftOut()) {
            behind.add(new ColumnView(column.sourceName(), "", shown(column.type()), "", false, ColumnState.LEFT_OUT));
        }
        columns.addAll(behind);
        return columns;
    }

    /** As definitions write it: {@code decimal(12,2)}. */
    public static String shown(DataType type) {
        String word = type.type().name().toLowerCase(Locale.ROOT);
        if (type.type() == Type.DECIMAL && type.precision() > 0) {
            return word + "(" + type.precision() + "," + type.scale() + ")";
        }
        return type.length() > 0 ? word + "(" + type.length() + ")" : word;
    }
}
