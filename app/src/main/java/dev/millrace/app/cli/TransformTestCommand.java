package dev.millrace.app.cli;

import dev.millrace.app.Millrace;
import dev.millrace.app.pipeline.PipelineRuntime;
import dev.millrace.app.transform.LogSamples;
import dev.millrace.app.transform.PastedEvents;
import dev.millrace.app.transform.Trials;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.installation.MillraceConfig;
import dev.millrace.config.load.TransformText;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.consume.transform.Rehearsal;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.folder.DataFolder;
import dev.millrace.storage.log.ChronicleEventLog;
import dev.millrace.storage.log.EventLog;
import dev.millrace.storage.log.Topic;
import dev.millrace.storage.log.TopicName;
import dev.millrace.storage.state.RocksStateStore;
import dev.millrace.storage.state.StateStore;
import dev.millrace.web.ControlAddress;
import dev.millrace.web.ControlClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code millrace transform test}: shows events before and after each phase of a pipeline file's transformation; nothing is changed. */
@Command(
        name = "test",
        description = {
            "Runs a pipeline file's transformation as it stands there on the log's newest events, or on pasted ones,",
            "and shows each event before and after every phase. Nothing is applied or kept.",
            "Exit code 4 when an event can't pass."
        },
        mixinStandardHelpOptions = true)
final class TransformTestCommand implements Callable<Integer> {
    private static final int MOST = 1_000;

    private final MillraceCommand root;

    @Mixin
    private PipelineOption pipeline = new PipelineOption();

    @Option(
            names = {"-o", "--object"},
            defaultValue = "",
            paramLabel = "TABLE",
            description = "Only events of this table, e.g. public.film.")
    private String object;

    @Option(
            names = {"-n", "--samples"},
            defaultValue = "10",
            description = "How many of the log's newest events, at most 1,000. Default: ${DEFAULT-VALUE}.")
    private int samples;

    @Option(
            names = {"-e", "--event"},
            paramLabel = "FILE",
            description = "Events of this file instead, a JSON object a line; - reads them from standard input.")
    private Optional<Path> events = Optional.empty();

    TransformTestCommand(MillraceCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (samples < 1 || samples > MOST) {
            throw MillraceException.user(
                    "ARGUMENTS_INVALID", "--samples " + samples + " is out of range", "", "Ask for 1 to 1,000 events.");
        }
        PipelineDefinition definition = pipeline.definition(root);
        TransformText text = TransformText.of(definition.transform())
                .orElseThrow(() -> MillraceException.user(
                        "NOTHING_TO_TEST",
                        "Pipeline '" + definition.name() + "' has no transformation",
                        "",
                        "Add 'transform:' to its file."));
        JsonNode outcomes = events.isPresent()
                ? json(pasted(definition, text))
                : ControlAddress.readFrom(root.config().dataFolder())
                        .map(address -> running(address, definition, text))
                        .orElseGet(() -> json(stopped(definition, text)));
        if (root.json()) {
            outcomes.forEach(outcome -> root.terminal().json(outcome));
        } else {
            new TransformTrialText(root.terminal()).show(outcomes);
        }
        return failures(outcomes) ? ExitCode.FINDING : ExitCode.OK;
    }

    private static boolean failures(JsonNode outcomes) {
        for (JsonNode outcome : outcomes) {
            for (JsonNode step : outcome.path("steps")) {
                if (step.has("refusal")) {
                    return true;
                }
            }
        }
        return false;
    }

    private static JsonNode json(List<Rehearsal.Outcome> outcomes) {
        return JsonMapper.shared().valueToTree(Trials.documents(outcomes));
    }

    private List<Rehearsal.Outcome> pasted(PipelineDefinition definition, TransformText text) {
        String ndjson;
        try {
            ndjson = events.get().toString().equals("-")
                    ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
                    : TransformText.read(events.get());
        } catch (IOException broken) {
            throw MillraceException.user(
                    "EVENT_INVALID", "Standard input can't be read", String.valueOf(broken.getMessage()), "");
        }
        Rehearsal rehearsal = Trials.rehearsal(definition.transform(), text);
        List<Rehearsal.Outcome> outcomes = new ArrayList<>();
        for (StoredBatch batch : PastedEvents.read(ndjson, System.currentTimeMillis())) {
            outcomes.addAll(rehearsal.run(batch, Trials.of(object), MOST));
        }
        return outcomes;
    }

    private JsonNode running(ControlAddress address, PipelineDefinition definition, TransformText text) {
        Map<String, Object> request = Map.of(
                "object", object, "samples", samples, "transform", new String(text.stored(), StandardCharsets.UTF_8));
        return new ControlClient(address)
                .transformTest(definition.name(), request)
                .path("events");
    }

    private List<Rehearsal.Outcome> stopped(PipelineDefinition definition, TransformText text) {
        MillraceConfig config = root.config();
        Clock clock = Clock.systemUTC();
        try (DataFolder folder = DataFolder.open(config.dataFolder(), clock);
                StateStore state = RocksStateStore.open(folder.state());
                EventLog log = new ChronicleEventLog(Millrace.logOptions(config.log(), folder.log(), clock), state)) {
            TopicName name = PipelineRuntime.topicName(config.team(), definition.name());
            if (!log.topics().contains(name)) {
                throw MillraceException.user(
                        "LOG_EMPTY",
                        "Pipeline '" + definition.name() + "' has no log yet",
                        "it has never run on " + config.dataFolder(),
                        "Run it once, or paste events: --event FILE.");
            }
            Rehearsal rehearsal = Trials.rehearsal(definition.transform(), text);
            try (Topic topic = log.open(name)) {
                return LogSamples.run(topic, rehearsal, Trials.of(object), samples);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw MillraceException.external("INTERRUPTED", "The test was interrupted", "", "", interrupted);
        }
    }
}
