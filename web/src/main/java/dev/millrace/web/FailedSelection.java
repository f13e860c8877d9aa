package dev.millrace.web;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Which of a pipeline's failed events are meant; an empty part leaves it open.
 *
 * @param object {@code schema.table} at the source
 * @param phase validate, transform, map or load
 * @param code why they failed
 * @param ids if any, only these
 * @param givenUp also those that were skipped, are obsolete or too old
 */
public record FailedSelection(
        Optional<String> object, Optional<String> phase, Optional<String> code, List<String> ids, boolean givenUp) {
    public FailedSelection {
        Objects.requireNonNull(object);
        Objects.requireNonNull(phase);
        Objects.requireNonNull(code);
        ids = List.copyOf(ids);
    }

    /** Whether events of such a group may be meant. */
    boolean accepts(FailedGroupStatus group) {
        return object.map(group.object()::equals).orElse(true)
                && phase.map(group.phase()::equalsIgnoreCase).orElse(true)
                && code.map(group.code()::equals).orElse(true);
    }

    /** Whether all are meant. */
    public boolean isAll() {
        return object.isEmpty() && phase.isEmpty() && code.isEmpty() && ids.isEmpty();
    }
}
