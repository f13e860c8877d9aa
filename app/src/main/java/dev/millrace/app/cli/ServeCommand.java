package dev.millrace.app.cli;

import ch.qos.logback.classic.Level;
import dev.millrace.app.Millrace;
import dev.millrace.config.installation.MillraceConfig;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code millrace serve}: every pipeline of the installation, until stopped. */
@Command(
        name = "serve",
        description = "Runs every pipeline in the configuration's pipelines folder.",
        mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
    private final MillraceCommand root;

    ServeCommand(MillraceCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws InterruptedException {
        MillraceConfig config = root.config();
        try (Millrace millrace = Millrace.start(config, root.pipelineFiles(), Level.WARN);
                StopOnSignal stop = new StopOnSignal(root.terminal(), millrace)) {
            if (millrace.pipelines().isEmpty()) {
                root.terminal()
                        .say(root.terminal().yellow("warning") + " no pipeline in " + config.pipelinesFolder()
                                + " yet");
            }
            new Watch(root, millrace).forEver();
            stop.done();
        }
        return ExitCode.OK;
    }
}
