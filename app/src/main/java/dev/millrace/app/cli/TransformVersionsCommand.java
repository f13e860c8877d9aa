package dev.millrace.app.cli;

import dev.millrace.app.transform.Trials;
import dev.millrace.storage.folder.DataFolder;
import dev.millrace.storage.state.RocksStateStore;
import dev.millrace.storage.state.StateStore;
import dev.millrace.web.ControlAddress;
import dev.millrace.web.ControlClient;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code millrace transform versions}: the transformations that were deployed to a pipeline. */
@Command(
        name = "versions",
        description =
                "Lists the transformations that were deployed: when, by whom, and from which log index on each applies.",
        mixinStandardHelpOptions = true)
final class TransformVersionsCommand implements Callable<Integer> {
    private final MillraceCommand root;

    @Mixin
    private PipelineOption pipeline = new PipelineOption();

    @Option(names = "--text", description = "Show each version's text too; --json always does.")
    private boolean text;

    TransformVersionsCommand(MillraceCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        Optional<ControlAddress> address = ControlAddress.readFrom(root.config().dataFolder());
        JsonNode versions =
                address.isPresent() ? StatusCommand.orOfTheDead(() -> running(address.get()), this::stored) : stored();
        if (root.json()) {
            versions.forEach(version -> root.terminal().json(version));
            return ExitCode.OK;
        }
        TextTable table = new TextTable("version", "from log index", "when", "who", "hash");
        versions.forEach(version -> table.row(
                version.path("number").asString(),
                version.path("fromIndex").asString(),
                version.path("when").asString(),
                version.path("who").asString(),
                version.path("hash").asString().isEmpty()
                        ? "(no transformation)"
                        : version.path("hash").asString().substring(0, 12)));
        table.lines().forEach(root.terminal()::data);
        for (JsonNode version : text ? versions : JsonMapper.shared().createArrayNode()) {
            root.terminal().data("");
            root.terminal().data("version " + version.path("number").asString() + ":");
            root.terminal().data(version.path("text").asString());
        }
        return ExitCode.OK;
    }

    private JsonNode running(ControlAddress address) {
        ControlClient client = new ControlClient(address);
        return client.transformVersions(pipeline.name(root, client)).path("versions");
    }

    private JsonNode stored() {
        String name = pipeline.definition(root).name();
        try (DataFolder folder = DataFolder.open(root.config().dataFolder(), Clock.systemUTC());
                StateStore state = RocksStateStore.open(folder.state())) {
            return JsonMapper.shared().valueToTree(Trials.versions(state, name));
        }
    }
}
