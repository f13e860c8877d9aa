package dev.millrace.app.cli;

import dev.millrace.app.Connectors;
import dev.millrace.config.error.Finding;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.load.Loaded;
import dev.millrace.config.load.Problem;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.json.JsonSettings;
import dev.millrace.consume.json.JsonStrategy;
import dev.millrace.consume.mapping.MappingCheck;
import dev.millrace.consume.transform.Phases;
import dev.millrace.consume.transform.Transformation;
import dev.millrace.consume.transform.Unmatched;
import dev.millrace.ingest.source.Source;
import dev.millrace.ingest.source.SourceObject;
import dev.millrace.ingest.source.StreamingSource;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace check}: every problem of the definitions at once, and with {@code --connect} of what they connect to. */
@Command(
        name = "check",
        description = "Checks definitions without connecting; with --connect also probes sources and destinations.",
        mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
    private final MillraceCommand root;
    private final Terminal terminal;

    @Parameters(
            arity = "0..*",
            paramLabel = "PIPELINE",
            description = "Pipeline files. Default: all of the installation's.")
    private List<Path> files = List.of();

    @Option(names = "--connect", description = "Connect, and probe everything a run needs.")
    private boolean connect;

    CheckCommand(MillraceCommand root) {
        this.root = root;
        this.terminal = root.terminal();
    }

    @Override
    public Integer call() {
        List<Problem> problems = new ArrayList<>();
        List<PipelineDefinition> pipelines = new ArrayList<>();
        root.configFile()
                .ifPresent(file -> problems.addAll(MillraceCommand.loader()
                        .loadInstallation(file)
                        .problems()
                        .list()));
        boolean configBroken = problems.stream().anyMatch(problem -> problem.severity() == Problem.Severity.ERROR);
        if (files.isEmpty() && !configBroken) {
            Path folder = root.config().pipelinesFolder();
            take(root.pipelineLoader().loadPipelines(folder), problems).ifPresent(pipelines::addAll);
            if (pipelines.isEmpty() && problems.isEmpty()) {
                throw MillraceException.user(
                        "NOTHING_TO_CHECK",
                        "There is no pipeline to check",
                        "no file was given and " + folder + " holds none",
                        "Give a pipeline's file.");
            }
        }
        for (Path file : configBroken ? List.<Path>of() : files) {
            take(root.pipelineLoader().loadPipeline(file), problems).ifPresent(pipelines::add);
        }
        problems.forEach(this::tell);
        boolean wrong = problems.stream().anyMatch(problem -> problem.severity() == Problem.Severity.ERROR);
        for (PipelineDefinition pipeline : connect ? List.<PipelineDefinition>of() : pipelines) {
            wrong |= show(pipeline.name(), "transform", () -> scripts(pipeline));
        }
        if (!wrong && !root.json()) {
            terminal.say(pipelines.size() + (pipelines.size() == 1 ? " pipeline" : " pipelines")
                    + ": no problem in the definitions");
        }
        if (connect) {
            for (PipelineDefinition pipeline : pipelines) {
                wrong |= probe(pipeline);
            }
        }
        return wrong ? ExitCode.FINDING : ExitCode.OK;
    }

    private static <T> Optional<T> take(Loaded<T> loaded, List<Problem> problems) {
        problems.addAll(loaded.problems().list());
        return loaded.value();
    }

    private void tell(Problem problem) {
        if (root.json()) {
            terminal.json(Messages.problem(problem));
        } else {
            boolean error = problem.severity() == Problem.Severity.ERROR;
            // The place stands first, so that editors and terminals can jump to it.
            terminal.data(error ? terminal.red(problem.text()) : terminal.yellow(problem.text()));
        }
    }

    /** What keeps a probe from being made is a finding like others: the rest is told all the same. */
    private boolean probe(PipelineDefinition pipeline) {
        boolean wrong;
        try (Source source = Connectors.source(pipeline)) {
            wrong = show(pipeline.name(), "source", () -> source.check(pipeline.objects()));
            wrong |= !wrong && show(pipeline.name(), "transform", () -> transform(pipeline, source));
            wrong |= !wrong && show(pipeline.name(), "mapping", () -> mapping(pipeline, source));
        }
        try (Destination destination = Connectors.destination(pipeline)) {
            wrong |= show(pipeline.name(), "destination", destination::check);
        }
        return wrong;
    }

    /** What can be said of scripts and patterns without knowing columns. */
    private static List<Finding> scripts(PipelineDefinition pipeline) {
        Phases.of(pipeline);
        return List.of();
    }

    /** The steps against the columns there are now. */
    private static List<Finding> transform(PipelineDefinition pipeline, Source source) {
        Transformation transformation = Phases.of(pipeline);
        boolean learns = JsonSettings.of(pipeline.destination().settings()).strategy() == JsonStrategy.FLATTEN;
        List<Schema> tables = tables(pipeline, source);
        List<Finding> findings = new ArrayList<>(Unmatched.in(pipeline, tables, learns));
        if (transformation.phases().isEmpty()) {
            return findings;
        }
        // what is only read whole, time and again, has no row before
        Set<TableName> whole = source.select(pipeline.objects()).stream()
                .filter(object -> object.wholeRows() || !(source instanceof StreamingSource))
                .map(SourceObject::table)
                .collect(Collectors.toSet());
        findings.addAll(transformation.check(tables, whole::contains));
        return findings;
    }

    /** What is said of the mapping against the tables that the steps make of them. */
    private static List<Finding> mapping(PipelineDefinition pipeline, Source source) {
        if (pipeline.mapping().entries().isEmpty()) {
            return List.of();
        }
        try (Destination destination = Connectors.destination(pipeline)) {
            return MappingCheck.of(
                    pipeline.mapping(),
                    Phases.of(pipeline).outputs(tables(pipeline, source)),
                    destination.naming(),
                    pipeline.destination().settings().optionalText("schema"),
                    JsonSettings.of(pipeline.destination().settings()).strategy() == JsonStrategy.FLATTEN);
        }
    }

    private static List<Schema> tables(PipelineDefinition pipeline, Source source) {
        return source.select(pipeline.objects()).stream()
                .map(object -> new Schema(object.table(), 1, object.columns()))
                .toList();
    }

    private static List<Finding> findings(String end, Supplier<List<Finding>> probes) {
        try {
            return probes.get();
        } catch (MillraceException refused) {
            String why = refused.why().isEmpty() ? "" : ": " + refused.why();
            return List.of(Finding.failed(end, refused.code(), refused.what() + why, refused.remedy()));
        }
    }

    private boolean show(String pipeline, String end, Supplier<List<Finding>> probes) {
        boolean wrong = false;
        for (Finding finding : findings(end, probes)) {
            wrong |= finding.status() == Finding.Status.FAILED;
            if (root.json()) {
                Map<String, Object> fields = new LinkedHashMap<>();
                fields.put("pipeline", pipeline);
                fields.put("end", end);
                fields.putAll(Messages.finding(finding));
                terminal.json(fields);
            } else {
                String mark =
                        switch (finding.status()) {
                            case OK -> terminal.green("ok     ");
                            case WARNING -> terminal.yellow("warning");
                            case FAILED -> terminal.red("FAILED ");
                            case SKIPPED -> terminal.dim("skipped");
                        };
                terminal.data("%s  %s %s: %s: %s".formatted(mark, pipeline, end, finding.probe(), finding.detail()));
                if (!finding.remedy().isEmpty()) {
                    terminal.data("         → " + finding.remedy());
                }
            }
        }
        return wrong;
    }
}
