package dev.millrace.app.cli;

import dev.millrace.web.ControlClient;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which pipeline is meant, for commands that ask a running installation. */
final class FailedPipeline {
    @Option(
            names = {"-p", "--pipeline"},
            paramLabel = "NAME",
            description = "Which pipeline's, by name or file; may be left out when only one runs.")
    private Optional<String> pipeline = Optional.empty();

    String name(MillraceCommand root, ControlClient client) {
        return pipeline.map(fileOrName -> ReloadCommand.nameOf(root, fileOrName))
                .orElseGet(() -> ReloadCommand.only(client.status()));
    }
}
