package dev.millrace.ingest.engine;

import dev.millrace.config.error.Nearest;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.state.StateChanges;
import dev.millrace.storage.state.StateStore;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tables that are to be loaded again, by a user's wish or because their content has changed without events. Kept in the state store until
 * the batch that sends the table back to its beginning is durable, so that no crash forgets one; a crash in between may load a table twice.
 * Any thread.
 */
final class ReloadRequests {
    private static final int MOST = 100_000;

    private static final Logger LOG = LoggerFactory.getLogger(ReloadRequests.class);

    private final StateStore state;
    private final String pipeline;
    private final String prefix;
    private final Set<TableName> waiting = new TreeSet<>();

    ReloadRequests(StateStore state, String pipeline) {
        this.state = state;
        this.pipeline = pipeline;
        this.prefix = "reload/" + pipeline + "/";
    }

    /** Durable when it returns. */
    synchronized void add(TableName table) {
        if (!waiting.contains(table)) {
            state.write(new StateChanges().put(StateStore.Kind.PIPELINE, key(table), ProgressCodec.table(table)), true);
            waiting.add(table);
        }
    }

    /** Those kept from before. */
    synchronized void restore() {
        for (Map.Entry<String, byte[]> entry : state.list(StateStore.Kind.PIPELINE, prefix, MOST)) {
            waiting.add(ProgressCodec.table(entry.getValue()));
        }
    }

    /** Those not yet applied. */
    synchronized Set<TableName> waiting() {
        return Set.copyOf(waiting);
    }

    /** Says which of those that wait are not among {@code known}, and can't be loaded again therefore. */
    void tellUnknown(Set<TableName> known, List<LoadStatus> objects) {
        for (TableName table : waiting()) {
            if (!known.contains(table)) {
                List<String> names =
                        objects.stream().map(load -> load.table().toString()).toList();
                LOG.warn(
                        "{}: {} can't be loaded again: it is none of the pipeline's objects{}",
                        pipeline,
                        table,
                        Nearest.to(table.toString(), names)
                                .map(name -> "; the nearest is '" + name + "'")
                                .orElse(""));
            }
        }
    }

    /** The tables stand at their beginning again, in the log too, though perhaps not durably yet. */
    synchronized void applied(Set<TableName> tables) {
        waiting.removeAll(tables);
    }

    /** The log has them durably now. */
    synchronized void done(Set<TableName> tables) {
        StateChanges changes = new StateChanges();
        tables.stream()
                .filter(table -> !waiting.contains(table))
                .forEach(table -> changes.delete(StateStore.Kind.PIPELINE, key(table)));
        if (!changes.changes().isEmpty()) {
            state.write(changes, false);
        }
    }

    private String key(TableName table) {
        return prefix + ProgressCodec.load(table);
    }
}
