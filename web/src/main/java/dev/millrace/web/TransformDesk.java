package dev.millrace.web;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** What the web asks of transformations. Called as {@link Installation} is; {@link #transformTest} may take some seconds. */
public interface TransformDesk {
    /**
     * The transformations that were deployed to a pipeline, oldest first: {@code number}, {@code fromIndex}, {@code who}, {@code when}, {@code
     * hash}, {@code text}.
     *
     * @throws dev.millrace.config.error.MillraceException of category USER when there is no such pipeline
     */
    List<Map<String, Object>> transformVersions(String pipeline);

    /**
     * Runs a transformation, the destination's conversion of JSON included, on the newest events of a pipeline's log, on failed ones or on pasted
     * ones, and touches nothing.
     *
     * @param request {@code object} (a table, or empty for all), {@code samples} (how many events), {@code transform}: the stored form of
     *     the text to try, without it the one that is deployed; {@code json}: {@code strategy}, {@code depth} and {@code columns}, without it the
     *     destination's own; {@code failed}: {@code ids}, {@code phase} and {@code code}, which of the failed events; {@code events}: pasted
     *     ones, a JSON document a line
     * @return per event {@code eventId}, {@code logIndex}, {@code input} and {@code steps}: by phase its name, {@code rows} and, for each of
     *     these, in {@code differences} which columns it added, changed and removed; or {@code refusal}
     * @throws dev.millrace.config.error.MillraceException of category USER for what doesn't fit
     */
    List<Map<String, Object>> transformTest(String pipeline, JsonNode request);
}
