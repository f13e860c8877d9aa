package dev.millrace.app.cli;

import dev.millrace.app.Millrace;
import dev.millrace.app.demo.Comparison;
import dev.millrace.app.demo.Demo;
import dev.millrace.app.pipeline.PipelineRuntime;
import dev.millrace.app.pipeline.PipelineSnapshot;
import dev.millrace.config.error.MillraceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code millrace demo}: the main job with no questions. */
@Command(
        name = "demo",
        description = "Runs a real PostgreSQL with a sample shop, streamed into a DuckDB file.",
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
    private static final int TRIES = 8;

    private final MillraceCommand root;
    private final Terminal terminal;

    @Option(
            names = "--folder",
            paramLabel = "FOLDER",
            description = "Where the demo lives. Default: .demo beside the program.")
    private Optional<Path> folder = Optional.empty();

    @Option(names = "--verify", description = "Compare source and destination table by table, and end.")
    private boolean verify;

    @Option(names = "--remove", description = "Remove the demo with all its data.")
    private boolean remove;

    @Option(names = "--seconds", paramLabel = "N", description = "End by itself after so long; 0, the default: not.")
    private long seconds;

    DemoCommand(MillraceCommand root) {
        this.root = root;
        this.terminal = root.terminal();
    }

    @Override
    public Integer call() throws InterruptedException {
        Path home = folder.orElseGet(() -> Path.of(System.getProperty("millrace.home", ""), ".demo"));
        if (remove) {
            return remove(home);
        }
        if (verify && !Files.exists(home)) {
            throw MillraceException.user(
                    "DEMO_MISSING", "There is no demo in " + home.toAbsolutePath(), "", "Start one: millrace demo");
        }
        try (Demo demo = Demo.open(home);
                StopOnSignal stop = new StopOnSignal(terminal, demo)) {
            terminal.say("starting PostgreSQL in " + home.toAbsolutePath() + " …");
            if (demo.startDatabase()) {
                terminal.say("loaded the Pagila sample database");
            }
            int code = verify ? verify(demo) : run(demo);
            stop.done();
            return code;
        }
    }

    private int remove(Path home) {
        if (Files.exists(home)) {
            Demo.open(home).remove();
            terminal.say("removed " + home.toAbsolutePath());
        } else {
            terminal.say("there is no demo in " + home.toAbsolutePath());
        }
        return ExitCode.OK;
    }

    private int run(Demo demo) throws InterruptedException {
        Millrace millrace = demo.startPipeline();
        demo.startShop();
        terminal.say("the shop is open; loading into " + demo.warehouse() + " (Ctrl-C stops, a second start goes on)");
        Watch watch = new Watch(root, millrace);
        watch.untilFailure(seconds <= 0 ? Long.MAX_VALUE : seconds * 1_000);
        watch.end();
        return ExitCode.OK;
    }

    private int verify(Demo demo) throws InterruptedException {
        Millrace millrace = demo.startPipeline();
        PipelineRuntime pipeline = millrace.pipelines().get(0);
        Watch watch = new Watch(root, millrace);
        watch.untilCaughtUp(pipeline, pipeline.position(), TRIES);
        watch.end();
        List<String> tables = pipeline.snapshot().tables().stream()
                .map(PipelineSnapshot.TableProgress::table)
                .sorted()
                .toList();
        demo.stopPipeline();
        boolean equal = true;
        TextTable table = new TextTable("table", "source rows", "destination rows", "result");
        for (Comparison.Result result : demo.compare(tables)) {
            equal &= result.equal();
            show(result, table);
        }
        table.lines().forEach(line -> {
            if (!root.json()) {
                terminal.data(line);
            }
        });
        terminal.say(
                equal
                        ? terminal.green("source and destination are equal")
                        : terminal.red("source and destination differ"));
        return equal ? ExitCode.OK : ExitCode.FINDING;
    }

    private void show(Comparison.Result result, TextTable table) {
        String name = result.pair().sourceSchema() + "." + result.pair().sourceTable();
        if (root.json()) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("table", name);
            fields.put("sourceRows", result.sourceRows());
            fields.put("destinationRows", result.destinationRows());
            fields.put("equal", result.equal());
            fields.put("differences", result.differences());
            terminal.json(fields);
            return;
        }
        String outcome = result.equal() ? "equal" : String.join("; ", result.differences());
        table.row(
                name,
                ProgressDisplay.count(result.sourceRows()),
                ProgressDisplay.count(result.destinationRows()),
                outcome);
    }
}
