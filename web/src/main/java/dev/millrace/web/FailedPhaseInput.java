package dev.millrace.web;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A failed event as it comes into the phase that it failed in, made anew of the source's event by the phases before as they are defined now.
 *
 * @param rows what it has become by then; none where it comes there as the source has it, or {@code note} says why
 * @param note why there are none, or that it passes by now; may be empty
 */
public record FailedPhaseInput(List<Row> rows, String note) {
    /** Nothing to be told: the phase gets the source's event. */
    public static final FailedPhaseInput AS_READ = new FailedPhaseInput(List.of(), "");

    /**
     * One of the rows.
     *
     * @param table as phases leave it
     * @param values by column, masked as those of the event
     * @param before the row before, as far as it is known
     */
    public record Row(String table, String operation, Map<String, Object> values, Map<String, Object> before) {
        public Row {
            Objects.requireNonNull(table);
            Objects.requireNonNull(operation);
            Objects.requireNonNull(values);
            Objects.requireNonNull(before);
        }
    }

    public FailedPhaseInput {
        rows = List.copyOf(rows);
        Objects.requireNonNull(note);
    }
}
