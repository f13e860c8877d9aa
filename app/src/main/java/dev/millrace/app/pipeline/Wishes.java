package dev.millrace.app.pipeline;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.state.StateChanges;
import dev.millrace.storage.state.StateStore;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.StringJoiner;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a user has asked of a pipeline that was not running; taken up at its next start. Durable when a call returns; any thread. */
public final class Wishes {
    private static final int MOST = 10_000;
    /** The object that stands for the whole pipeline, from the beginning. */
    public static final String BEGIN_AGAIN = "*";

    private static final Logger LOG = LoggerFactory.getLogger(Wishes.class);

    private final StateStore state;
    private final String pipeline;
    private final String prefix;

    public Wishes(StateStore state, String pipeline) {
        this.state = state;
        this.pipeline = pipeline;
        this.prefix = "wish/" + pipeline + "/";
    }

    /** {@code object} as the user named it; {@code *} begins the whole pipeline again. */
    public void add(String object) {
        byte[] value = object.getBytes(StandardCharsets.UTF_8);
        state.write(new StateChanges().put(StateStore.Kind.PIPELINE, prefix + object, value), true);
    }

    boolean beginAgain() {
        return state.get(StateStore.Kind.PIPELINE, prefix + BEGIN_AGAIN).isPresent();
    }

    /** The objects to load again. */
    List<String> objects() {
        return state.list(StateStore.Kind.PIPELINE, prefix, MOST).stream()
                .map(entry -> new String(entry.getValue(), StandardCharsets.UTF_8))
                .filter(object -> !object.equals(BEGIN_AGAIN))
                .toList();
    }

    /**
     * Has each object that was asked for loaded again, and forgets the wishes. One that can't be kept keeps nothing else from it.
     *
     * @param reload throws USER for an object that the pipeline hasn't
     * @return what could not be done, and why; empty as a rule
     */
    String takeUp(Consumer<TableName> reload) {
        StringJoiner unmet = new StringJoiner(" ");
        for (String object : objects()) {
            try {
                reload.accept(PipelineRuntime.tableName(object));
            } catch (MillraceException e) {
                if (e.category() != Category.USER) {
                    throw e;
                }
                LOG.warn(
                        "pipeline {}: the reload of '{}', asked for while it did not run, is passed over: {}",
                        pipeline,
                        object,
                        e.getMessage());
                unmet.add("'" + object + "' is not loaded again, as was asked for while it did not run: "
                        + e.getMessage());
            }
        }
        clear();
        return unmet.toString();
    }

    /** All are taken up. */
    void clear() {
        state.write(new StateChanges().deletePrefix(StateStore.Kind.PIPELINE, prefix), true);
    }
}
