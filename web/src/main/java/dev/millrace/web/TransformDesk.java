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
     * Runs a transformation on the newest events of a pipeline's log, and touches nothing.
     *
     * @param request {@code object} (a table, or empty for all), {@code samples} (how many events) and {@code transform}: the stored form of
     *     the text to try; without it the one that is deployed
     * @return per event {@code eventId}, {@code logIndex}, {@code input} and {@code steps}
     * @throws dev.millrace.config.error.MillraceException of category USER for what doesn't fit
     */
    List<Map<String, Object>> transformTest(String pipeline, JsonNode request);
}
