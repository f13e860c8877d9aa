package dev.millrace.app.transform;

import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.failed.FailedEvent;
import dev.millrace.consume.failed.Failure;
import dev.millrace.consume.transform.Rehearsal;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.web.FailedPhaseInput;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** What a failed event, of which the source's form is kept, is when it comes into the phase that it failed in. Stateless. */
public final class PhaseInput {
    private static final String MASK = "***";

    private PhaseInput() {}

    /**
     * @param values the event as it was read
     * @param rehearsal runs the phases as they are now; asked for only where the event has been through some
     * @param clear whether values are told
     */
    public static FailedPhaseInput of(
            FailedEvent event, StoredBatch values, Supplier<Rehearsal> rehearsal, boolean clear) {
        Failure failure = event.failure();
        if (failure.isBehind()
                || failure.phase() == Failure.Phase.VALIDATE
                || !event.operation().hasCells()) {
            return FailedPhaseInput.AS_READ;
        }
        try {
            return of(failure.phase(), rehearsal.get().run(values), clear);
        } catch (MillraceException e) { // a phase that has nothing it can do with such rows at all
            return new FailedPhaseInput(List.of(), e.getMessage());
        }
    }

    private static FailedPhaseInput of(Failure.Phase phase, Rehearsal.Outcome outcome, boolean clear) {
        List<Rehearsal.Row> rows = List.of();
        Optional<Rehearsal.Step> refused = Optional.empty();
        boolean dropped = false;
        for (Rehearsal.Step step : outcome.steps()) {
            if (step.refusal().isPresent()) {
                refused = Optional.of(step);
            } else {
                rows = step.rows();
                dropped = rows.isEmpty();
            }
        }
        String note = "";
        if (dropped) {
            note = "The transformation drops it now.";
        } else if (phase == Failure.Phase.TRANSFORM && refused.isEmpty()) {
            note = "It passes the transformation now.";
        } else if (refused.isPresent()) {
            note = "It does not pass '" + refused.get().phase() + "' now" + why(refused.get(), clear) + ".";
        }
        return new FailedPhaseInput(rows.stream().map(row -> row(row, clear)).toList(), note);
    }

    /** In a script's words, which may hold values. */
    private static String why(Rehearsal.Step refused, boolean clear) {
        return clear ? refused.refusal().map(refusal -> ": " + refusal.why()).orElse("") : "";
    }

    private static FailedPhaseInput.Row row(Rehearsal.Row row, boolean clear) {
        return new FailedPhaseInput.Row(
                row.table(), row.operation(), shown(row.values(), clear), shown(row.before(), clear));
    }

    private static Map<String, Object> shown(Map<String, Object> values, boolean clear) {
        if (clear) {
            return values;
        }
        Map<String, Object> masked = new LinkedHashMap<>();
        values.forEach((column, value) -> masked.put(column, value == null ? null : MASK));
        return masked;
    }
}
