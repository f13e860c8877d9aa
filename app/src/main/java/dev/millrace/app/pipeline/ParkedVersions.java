package dev.millrace.app.pipeline;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.consume.failed.FailedGroup;
import dev.millrace.consume.failed.FailedQueue;
import dev.millrace.consume.mapping.MappingView;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.state.StateStore;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Parked events of objects whose versions are kept. A load of such an object makes them obsolete, and their versions are missing in its history
 * for good; in the other modes the load brings what they would have brought. Any thread.
 */
public final class ParkedVersions {
    private static final Logger LOG = LoggerFactory.getLogger(ParkedVersions.class);
    private static final int MOST_NAMED = 5;

    private final PipelineDefinition definition;
    private final FailedQueue failed;
    private final StateStore state;

    public ParkedVersions(PipelineDefinition definition, FailedQueue failed, StateStore state) {
        this.definition = definition;
        this.failed = failed;
        this.state = state;
    }

    /** How many there are of each object. */
    private Map<TableName, Long> counts() {
        Map<TableName, Long> counts = new TreeMap<>();
        for (Map.Entry<FailedGroup, FailedGroup.Figures> group : failed.groups().entrySet()) {
            counts.merge(group.getKey().table(), group.getValue().events(), Long::sum);
        }
        if (!counts.isEmpty()) {
            MappingView mapped = MappingView.of(state, definition.name(), definition.mapping());
            counts.keySet().removeIf(table -> !keepsVersions(table, mapped.objects()));
        }
        return counts;
    }

    /** By the names that transformations give it, and its own where nothing was made of it yet. */
    private boolean keepsVersions(TableName table, List<MappingView.MappedObject> mapped) {
        List<MappingView.MappedObject> own =
                mapped.stream().filter(object -> object.source().equals(table)).toList();
        return own.isEmpty()
                ? mode(table, true) == LoadMode.HISTORY
                : own.stream()
                        .anyMatch(object ->
                                mode(object.object(), object.columns().stream().anyMatch(MappingView.ColumnView::key))
                                        == LoadMode.HISTORY);
    }

    private LoadMode mode(TableName object, boolean keyed) {
        return definition.load().of(object.schema(), object.name()).mode(keyed);
    }

    /**
     * That a load makes none obsolete.
     *
     * @param table the source's object; empty: every one
     * @throws MillraceException USER PARKED_VERSIONS when it would
     */
    public void requireNone(Optional<TableName> table) {
        Map<TableName, Long> counts = of(table);
        if (!counts.isEmpty()) {
            long events = counts.values().stream().mapToLong(Long::longValue).sum();
            throw MillraceException.user(
                    "PARKED_VERSIONS",
                    "A load of " + table.map(TableName::toString).orElse("everything") + " would lose versions",
                    events + " parked events are of objects with a history (" + named(counts)
                            + "): once they are loaded again these are obsolete, and their versions are missing",
                    "Replay them first: millrace failed replay "
                            + table.map(one -> "--object " + one).orElse("--all") + " --pipeline "
                            + definition.name() + ". To do without these versions: millrace reload "
                            + table.map(TableName::toString).orElse("--all") + " --anyway");
        }
    }

    /** Says that a load, which is wanted all the same, makes some obsolete. */
    void tell(TableName table) {
        Map<TableName, Long> counts = of(Optional.of(table));
        if (!counts.isEmpty()) {
            LOG.warn(
                    "pipeline {}: {} is loaded again, and so the parked events of its history are obsolete: {}",
                    definition.name(),
                    table,
                    counts.get(table));
        }
    }

    private Map<TableName, Long> of(Optional<TableName> table) {
        Map<TableName, Long> counts = counts();
        table.ifPresent(one -> counts.keySet().removeIf(other -> !other.equals(one)));
        return counts;
    }

    private static String named(Map<TableName, Long> counts) {
        String some = counts.entrySet().stream()
                .limit(MOST_NAMED)
                .map(entry -> entry.getKey() + ": " + entry.getValue())
                .collect(Collectors.joining(", "));
        return counts.size() > MOST_NAMED ? some + ", …" : some;
    }
}
