package dev.millrace.app.pipeline;

import dev.millrace.storage.state.StateChanges;
import dev.millrace.storage.state.StateStore;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a user has asked of a pipeline that was not running; taken up at its next start. Durable when a call returns; any thread. */
public final class Wishes {
    private static final int MOST = 10_000;
    /** The object that stands for the whole pipeline, from the beginning. */
    public static final String BEGIN_AGAIN = "*";

    private final StateStore state;
    private final String prefix;

    public Wishes(StateStore state, String pipeline) {
        this.state = state;
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

    /** All are taken up. */
    void clear() {
        state.write(new StateChanges().deletePrefix(StateStore.Kind.PIPELINE, prefix), true);
    }
}
