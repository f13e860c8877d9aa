package dev.millrace.app.cli;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.web.ControlClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** Which pipeline of an installation is meant: said the same way wherever a command asks an installation. */
final class PipelineOption {
    @Option(
            names = {"-p", "--pipeline"},
            paramLabel = "PIPELINE",
            description =
                    "Which pipeline of the installation, by name or file; may be left out where there is only one.")
    private Optional<String> pipeline = Optional.empty();

    /** As it was given: a name, or a file. */
    Optional<String> given() {
        return pipeline;
    }

    /** The name of the one that was given. */
    Optional<String> name(MillraceCommand root) {
        return pipeline.map(fileOrName -> nameOf(root, fileOrName));
    }

    /** The name of the one that was given, or that is the only one to run. */
    String name(MillraceCommand root, ControlClient client) {
        return name(root).orElseGet(() -> only(client.status()));
    }

    /** The definition of the one that was given, or that is the only one in the installation's folder. */
    PipelineDefinition definition(MillraceCommand root) {
        if (pipeline.isPresent()) {
            return root.pipeline(pipeline.get());
        }
        List<PipelineDefinition> all = root.pipelines();
        if (all.size() != 1) {
            throw missing("none runs, and " + root.config().pipelinesFolder() + " has "
                    + all.stream().map(PipelineDefinition::name).toList());
        }
        return all.get(0);
    }

    private static String nameOf(MillraceCommand root, String fileOrName) {
        boolean file = fileOrName.endsWith(".yaml") || fileOrName.endsWith(".yml");
        return file ? root.pipeline(fileOrName).name() : fileOrName;
    }

    /** The one pipeline that runs. */
    private static String only(JsonNode status) {
        List<String> names = new ArrayList<>();
        status.path("pipelines").forEach(node -> names.add(node.path("name").asString()));
        if (names.size() != 1) {
            throw missing("running are " + names);
        }
        return names.get(0);
    }

    /** That it has to be said. */
    static MillraceException missing(String why) {
        return MillraceException.user(
                "PIPELINE_MISSING", "It is not clear which pipeline is meant", why, "Say it with --pipeline NAME.");
    }
}
