package dev.millrace.app.transform;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.load.TransformText;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.config.transform.TransformDefinition;
import dev.millrace.consume.failed.EventPlace;
import dev.millrace.consume.failed.FailedEvent;
import dev.millrace.consume.failed.FailedQueue;
import dev.millrace.consume.json.JsonSettings;
import dev.millrace.consume.transform.Phases;
import dev.millrace.consume.transform.Rehearsal;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.log.Topic;
import dev.millrace.storage.state.StateStore;
import dev.millrace.storage.state.TransformVersion;
import dev.millrace.storage.state.TransformVersions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/** Trials and versions as documents: what the control interface answers and {@code --json} prints. */
public final class Trials {
    private Trials() {}

    /**
     * What a trial may look into.
     *
     * @param state empty where there is no data folder: nothing was learned of documents then
     * @param topic asked for only when events of the log are wanted
     * @param failed asked for only when failed events are wanted
     */
    public record Around(
            PipelineDefinition definition,
            Optional<StateStore> state,
            Supplier<Topic> topic,
            Supplier<FailedQueue> failed) {}

    /** Whether rows are of the object that was asked for, {@code schema.table} or {@code table}; empty asks for all. */
    public static Predicate<Schema> of(String object) {
        return schema -> object.isEmpty()
                || schema.table().toString().equals(object)
                || schema.table().name().equals(object);
    }

    /** Answers a request of the control interface. */
    public static List<Map<String, Object>> answer(Around around, JsonNode request) throws InterruptedException {
        return run(around, TrialRequest.of(request));
    }

    /**
     * Runs the trial; nothing is applied, kept or counted.
     *
     * @return a document for each event, those of failed events with their {@code failedId}
     * @throws MillraceException USER for what doesn't fit, and when a phase has nothing it can do with such rows at all
     */
    public static List<Map<String, Object>> run(Around around, TrialRequest request) throws InterruptedException {
        Rehearsal rehearsal = rehearsal(around, request);
        if (request.failed().isPresent()) {
            return failed(around.failed().get(), request, rehearsal);
        }
        if (request.pasted().isEmpty()) {
            return documents(LogSamples.run(around.topic().get(), rehearsal, of(request.object()), request.samples()));
        }
        List<Rehearsal.Outcome> outcomes = new ArrayList<>();
        for (StoredBatch batch : PastedEvents.read(request.pasted().get(), System.currentTimeMillis())) {
            if (outcomes.size() < TrialRequest.MOST) {
                outcomes.addAll(rehearsal.run(batch, of(request.object()), 1));
            }
        }
        return documents(outcomes);
    }

    /** The transformation that a pipeline has, conversions included. */
    public static Rehearsal rehearsal(PipelineDefinition definition, StateStore state) {
        return new Rehearsal(Phases.trial(
                definition,
                definition.transform(),
                JsonSettings.of(definition.destination().settings()),
                Optional.of(state)));
    }

    private static Rehearsal rehearsal(Around around, TrialRequest request) {
        PipelineDefinition definition = around.definition();
        JsonSettings json = request.json()
                .orElseGet(() -> JsonSettings.of(definition.destination().settings()));
        Optional<TransformText> text = request.transform()
                .filter(stored -> !stored.isEmpty())
                .map(stored -> TransformText.of(stored.getBytes(StandardCharsets.UTF_8)));
        List<TransformDefinition> definitions = definition.transform();
        if (request.transform().isPresent()) {
            definitions =
                    text.map(its -> its.definitions(System::getenv).orThrow()).orElse(List.of());
        }
        return new Rehearsal(Phases.trial(definition, definitions, json, around.state()));
    }

    /** In their order; those that are named all. */
    private static List<Map<String, Object>> failed(FailedQueue queue, TrialRequest request, Rehearsal rehearsal) {
        TrialRequest.Failed chosen = request.failed().orElseThrow();
        chosen.ids().forEach(id -> requireParked(queue, id));
        int most = chosen.ids().isEmpty() ? request.samples() : TrialRequest.MOST;
        List<Map<String, Object>> documents = new ArrayList<>();
        for (FailedEvent event : queue.list(chosen.filter(request.object()), null, most)) {
            Map<String, Object> document = document(rehearsal.run(queue.values(event.place())));
            document.put("failedId", event.place().toString());
            documents.add(document);
        }
        return documents;
    }

    private static void requireParked(FailedQueue queue, String id) {
        Optional<FailedEvent> found = queue.find(EventPlace.parse(id));
        if (found.isEmpty() || !found.get().parked()) {
            throw MillraceException.user(
                    "FAILED_EVENT_NOT_FOUND",
                    "There is no failed event '" + id + "' to try",
                    found.isEmpty() ? "it was replayed, or never failed" : "it was given up, and its values are gone",
                    "See 'millrace failed list --events'.");
        }
    }

    private static List<Map<String, Object>> documents(List<Rehearsal.Outcome> outcomes) {
        return outcomes.stream().map(Trials::document).toList();
    }

    private static Map<String, Object> document(Rehearsal.Outcome outcome) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("eventId", outcome.eventId());
        document.put("logIndex", outcome.logIndex());
        document.put("input", outcome.input());
        List<Map<String, Object>> steps = new ArrayList<>();
        for (Rehearsal.Step step : outcome.steps()) {
            Map<String, Object> shown = new LinkedHashMap<>();
            shown.put("phase", step.phase());
            shown.put("rows", step.rows());
            shown.put("differences", step.differences());
            step.refusal().ifPresent(refusal -> shown.put("refusal", refusal));
            steps.add(shown);
        }
        document.put("steps", steps);
        return document;
    }

    /** The versions of a pipeline, oldest first; secrets that stand in a text in the clear are masked. */
    public static List<Map<String, Object>> versions(StateStore state, String pipeline) {
        List<Map<String, Object>> documents = new ArrayList<>();
        for (TransformVersion version : new TransformVersions(state, pipeline).all()) {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("number", version.number());
            document.put("fromIndex", version.fromIndex());
            document.put("when", version.when().toString());
            document.put("who", version.who());
            document.put("hash", version.hash());
            document.put("text", shown(version));
            documents.add(document);
        }
        return documents;
    }

    private static String shown(TransformVersion version) {
        if (version.text().length == 0) {
            return "";
        }
        TransformText text = TransformText.of(version.text());
        StringBuilder shown = new StringBuilder(text.shown());
        text.scripts()
                .forEach((file, script) ->
                        shown.append("\n\n# ").append(file).append('\n').append(script.strip()));
        return shown.toString();
    }
}
