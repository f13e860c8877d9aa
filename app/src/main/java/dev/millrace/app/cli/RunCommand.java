package dev.millrace.app.cli;

import ch.qos.logback.classic.Level;
import dev.millrace.app.Millrace;
import dev.millrace.app.pipeline.PipelineRuntime;
import dev.millrace.app.pipeline.PipelineSnapshot;
import dev.millrace.config.installation.MillraceConfig;
import dev.millrace.config.pipeline.DestinationDefinition;
import dev.millrace.config.pipeline.PipelineDefinition;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace run}: one pipeline, until stopped or until it has caught up. */
@Command(
        name = "run",
        description = "Runs one pipeline until it is stopped; with --once until it has caught up.",
        mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
    /** With back-off from half a second, doubling: about half a minute. */
    private static final int TRIES_ONCE = 6;

    private final MillraceCommand root;

    @Parameters(paramLabel = "PIPELINE", description = "The pipeline's file, or its name in the installation's folder.")
    private String pipeline;

    @Option(names = "--once", description = "Load, catch up with the source's position at the start, and end.")
    private boolean once;

    RunCommand(MillraceCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws InterruptedException {
        PipelineDefinition definition = once ? inRealTime(root.pipeline(pipeline)) : root.pipeline(pipeline);
        MillraceConfig config = root.config();
        try (Millrace millrace =
                        Millrace.start(config.withWeb(config.web().withAnyPort()), List.of(definition), Level.OFF);
                StopOnSignal stop = new StopOnSignal(root.terminal(), millrace)) {
            Watch watch = new Watch(root, millrace);
            PipelineRuntime runtime = millrace.pipelines().get(0);
            if (once) {
                runOnce(runtime, watch);
            } else {
                watch.untilFailure(Long.MAX_VALUE);
            }
            watch.end();
            stop.done();
        }
        return ExitCode.OK;
    }

    /** What is to be caught up with now is not left for the schedule's next time. */
    private static PipelineDefinition inRealTime(PipelineDefinition definition) {
        DestinationDefinition destination = definition.destination();
        return definition.withDestination(
                destination.withLoading(destination.loading().inRealTime()));
    }

    private void runOnce(PipelineRuntime runtime, Watch watch) throws InterruptedException {
        watch.untilCaughtUp(runtime, runtime.position(), TRIES_ONCE);
        PipelineSnapshot end = runtime.snapshot();
        if (!root.json()) {
            root.terminal()
                    .say(end.name() + ": caught up, " + ProgressDisplay.count(end.rowsLoaded()) + " rows loaded, "
                            + end.tables().size() + " tables");
            if (end.failed().events() > 0) {
                root.terminal()
                        .say(end.name() + ": " + ProgressDisplay.failed(end)
                                + " kept aside; 'millrace failed list --pipeline " + pipeline
                                + "' tells why and what to do");
            }
        }
    }
}
