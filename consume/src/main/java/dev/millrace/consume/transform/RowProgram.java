package dev.millrace.consume.transform;

import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import java.util.List;
import java.util.Optional;

/** A phase made ready for rows of one schema. Confined to one thread; keeps nothing from one event to the next. */
public interface RowProgram {
    /**
     * The schemas rows may leave with, never empty; each of another table, in the input's version: a table's shape is a function of the
     * version and the definition. What concerns the table as a whole (TRUNCATE, the begin and end of a historical load) is repeated for each.
     */
    List<Schema> outputs();

    /** The schemas of {@link #outputs} whose tables are told what concerns the table as a whole. */
    default List<Schema> outputs(Operation control) {
        return outputs();
    }

    /** Why UPDATEs and DELETEs of these rows can't pass unless they carry the whole row before; mostly nothing. */
    default Optional<String> needsWholeRows() {
        return Optional.empty();
    }

    /**
     * Writes what becomes of the event: no row, one, or several. What was written before a failure is taken back.
     *
     * @param event a row (READ, INSERT, UPDATE, DELETE); its cells are valid during the call
     * @throws EventFailure when the event can't pass
     */
    void apply(EventView event, EventSink sink);
}
