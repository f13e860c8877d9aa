package dev.millrace.app.cli;

import dev.millrace.app.Millrace;
import dev.millrace.app.pipeline.PipelineRuntime;
import dev.millrace.app.transform.TrialRequest;
import dev.millrace.app.transform.Trials;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.installation.MillraceConfig;
import dev.millrace.config.load.TransformText;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.consume.failed.FailedQueue;
import dev.millrace.consume.json.JsonSettings;
import dev.millrace.consume.json.JsonStrategy;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code millrace transform test}: shows events before and after each phase of a pipeline file's transformation; nothing is changed. */
@Command(
        name = "test",
        description = {
            "Runs a pipeline file's transformation as it stands there on the log's newest events, on pasted ones, or on",
            "failed ones, and shows each event before and after every phase, the destination's conversion of JSON included.",
            "Nothing is applied or kept; values are shown in the clear. Exit code 4 when an event can't pass."
        },
        mixinStandardHelpOptions = true)
final class TransformTestCommand implements Callable<Integer> {
    private static final String ALL = "all";

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
            description =
                    "How many of the log's newest events, or failed ones, at most 1,000. Default: ${DEFAULT-VALUE}.")
    private int samples;

    @Option(
            names = {"-e", "--event"},
            paramLabel = "FILE",
            description = "Events of this file instead, a JSON object a line; - reads them from standard input.")
    private Optional<Path> events = Optional.empty();

    @Option(
            names = "--failed",
            paramLabel = "ID",
            description = {
                "This failed event instead, as 'failed list --events' names it; may be given several times.",
                "'all' takes those that --object, --phase and --reason leave."
            })
    private List<String> failed = new ArrayList<>();

    @Option(names = "--phase", paramLabel = "PHASE", description = "Failed events that failed in this phase.")
    private Optional<String> phase = Optional.empty();

    @Option(names = "--reason", paramLabel = "CODE", description = "Failed events that failed for this reason.")
    private Optional<String> code = Optional.empty();

    TransformTestCommand(MillraceCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        PipelineDefinition definition = pipeline.definition(root);
        Optional<TransformText> text = TransformText.of(definition.transform());
        JsonSettings json = JsonSettings.of(definition.destination().settings());
        if (text.isEmpty() && json.strategy() == JsonStrategy.COLUMNS) {
            throw MillraceException.user(
                    "NOTHING_TO_TEST",
                    "Pipeline '" + definition.name() + "' has no transformation",
                    "",
                    "Add 'transform:' to its file.");
        }
        String stored = text.map(its -> new String(its.stored(), StandardCharsets.UTF_8))
                .orElse("");
        TrialRequest request = new TrialRequest(
                object, samples, Optional.of(stored), Optional.of(json), events.map(this::pasted), chosen());
        JsonNode outcomes = outcomes(definition, request);
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

    private Optional<TrialRequest.Failed> chosen() {
        if (failed.isEmpty() && phase.isEmpty() && code.isEmpty()) {
            return Optional.empty();
        }
        List<String> ids = failed.contains(ALL) ? List.of() : failed;
        return Optional.of(new TrialRequest.Failed(ids, phase, code));
    }

    private String pasted(Path file) {
        if (!file.toString().equals("-")) {
            return TransformText.read(file);
        }
        try {
            return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException broken) {
            throw MillraceException.user(
                    "EVENT_INVALID", "Standard input can't be read", String.valueOf(broken.getMessage()), "");
        }
    }

    /** Of the running process, which knows what was learned of documents; else of the data folder, which pasted events can do without. */
    private JsonNode outcomes(PipelineDefinition definition, TrialRequest request) {
        Optional<ControlAddress> address = ControlAddress.readFrom(root.config().dataFolder());
        if (address.isPresent()) {
            return StatusCommand.orOfTheDead(
                    () -> running(address.get(), definition, request), () -> stopped(definition, request));
        }
        return Files.isDirectory(root.config().dataFolder())
                ? stopped(definition, request)
                : alone(definition, request);
    }

    private JsonNode running(ControlAddress address, PipelineDefinition definition, TrialRequest request) {
        if (request.pasted().isPresent() && !runs(address, definition.name())) {
            return alone(definition, request);
        }
        return new ControlClient(address)
                .transformTest(definition.name(), request.document())
                .path("events");
    }

    private JsonNode alone(PipelineDefinition definition, TrialRequest request) {
        return tried(
                new Trials.Around(definition, Optional.empty(), () -> noLog(definition), () -> noFailed(definition)),
                request);
    }

    private static boolean runs(ControlAddress address, String name) {
        for (JsonNode running : new ControlClient(address).status().path("pipelines")) {
            if (running.path("name").asString().equals(name)) {
                return true;
            }
        }
        return false;
    }

    private JsonNode stopped(PipelineDefinition definition, TrialRequest request) {
        MillraceConfig config = root.config();
        Clock clock = Clock.systemUTC();
        TopicName name = PipelineRuntime.topicName(config.team(), definition.name());
        try (DataFolder folder = DataFolder.open(config.dataFolder(), clock);
                StateStore state = RocksStateStore.open(folder.state());
                EventLog log = new ChronicleEventLog(Millrace.logOptions(config.log(), folder.log(), clock), state)) {
            boolean any = log.topics().contains(name);
            try (Topic topic =
                    any && request.pasted().isEmpty() && request.failed().isEmpty() ? log.open(name) : null) {
                Supplier<FailedQueue> queue = () -> new FailedQueue(
                        definition.name(), state, Millrace.keys(config, folder.root()), definition.failed(), clock);
                return tried(
                        new Trials.Around(
                                definition,
                                Optional.of(state),
                                () -> Optional.ofNullable(topic).orElseGet(() -> noLog(definition)),
                                queue),
                        request);
            }
        }
    }

    private static JsonNode tried(Trials.Around around, TrialRequest request) {
        try {
            return JsonMapper.shared().valueToTree(Trials.run(around, request));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw MillraceException.external("INTERRUPTED", "The test was interrupted", "", "", interrupted);
        }
    }

    private Topic noLog(PipelineDefinition definition) {
        throw MillraceException.user(
                "LOG_EMPTY",
                "Pipeline '" + definition.name() + "' has no log yet",
                "it has never run on " + root.config().dataFolder(),
                "Run it once, or paste events: --event FILE.");
    }

    private FailedQueue noFailed(PipelineDefinition definition) {
        throw MillraceException.user(
                "FAILED_EVENT_NOT_FOUND",
                "Pipeline '" + definition.name() + "' has no failed events",
                "it has never run on " + root.config().dataFolder(),
                "Run it once, or paste events: --event FILE.");
    }
}
