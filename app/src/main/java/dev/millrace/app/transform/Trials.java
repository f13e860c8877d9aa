package dev.millrace.app.transform;

import dev.millrace.config.load.TransformText;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.config.transform.TransformDefinition;
import dev.millrace.consume.transform.Phases;
import dev.millrace.consume.transform.Rehearsal;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.log.Topic;
import dev.millrace.storage.state.StateStore;
import dev.millrace.storage.state.TransformVersion;
import dev.millrace.storage.state.TransformVersions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Trials and versions as documents: what the control interface answers and {@code --json} prints. */
public final class Trials {
    private static final int MOST_SAMPLES = 1_000;
    private static final Pattern PLAIN_SECRET =
            Pattern.compile("(?m)(\\b(?:salt|secret|key|password)\\b\\s*:\\s*)(?!\\s*[\"']?\\$\\{|\\[)(\\S[^,}\\n]*)");

    private Trials() {}

    /** The phases of definitions, with the scripts a text carries. */
    public static Rehearsal rehearsal(List<TransformDefinition> definitions, TransformText text) {
        return new Rehearsal(Phases.of(definitions, text::script));
    }

    /** Whether rows are of the object that was asked for, {@code schema.table} or {@code table}; empty asks for all. */
    public static Predicate<Schema> of(String object) {
        return schema -> object.isEmpty()
                || schema.table().toString().equals(object)
                || schema.table().name().equals(object);
    }

    /** Answers a request of the control interface. */
    public static List<Map<String, Object>> answer(PipelineDefinition definition, Topic topic, JsonNode request)
            throws InterruptedException {
        Rehearsal rehearsal;
        if (request.path("transform").isString()) {
            TransformText text = TransformText.of(
                    request.path("transform").asString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
            rehearsal = rehearsal(text.definitions(System::getenv).orThrow(), text);
        } else {
            rehearsal = new Rehearsal(Phases.of(definition));
        }
        int samples = Math.min(MOST_SAMPLES, Math.max(1, request.path("samples").asInt(10)));
        return documents(
                LogSamples.run(topic, rehearsal, of(request.path("object").asString("")), samples));
    }

    public static List<Map<String, Object>> documents(List<Rehearsal.Outcome> outcomes) {
        List<Map<String, Object>> documents = new ArrayList<>();
        for (Rehearsal.Outcome outcome : outcomes) {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("eventId", outcome.eventId());
            document.put("logIndex", outcome.logIndex());
            document.put("input", outcome.input());
            List<Map<String, Object>> steps = new ArrayList<>();
            for (Rehearsal.Step step : outcome.steps()) {
                Map<String, Object> shown = new LinkedHashMap<>();
                shown.put("phase", step.phase());
                shown.put("rows", step.rows());
                step.refusal().ifPresent(refusal -> shown.put("refusal", refusal));
                steps.add(shown);
            }
            document.put("steps", steps);
            documents.add(document);
        }
        return documents;
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
        StringBuilder shown =
                new StringBuilder(PLAIN_SECRET.matcher(text.yaml().strip()).replaceAll("$1****"));
        text.scripts()
                .forEach((file, script) ->
                        shown.append("\n\n# ").append(file).append('\n').append(script.strip()));
        return shown.toString();
    }
}
