package dev.millrace.app.cli;

import dev.millrace.app.benchmark.Benchmark;
import dev.millrace.app.benchmark.BenchmarkOptions;
import dev.millrace.app.benchmark.Report;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace bench}: what a user's own machine and databases can do, and where the bottleneck is. */
@Command(
        name = "bench",
        description = {
            "Measures a pipeline's source, disk and destination, next to their own tools in the same run.",
            "It reads one object, and writes only into a folder and scratch tables of its own, which it removes again;"
                    + " the pipeline may run meanwhile. Processor seconds are Millrace's own."
        },
        mixinStandardHelpOptions = true)
final class BenchCommand implements Callable<Integer> {
    private final MillraceCommand root;

    @Parameters(index = "0", paramLabel = "PIPELINE", description = "A pipeline's file or name.")
    private String pipeline;

    @Option(
            names = "--object",
            paramLabel = "NAME",
            description = "The object to read, e.g. public.film. Default: the largest chosen one.")
    private Optional<String> object = Optional.empty();

    @Option(
            names = "--rows",
            paramLabel = "N",
            defaultValue = "1000000",
            description = "Read at most so many of its rows. Default: ${DEFAULT-VALUE}.")
    private long rows;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "30",
            description = "Each measure takes at most so long, all rounds together. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "3",
            description = "How often each is repeated; figures are medians. Default: ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(
            names = "--changes",
            description =
                    "Also follow changes: makes a scratch table, a slot and a publication at the source, and removes them again.")
    private boolean changes;

    @Option(
            names = "--compare",
            paramLabel = "FILE",
            description = "What an earlier run with --json has printed; each figure is shown next to that one's.")
    private Optional<Path> earlier = Optional.empty();

    BenchCommand(MillraceCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws InterruptedException {
        BenchmarkOptions options = new BenchmarkOptions(object, rows, seconds, rounds, changes);
        Optional<EarlierReport> before = earlier.map(EarlierReport::read);
        Terminal terminal = root.terminal();
        try (Benchmark benchmark = new Benchmark(
                        root.config(), root.pipeline(pipeline), options, text -> terminal.say(terminal.dim(text)));
                StopOnSignal stop = new StopOnSignal(terminal, benchmark, "stopped; nothing was left behind")) {
            Report report = benchmark.run();
            stop.done();
            if (root.json()) {
                terminal.json(BenchJson.of(report, before));
            } else {
                BenchText.show(report, before, terminal);
            }
        }
        return ExitCode.OK;
    }
}
