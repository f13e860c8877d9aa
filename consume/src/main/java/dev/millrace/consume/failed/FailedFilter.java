package dev.millrace.consume.failed;

import java.util.Optional;
import java.util.Set;

/**
 * Which failed events are meant; an empty part leaves it open.
 *
 * @param object the source's table, {@code schema.table}
 * @param ids if any, only these
 * @param parkedOnly not those that were skipped, are too old or obsolete
 */
public record FailedFilter(
        Optional<String> object,
        Optional<Failure.Phase> phase,
        Optional<String> code,
        Set<EventPlace> ids,
        boolean parkedOnly) {
    /** Every event that is parked. */
    public static final FailedFilter ALL =
            new FailedFilter(Optional.empty(), Optional.empty(), Optional.empty(), Set.of(), true);

    public FailedFilter {
        ids = Set.copyOf(ids);
    }

    public boolean accepts(FailedEvent event) {
        return (!parkedOnly || event.parked())
                && (ids.isEmpty() || ids.contains(event.place()))
                && object.map(event.table().toString()::equals).orElse(true)
                && phase.map(event.failure().phase()::equals).orElse(true)
                && code.map(event.failure().code()::equals).orElse(true);
    }

    FailedFilter ofParked() {
        return new FailedFilter(object, phase, code, ids, true);
    }
}
