package dev.millrace.app.cli;

import dev.millrace.app.Connectors;
import dev.millrace.app.FailedEventDesk;
import dev.millrace.app.Millrace;
import dev.millrace.app.mapping.MappingDesk;
import dev.millrace.app.pipeline.ObjectChoices;
import dev.millrace.app.transform.Trials;
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
import dev.millrace.web.FailedRequests;
import dev.millrace.web.MappingControl;
import java.nio.file.Files;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where an installation is asked for something: the process that runs on the data folder, or, where none does, the folder itself.
 *
 * @param <C> what of the folder answers
 */
final class InstallationAccess<C> {
    private final MillraceCommand root;
    private final Function<Folder, C> control;

    private InstallationAccess(MillraceCommand root, Function<Folder, C> control) {
        this.root = root;
        this.control = control;
    }

    /** For a pipeline's mapping. */
    static InstallationAccess<MappingControl> mapping(MillraceCommand root) {
        return new InstallationAccess<>(root, folder -> {
            ObjectChoices choices = new ObjectChoices(
                    folder.definition,
                    folder.state,
                    folder.failed,
                    () -> naming(folder.definition),
                    object -> {},
                    () -> {});
            return new MappingDesk(name -> choices, name -> List.of());
        });
    }

    /** For a pipeline's failed events. */
    static InstallationAccess<FailedRequests> failed(MillraceCommand root) {
        return new InstallationAccess<>(
                root,
                folder -> new FailedRequests(new FailedEventDesk(
                        name -> folder.failed, name -> Trials.rehearsal(folder.definition, folder.state), name -> {})));
    }

    /** A data folder that no process runs on, open. */
    private record Folder(PipelineDefinition definition, StateStore state, FailedQueue failed) {}

    /** Asks a running process. */
    interface Running {
        JsonNode ask(ControlClient client, String pipeline);
    }

    /** Asks the data folder; the answer is what a running process would write as JSON. */
    interface Stopped<C> {
        Object ask(C control, String pipeline);
    }

    /** @param running whether a process has answered, which acts at once; else what was chosen counts from its next start on */
    record Answer(String pipeline, JsonNode document, boolean running) {}

    Answer ask(PipelineOption chosen, Running running, Stopped<C> stopped) {
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

    private Answer ofFolder(PipelineOption chosen, Stopped<C> stopped) {
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
            Object answer = stopped.ask(control.apply(new Folder(definition, state, failed)), definition.name());
            return new Answer(definition.name(), JsonMapper.shared().valueToTree(answer), false);
        }
    }

    private static NamingRules naming(PipelineDefinition definition) {
        try (Destination destination = Connectors.destination(definition)) {
            return destination.naming();
        }
    }
}
