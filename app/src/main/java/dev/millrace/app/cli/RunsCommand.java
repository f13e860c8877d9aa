package dev.millrace.app.cli;

import dev.millrace.web.ControlClient;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code millrace runs}: what has run, when, how much it moved and how it ended. */
@Command(
        name = "runs",
        description = {
            "Shows the last runs of the running installation's pipelines: loads, streams, full loads.",
            "Without --pipeline those of every pipeline."
        },
        mixinStandardHelpOptions = true)
final class RunsCommand implements Callable<Integer> {
    private final MillraceCommand root;

    @Mixin
    private PipelineOption pipeline = new PipelineOption();

    @Option(
            names = "--limit",
            paramLabel = "COUNT",
            defaultValue = "20",
            description = "How many of each pipeline, at most 1000. Default: 20.")
    private int limit;

    RunsCommand(MillraceCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        ControlClient client = StatusCommand.running(root);
        List<String> names = new ArrayList<>(pipeline.name(root).stream().toList());
        if (names.isEmpty()) {
            client.status()
                    .path("pipelines")
                    .forEach(node -> names.add(node.path("name").asString()));
        }
        TextTable table = new TextTable("task", "started", "took", "read", "loaded", "outcome", "reason");
        for (String name : names) {
            for (JsonNode run : client.runs(name, limit).path("runs")) {
                if (root.json()) {
                    root.terminal().json(run);
                } else {
                    table.row(row(run));
                }
            }
        }
        if (!root.json()) {
            table.lines().forEach(root.terminal()::data);
        }
        return ExitCode.OK;
    }

    private static String[] row(JsonNode run) {
        Instant started = Instant.parse(run.path("started").asString());
        String took = run.path("ended").isString()
                ? "%.1f s"
                        .formatted(Duration.between(
                                                started,
                                                Instant.parse(run.path("ended").asString()))
                                        .toMillis()
                                / 1_000.0)
                : "";
        return new String[] {
            run.path("task").asString(),
            started.truncatedTo(ChronoUnit.SECONDS).toString(),
            took,
            ProgressDisplay.count(run.path("rowsRead").asLong()),
            ProgressDisplay.count(run.path("rowsLoaded").asLong()),
            run.path("outcome").asString().toLowerCase(Locale.ROOT),
            run.path("reason").asString()
        };
    }
}
