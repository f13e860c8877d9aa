package dev.millrace.app.cli;

import dev.millrace.app.Connectors;
import dev.millrace.app.Millrace;
import dev.millrace.app.mapping.MappingDesk;
import dev.millrace.app.pipeline.ObjectChoices;
import dev.millrace.config.installation.MillraceConfig;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.NamingRules;
import dev.millrace.consume.failed.FailedQueue;
import dev.millrace.storage.folder.DataFolder;
import dev.millrace.storage.state.RocksStateStore;
import dev.millrace.storage.state.StateStore;
import dev.millrace.web.ControlAddress;
import dev.millrace.web.ControlClient;
import dev.millrace.web.MappingControl;
import java.nio.file.Files;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Where mappings are asked for: of the process that runs on the data folder, or, where none does, of the folder itself. */
final class MappingAccess {
    private final MillraceCommand root;

    MappingAccess(MillraceCommand root) {
        this.root = root;
    }

    /** Asks a running process. */
    interface Running {
        JsonNode ask(ControlClient client, String pipeline);
    }

    /** Asks the data folder; the answer is what a running process would write as JSON. */
    interface Stopped {
        Object ask(MappingControl mapping, String pipeline);
    }

    /** @param running whether a process has answered, which acts at once; else what was chosen counts from its next start on */
    record Answer(String pipeline, JsonNode document, boolean running) {}

    Answer ask(PipelineOption chosen, Running running, Stopped stopped) {
        Optional<ControlAddress> address = ControlAddress.readFrom(root.config().dataFolder());
        if (address.isEmpty()) {
            return ofFolder(chosen, stopped);
        }
        return StatusCommand.orOfTheDead(
                () -> {
                    ControlClient client = new ControlClient(address.get());
                    String pipeline = chosen.name(root, client);
                    return new Answer(pipeline, running.ask(client, pipeline), true);
                },
                () -> ofFolder(chosen, stopped));
    }

    private Answer ofFolder(PipelineOption chosen, Stopped stopped) {
        MillraceConfig config = root.config();
        if (!Files.isDirectory(config.dataFolder())) {
            throw StatusCommand.notRunning(root);
        }
        PipelineDefinition definition = chosen.definition(root);
        Clock clock = Clock.systemUTC();
        try (DataFolder folder = DataFolder.open(config.dataFolder(), clock);
                StateStore state = RocksStateStore.open(folder.state())) {
            FailedQueue failed = new FailedQueue(
                    definition.name(), state, Millrace.keys(config, folder.root()), definition.failed(), clock);
            ObjectChoices choices =
                    new ObjectChoices(definition, state, failed, () -> naming(definition), object -> {}, () -> {});
            Object answer = stopped.ask(new MappingDesk(name -> choices, name -> List.of()), definition.name());
            return new Answer(definition.name(), JsonMapper.shared().valueToTree(answer), false);
        }
    }

    private static NamingRules naming(PipelineDefinition definition) {
        try (Destination destination = Connectors.destination(definition)) {
            return destination.naming();
        }
    }
}
