package dev.millrace.web;

import java.util.List;
import java.util.Map;

/**
 * A failed event with its values as the source had them, and as its phase gets them.
 *
 * @param masked whether {@code ***} stands for each value
 * @param values by column, null for an event without a row or one that was given up; columns of {@code unchanged} are missing
 * @param before the row before, null where that isn't known
 */
public record FailedEventDetail(
        FailedEventStatus event,
        boolean masked,
        Map<String, Object> values,
        Map<String, Object> before,
        List<String> unchanged,
        FailedPhaseInput intoPhase) {
    /** Of the same event. */
    public FailedEventDetail(FailedEventValues values, FailedPhaseInput intoPhase) {
        this(values.event(), values.masked(), values.values(), values.before(), values.unchanged(), intoPhase);
    }
}
