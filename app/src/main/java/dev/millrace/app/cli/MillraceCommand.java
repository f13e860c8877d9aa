package dev.millrace.app.cli;

import dev.millrace.app.Connectors;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.installation.MillraceConfig;
import dev.millrace.config.load.ConfigLoader;
import dev.millrace.config.load.Loaded;
import dev.millrace.config.load.PipelineFiles;
import dev.millrace.config.load.Problem;
import dev.millrace.config.pipeline.PipelineDefinition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The top of the command line: what every command understands, and the configuration they share. */
@Command(
        name = "millrace",
        description = "Moves data from databases into databases and warehouses, from one process.",
        mixinStandardHelpOptions = true,
        versionProvider = VersionCommand.class,
        footer = {"", "Exit codes: 0 ok, 1 internal, 2 user, 3 external or resource, 4 finding, 130/143 signals."})
final class MillraceCommand implements Runnable {
    static final String CONFIG_FILE = "millrace.yaml";

    private final Terminal terminal;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "The installation's configuration. Default: ./millrace.yaml, where it is there.")
    private Optional<Path> configFile = Optional.empty();

    @Option(
            names = {"-d", "--data"},
            paramLabel = "FOLDER",
            scope = ScopeType.INHERIT,
            description = "The data folder (event log and state), instead of the configuration's.")
    private Optional<Path> dataFolder = Optional.empty();

    @Option(names = "--json", scope = ScopeType.INHERIT, description = "Data as JSON, a document a line.")
    private boolean json;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    MillraceCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        spec.commandLine().usage(terminal.err());
        throw MillraceException.user(
                "COMMAND_MISSING", "No command was given", "", "Begin with 'millrace demo', or 'millrace --help'.");
    }

    /** A command of which only its own commands do something was given alone; {@code with}: what they do it with. */
    static MillraceException commandMissing(String command, String with) {
        return MillraceException.user(
                "COMMAND_MISSING",
                "It is not said what to do with " + with,
                "",
                "Begin with 'millrace " + command + " list'; see 'millrace " + command + " --help'.");
    }

    Terminal terminal() {
        return terminal;
    }

    boolean json() {
        return json;
    }

    static ConfigLoader loader() {
        return new ConfigLoader(Connectors.sourceKinds(), Connectors.destinationKinds());
    }

    /** The configuration file that counts, if there is one. */
    Optional<Path> configFile() {
        Path usual = Path.of(CONFIG_FILE);
        return configFile.or(() -> Files.exists(usual) ? Optional.of(usual) : Optional.empty());
    }

    /** The installation's configuration, warnings told on stderr. */
    MillraceConfig config() {
        MillraceConfig config = configFile()
                .map(file -> value(loader().loadInstallation(file)))
                .orElseGet(() -> MillraceConfig.defaults(Path.of("")));
        return dataFolder.map(config::withDataFolder).orElse(config);
    }

    /** The loader of pipelines, with the installation's destinations. */
    ConfigLoader pipelineLoader() {
        Path destinations = configFile()
                .map(file -> loader().loadInstallation(file).orThrow())
                .orElseGet(() -> MillraceConfig.defaults(Path.of("")))
                .destinationsFolder();
        return loader().withDestinations(destinations);
    }

    /** One pipeline: by its file, or by its name in the installation's pipelines folder. */
    PipelineDefinition pipeline(String fileOrName) {
        Path file = Path.of(fileOrName);
        if (Files.exists(file) || fileOrName.endsWith(".yaml") || fileOrName.endsWith(".yml")) {
            return value(pipelineLoader().loadPipeline(file));
        }
        List<PipelineDefinition> all = pipelines();
        return all.stream()
                .filter(pipeline -> pipeline.name().equals(fileOrName))
                .findFirst()
                .orElseThrow(() -> MillraceException.user(
                        "PIPELINE_NOT_FOUND",
                        "There is no pipeline '" + fileOrName + "'",
                        "it is neither a file nor one of "
                                + all.stream().map(PipelineDefinition::name).toList(),
                        "Give a pipeline's file, or a name from " + config().pipelinesFolder() + "."));
    }

    /** Every pipeline of the installation's folder. */
    List<PipelineDefinition> pipelines() {
        return value(pipelineLoader().loadPipelines(config().pipelinesFolder()));
    }

    /** The same, file by file: those that can't be used are told on stderr, unless none can, which is an error. */
    PipelineFiles pipelineFiles() {
        Path folder = config().pipelinesFolder();
        PipelineFiles files = pipelineLoader().loadEach(folder);
        boolean useless = files.pipelines().isEmpty() && files.problems().hasErrors();
        if (useless || files.rejected().isEmpty()) {
            value(pipelineLoader().loadPipelines(folder));
            return files;
        }
        for (Problem problem : files.problems().list()) {
            boolean error = problem.severity() == Problem.Severity.ERROR;
            terminal.say((error ? terminal.red("error") : terminal.yellow("warning")) + " " + problem.text());
        }
        return files;
    }

    private <T> T value(Loaded<T> loaded) {
        for (Problem warning : loaded.problems().warnings()) {
            terminal.say(terminal.yellow("warning") + " " + warning.text());
        }
        return loaded.orThrow();
    }
}
