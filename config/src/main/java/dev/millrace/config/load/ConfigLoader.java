package dev.millrace.config.load;

import dev.millrace.config.installation.MillraceConfig;
import dev.millrace.config.pipeline.DestinationDefinition;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.config.setting.Setting;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.nodes.MappingNode;

/**
 * Loads YAML into typed definitions. Nothing is thrown for what a file holds: problems come back, all at once. Immutable; thread-safe.
 *
 * <p>A pipeline file:
 *
 * <pre>{@code
 * name: shop                     # default: the file's name without .yaml
 * source:
 *   type: postgresql             # a kind of source; its declared settings follow, flat
 *   host: localhost
 *   password: ${env:SHOP_PASSWORD}
 * objects: ["public.*", "!public.audit_*"]   # default ["*.*"]: every table of every schema
 * destination:
 *   type: duckdb
 *   path: shop.duckdb            # relative paths are taken from the file's folder
 *   loading: {every: 15m}        # | {daily: ["06:00"], zone: Europe/Berlin} | {cron: "0 * * * *", zone: UTC}; default real time
 * onDelete: soft                 # soft (default) | hard | ignore
 * guarantee: exactly-once        # | at-least-once | at-most-once; default by what the destination can
 * schedule: {every: 15m}         # for pipelines that read whole tables: again every …
 * }</pre>
 *
 * <p>In place of a section {@code destination} may be a name: that of a file in the destinations folder, which holds what the section would,
 * for all pipelines that name it. {@code {use: name, schema: …}} is the same with a schema of the pipeline's own.
 *
 * <p>In values, <code>${env:NAME}</code>, <code>${env:NAME:-default}</code> and <code>${file:/path}</code> are resolved; <code>$${</code>
 * stands for <code>${</code>. Files are UTF-8 and at most 1 MB. A key without a value counts as absent; an unknown or repeated key is an
 * error. A secret in plain text is a warning.
 */
public final class ConfigLoader {
    private static final int MAX_FILES = 1_000;

    private final Map<String, List<Setting>> sourceKinds;
    private final Map<String, List<Setting>> destinationKinds;
    private final UnaryOperator<String> environment;
    private final Optional<Path> destinations;

    /** With the process's environment. The maps give each known kind's settings. */
    public ConfigLoader(Map<String, List<Setting>> sourceKinds, Map<String, List<Setting>> destinationKinds) {
        this(sourceKinds, destinationKinds, System::getenv);
    }

    /** {@code environment} gives a variable's value, null when it is not set. */
    public ConfigLoader(
            Map<String, List<Setting>> sourceKinds,
            Map<String, List<Setting>> destinationKinds,
            UnaryOperator<String> environment) {
        this(
                Collections.unmodifiableMap(new TreeMap<>(sourceKinds)),
                Collections.unmodifiableMap(new TreeMap<>(destinationKinds)),
                environment,
                Optional.empty());
    }

    private ConfigLoader(
            Map<String, List<Setting>> sourceKinds,
            Map<String, List<Setting>> destinationKinds,
            UnaryOperator<String> environment,
            Optional<Path> destinations) {
        this.sourceKinds = sourceKinds;
        this.destinationKinds = destinationKinds;
        this.environment = environment;
        this.destinations = destinations;
    }

    /** The same, and pipelines may refer to the destinations of this folder; one that is not there is an empty one. */
    public ConfigLoader withDestinations(Path folder) {
        return new ConfigLoader(sourceKinds, destinationKinds, environment, Optional.of(folder));
    }

    /** Loads one pipeline file, and the destination that it names. */
    public Loaded<PipelineDefinition> loadPipeline(Path file) {
        ProblemCollector problems = new ProblemCollector(file);
        PipelineReader reader = new PipelineReader(sourceKinds, destinationReader());
        Optional<PipelineDefinition> pipeline = YamlFile.text(file, problems)
                .flatMap(text -> YamlFile.parse(text, problems)
                        .flatMap(root -> reader.read(file, text, section(file, root, problems), problems)));
        return new Loaded<>(pipeline, new Problems(problems.all()));
    }

    /**
     * Loads every {@code *.yaml} and {@code *.yml} file of a folder (not of folders below, nor hidden files), in the order of their names. A
     * folder that is not there is an empty one. Two pipelines of one name are an error.
     */
    public Loaded<List<PipelineDefinition>> loadPipelines(Path folder) {
        PipelineFiles files = loadEach(folder);
        Problems all = files.problems();
        return new Loaded<>(all.hasErrors() ? Optional.empty() : Optional.of(files.pipelines()), all);
    }

    /** As {@link #loadPipelines}, but a file that can't be used doesn't keep the others from it; of two pipelines of one name the first counts. */
    public PipelineFiles loadEach(Path folder) {
        List<Problem> ofFolder = new ArrayList<>();
        Set<Problem> problems = new LinkedHashSet<>();
        List<PipelineDefinition> definitions = new ArrayList<>();
        List<PipelineFiles.Rejected> rejected = new ArrayList<>();
        Map<String, Path> fileByName = new HashMap<>();
        List<Path> files = files(folder, ofFolder);
        problems.addAll(ofFolder);
        for (Path file : files) {
            Loaded<PipelineDefinition> loaded = loadPipeline(file);
            List<Problem> found = new ArrayList<>(loaded.problems().list());
            loaded.value().map(PipelineDefinition::name).ifPresent(name -> {
                Path first = fileByName.putIfAbsent(name, file);
                if (first != null) {
                    found.add(duplicate(file, name, first));
                }
            });
            problems.addAll(found);
            Problems ofFile = new Problems(found);
            if (ofFile.hasErrors()) {
                rejected.add(new PipelineFiles.Rejected(PipelineReader.nameOf(file), file, ofFile));
            } else {
                loaded.value().ifPresent(definitions::add);
            }
        }
        return new PipelineFiles(definitions, rejected, new Problems(List.copyOf(problems)));
    }

    private static Problem duplicate(Path file, String name, Path first) {
        String message = "the pipeline's name '" + name + "' is already that of " + first.getFileName();
        return new Problem(
                file, 1, 1, Problem.Severity.ERROR, "DUPLICATE_NAME", message, "Give one of them another 'name:'.");
    }

    /** Loads a file of the destinations folder by itself. */
    public Loaded<DestinationDefinition> loadDestination(Path file) {
        ProblemCollector problems = new ProblemCollector(file);
        Optional<DestinationDefinition> destination = top(file, problems)
                .flatMap(top -> destinationReader().ofFile(PipelineReader.nameOf(file), top, problems));
        return new Loaded<>(destination, new Problems(problems.all()));
    }

    private DestinationReader destinationReader() {
        return new DestinationReader(destinationKinds, new DestinationReader.Named() {
            @Override
            public Optional<Loaded<DestinationDefinition>> find(String name) {
                return destinations.flatMap(folder -> Stream.of(".yaml", ".yml")
                        .map(ending -> folder.resolve(name + ending))
                        .filter(Files::exists)
                        .findFirst()
                        .map(ConfigLoader.this::loadDestination));
            }

            @Override
            public List<String> names() {
                return destinations.map(folder -> files(folder, new ArrayList<>())).orElse(List.of()).stream()
                        .map(PipelineReader::nameOf)
                        .toList();
            }
        });
    }

    /** Loads the installation's file, which must be there; {@link MillraceConfig#defaults} does without. */
    public Loaded<MillraceConfig> loadInstallation(Path file) {
        ProblemCollector problems = new ProblemCollector(file);
        Optional<MillraceConfig> config = top(file, problems).flatMap(top -> InstallationReader.read(top, problems));
        return new Loaded<>(config, new Problems(problems.all()));
    }

    private Optional<Section> top(Path file, ProblemCollector problems) {
        return YamlFile.read(file, problems).map(root -> section(file, root, problems));
    }

    private Section section(Path file, MappingNode root, ProblemCollector problems) {
        Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(file.toAbsolutePath());
        return new Section(root, new References(environment, folder), folder, problems);
    }

    private static List<Path> files(Path folder, List<Problem> problems) {
        List<Path> files = new ArrayList<>();
        if (Files.notExists(folder)) {
            return files;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, ConfigLoader::isPipelineFile)) {
            entries.forEach(files::add);
        } catch (IOException | java.nio.file.DirectoryIteratorException failed) {
            String why = Files.isDirectory(folder) ? "can't be listed by this user" : "is not a folder";
            problems.add(new Problem(
                    folder,
                    1,
                    1,
                    Problem.Severity.ERROR,
                    "FILE_UNREADABLE",
                    "the pipelines folder " + why,
                    "Check 'pipelines' in millrace.yaml."));
        }
        Collections.sort(files);
        if (files.size() > MAX_FILES) {
            String message = files.size() + " pipeline files, more than " + MAX_FILES;
            problems.add(new Problem(
                    folder,
                    1,
                    1,
                    Problem.Severity.ERROR,
                    "TOO_LARGE",
                    message,
                    "Split them over several installations."));
            return List.of();
        }
        return files;
    }

    private static boolean isPipelineFile(Path path) {
        String name = path.getFileName().toString();
        return (name.endsWith(".yaml") || name.endsWith(".yml")) && !name.startsWith(".");
    }
}
