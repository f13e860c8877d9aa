package dev.millrace.web;

import java.util.List;
import java.util.Map;

/**
 * A failed event with its values.
 *
 * @param masked whether {@code ***} stands for each value
 * @param values by column, null for an event without a row or one that was given up; columns of {@code unchanged} are missing
 * @param before the row before, null where that isn't known
 */
public record FailedEventValues(
        FailedEventStatus event,
        boolean masked,
        Map<String, Object> values,
        Map<String, Object> before,
        List<String> unchanged) {}
