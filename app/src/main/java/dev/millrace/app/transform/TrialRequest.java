package dev.millrace.app.transform;

import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.failed.EventPlace;
import dev.millrace.consume.failed.FailedFilter;
import dev.millrace.consume.failed.Failure;
import dev.millrace.consume.json.JsonSettings;
import dev.millrace.consume.json.JsonStrategy;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * What is to be tried on which events.
 *
 * @param object a table, {@code schema.table} or {@code table}; empty for all
 * @param samples how many events of the log, or of the failed ones where none is named, at most
 * @param transform the stored form of the text to try, empty for no step; none: the pipeline's own
 * @param json what documents become; none: what the pipeline's destination says
 * @param pasted events that somebody wrote down, in place of those of the log
 * @param failed which of the failed events, in place of those of the log
 */
public record TrialRequest(
        String object,
        int samples,
        Optional<String> transform,
        Optional<JsonSettings> json,
        Optional<String> pasted,
        Optional<Failed> failed) {
    /** The most events of one trial. */
    public static final int MOST = 1_000;

    /** @param ids as {@code failed list} names them; empty for all that the rest says */
    public record Failed(List<String> ids, Optional<String> phase, Optional<String> code) {
        public Failed {
            ids = List.copyOf(ids);
            Objects.requireNonNull(phase);
            Objects.requireNonNull(code);
        }

        /** @throws MillraceException USER when an id or the phase is none */
        FailedFilter filter(String object) {
            Set<EventPlace> places = new HashSet<>();
            ids.forEach(id -> places.add(EventPlace.parse(id)));
            Optional<String> named = Optional.of(object).filter(name -> !name.isEmpty());
            return new FailedFilter(named, phase.map(Failure.Phase::named), code, places, true);
        }
    }

    public TrialRequest {
        Objects.requireNonNull(object);
        Objects.requireNonNull(transform);
        Objects.requireNonNull(json);
        Objects.requireNonNull(pasted);
        Objects.requireNonNull(failed);
        if (samples < 1 || samples > MOST) {
            throw MillraceException.user(
                    "ARGUMENTS_INVALID", samples + " events are out of range", "", "Ask for 1 to 1,000.");
        }
        if (pasted.isPresent() && failed.isPresent()) {
            throw MillraceException.user(
                    "ARGUMENTS_INVALID", "Pasted events and failed events don't go together", "", "Ask for either.");
        }
    }

    /** As it is asked of a running process. */
    public Map<String, Object> document() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("object", object);
        document.put("samples", samples);
        transform.ifPresent(text -> document.put("transform", text));
        json.ifPresent(its -> document.put(
                "json", Map.of("strategy", name(its.strategy()), "depth", its.depth(), "columns", its.columns())));
        pasted.ifPresent(lines -> document.put("events", lines));
        failed.ifPresent(its -> {
            Map<String, Object> chosen = new LinkedHashMap<>();
            chosen.put("ids", its.ids());
            its.phase().ifPresent(phase -> chosen.put("phase", phase));
            its.code().ifPresent(code -> chosen.put("code", code));
            document.put("failed", chosen);
        });
        return document;
    }

    /** @throws MillraceException USER for what doesn't fit */
    static TrialRequest of(JsonNode document) {
        JsonNode json = document.path("json");
        JsonNode failed = document.path("failed");
        return new TrialRequest(
                document.path("object").asString(""),
                document.path("samples").asInt(10),
                text(document, "transform"),
                json.isObject() ? Optional.of(json(json)) : Optional.empty(),
                text(document, "events"),
                failed.isObject() ? Optional.of(failed(failed)) : Optional.empty());
    }

    private static Failed failed(JsonNode document) {
        List<String> ids =
                document.path("ids").valueStream().map(id -> id.asString("")).toList();
        return new Failed(ids, text(document, "phase"), text(document, "code"));
    }

    private static JsonSettings json(JsonNode document) {
        String asked = document.path("strategy").asString("");
        JsonStrategy strategy = Arrays.stream(JsonStrategy.values())
                .filter(each -> name(each).equals(asked))
                .findFirst()
                .orElseThrow(() -> MillraceException.user(
                        "ARGUMENTS_INVALID",
                        "'" + asked + "' is nothing that JSON can become",
                        "",
                        "Give one of: "
                                + Arrays.stream(JsonStrategy.values())
                                        .map(TrialRequest::name)
                                        .collect(Collectors.joining(", "))));
        return new JsonSettings(
                strategy,
                document.path("depth").asInt(JsonSettings.DEFAULT_DEPTH),
                document.path("columns").asInt(JsonSettings.DEFAULT_COLUMNS));
    }

    private static String name(JsonStrategy strategy) {
        return strategy.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Optional<String> text(JsonNode document, String name) {
        JsonNode value = document.path(name);
        return value.isString() ? Optional.of(value.asString()) : Optional.empty();
    }
}
