package dev.millrace.consume.testing;

import dev.millrace.storage.event.Operation;
import java.util.List;

/**
 * What a table has to hold, worked out event by event, as if each were a window of its own: every column but the time it was loaded. An
 * independent statement of what the modes of loading are, in maps and lists.
 */
interface TableModel {
    /** A row or a truncation, at the source's table; a beginning or an end of a load. */
    default void apply(EventCells event) {
        Operation operation = event.reader().operation();
        switch (operation) {
            case LOAD_STARTED -> loadStarted();
            case LOAD_COMPLETED -> loadCompleted(event.ingestedAt());
            case TRUNCATE -> truncate(event);
            case DELETE -> delete(event);
            case READ, INSERT, UPDATE -> put(event);
        }
    }

    void put(EventCells event);

    void delete(EventCells event);

    void truncate(EventCells event);

    void loadStarted();

    void loadCompleted(long atMicros);

    /** What the table shows, in no order; while it is loaded again that is what was before. */
    List<String> rows();

    /** Selects what {@link #rows} tells. */
    String query(Columns columns);

    /** The form that a destination gives times and flags in. */
    interface Columns {
        /** SQL for the microseconds of an instant. */
        String micros(String column);

        /** SQL for 1 or 0. */
        default String flag(String column) {
            return "CASE WHEN " + column + " THEN 1 ELSE 0 END";
        }
    }
}
