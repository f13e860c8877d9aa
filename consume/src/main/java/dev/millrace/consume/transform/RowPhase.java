package dev.millrace.consume.transform;

import dev.millrace.storage.event.Schema;
import java.util.Optional;

/** One way of changing events: a run of steps, a script, a conversion. Immutable; safe from any thread. */
public interface RowPhase {
    /** For messages and failed events, the same at every start; for example {@code transform 2}. */
    String name();

    /**
     * What the phase does to rows of {@code input}; empty when it has nothing to do with them. Asked once per schema version and thread.
     *
     * @throws dev.millrace.config.error.MillraceException USER when the phase can't work on such rows (a column that is not there, a type that
     *     doesn't fit): the pipeline stops and shows it
     */
    Optional<RowProgram> compile(Schema input);

    /** A window with events of this phase is about to be committed: what it has noted of them elsewhere is on disk when this returns. */
    default void committing() {}
}
