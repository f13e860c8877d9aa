package dev.millrace.consume.transform;

import dev.millrace.storage.event.Schema;
import java.util.List;

/** A phase made ready for rows of one schema. Confined to one thread; keeps nothing from one event to the next. */
public interface RowProgram {
    /**
     * The schemas rows may leave with, never empty; each of another table, in the input's version: a table's shape is a function of the
     * version and the definition. What concerns the table as a whole (TRUNCATE, the begin and end of a historical load) is repeated for each.
     */
    List<Schema> outputs();

    /** What somebody who checks the pipeline should know about these rows; mostly nothing. */
    default List<String> warnings() {
        return List.of();
    }

    /**
     * Writes what becomes of the event: no row, one, or several. What was written before a failure is taken back.
     *
     * @param event a row (READ, INSERT, UPDATE, DELETE); its cells are valid during the call
     * @throws EventFailure when the event can't pass
     */
    void apply(EventView event, EventSink sink);
}
