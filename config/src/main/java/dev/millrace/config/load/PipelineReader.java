package dev.millrace.config.load;

import dev.millrace.config.error.Nearest;
import dev.millrace.config.pipeline.BeforeLog;
import dev.millrace.config.pipeline.ConnectorDefinition;
import dev.millrace.config.pipeline.DestinationDefinition;
import dev.millrace.config.pipeline.FailedPolicy;
import dev.millrace.config.pipeline.Guarantee;
import dev.millrace.config.pipeline.MappingRules;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.config.pipeline.Schedule;
import dev.millrace.config.setting.Setting;
import dev.millrace.config.setting.Setting.Range;
import dev.millrace.config.setting.Setting.Type;
import dev.millrace.config.setting.Settings;
import dev.millrace.config.transform.TransformDefinition;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.snakeyaml.engine.v2.nodes.MappingNode;

/** Makes a pipeline definition from a file's top section. Stateless apart from the kinds it knows. */
final class PipelineReader {
    private static final Range INTERVAL_MILLIS = new Range(1_000, 365L * 86_400_000);

    private static final List<Setting> TOP = List.of(
            Setting.optional(
                    "name", Type.TEXT, null, "The pipeline's name; by default the file's name without its ending."),
            Setting.optional(
                    "objects", Type.TEXT_LIST, "*.*", "The tables to move: names and patterns, '!' in front excludes."),
            Setting.choice(
                    "onDelete",
                    "soft",
                    List.of("soft", "hard", "ignore"),
                    "What a deleted row becomes at the destination."),
            new Setting(
                    "guarantee",
                    Type.CHOICE,
                    null,
                    false,
                    List.of("exactly-once", "at-least-once", "at-most-once"),
                    Range.NOT_NEGATIVE,
                    "What a crash may do; by default exactly-once where the destination can."));

    private static final List<Setting> SCHEDULE = List.of(Setting.bounded(
            "every", Type.DURATION, null, INTERVAL_MILLIS, "Write the interval between two starts, for example 15m."));

    private final Map<String, List<Setting>> sourceKinds;
    private final DestinationReader destinations;

    PipelineReader(Map<String, List<Setting>> sourceKinds, DestinationReader destinations) {
        this.sourceKinds = sourceKinds;
        this.destinations = destinations;
    }

    /**
     * Empty when anything was complained about.
     *
     * @param text the file's, of which {@code top} was made
     */
    Optional<PipelineDefinition> read(Path file, String text, Section top, ProblemCollector problems) {
        Optional<Settings> settings = top.settings(
                TOP,
                Set.of("source", "destination", "schedule", "load", "transform", "mapping", "failed"),
                elsewhere());
        Optional<ConnectorDefinition> source = source(top, problems);
        Optional<DestinationDefinition> destination = destinations.ofPipeline(top, problems);
        Optional<Schedule> schedule = schedule(top);
        Optional<LoadReader.Load> load = LoadReader.read(top, problems);
        List<TransformDefinition> transform = transform(file, text, top, problems);
        Optional<MappingRules> mapping = new MappingReader(problems).read(top);
        Optional<FailedPolicy> failed = FailedSection.read(top, problems);
        settings.ifPresent(values -> checkObjects(top, values.textList("objects"), problems));
        String name = settings.flatMap(values -> values.optionalText("name")).orElseGet(() -> nameOf(file));
        if (settings.isPresent() && !PipelineDefinition.isName(name)) {
            String from = top.has("name")
                    ? "the name '" + name + "'"
                    : "the file's name '" + name + "', taken as the pipeline's,";
            problems.error(
                    top.place("name"),
                    "BAD_NAME",
                    from + " is not a pipeline's name",
                    "Give a name of lower-case letters, digits, '-' and '_', a letter or digit first, at most 40 characters.");
        }
        if (settings.isPresent() && destination.isPresent()) {
            checkConsistency(top, settings.get(), destination.get(), problems);
        }
        if (problems.hasErrors()) {
            return Optional.empty();
        }
        Settings values = settings.orElseThrow();
        return Optional.of(new PipelineDefinition(
                name,
                source.orElseThrow(),
                values.textList("objects"),
                destination.orElseThrow(),
                load.orElseThrow().rules(OnDelete.valueOf(constant(values.text("onDelete")))),
                values.optionalText("guarantee").map(word -> Guarantee.valueOf(constant(word))),
                schedule,
                transform,
                mapping.orElseThrow(),
                failed.orElseThrow()));
    }

    private Map<String, Set<String>> elsewhere() {
        Map<String, Set<String>> sections = new HashMap<>();
        Map<String, Set<String>> keys = Map.of("source", sourceKeys(), "destination", destinations.keys());
        keys.forEach((section, names) -> names.forEach(
                name -> sections.computeIfAbsent(name, any -> new TreeSet<>()).add(section)));
        return sections;
    }

    private Set<String> sourceKeys() {
        Set<String> keys = new HashSet<>(Set.of(BeforeLogReader.KEY));
        sourceKinds.values().forEach(declared -> declared.forEach(setting -> keys.add(setting.name())));
        return keys;
    }

    private static List<TransformDefinition> transform(Path file, String text, Section top, ProblemCollector problems) {
        return top.has("transform")
                ? new TransformReader(
                                file, TransformPart.of(text, new ProblemCollector(file)), TransformText::read, problems)
                        .read(top)
                : List.of();
    }

    private Optional<ConnectorDefinition> source(Section top, ProblemCollector problems) {
        String known = String.join(", ", sourceKinds.keySet());
        if (!top.has("source")) {
            problems.error(
                    top.place("source"),
                    "MISSING_KEY",
                    "'source' is missing",
                    "Add 'source:' with a 'type' (" + known + ") and its settings.");
            return Optional.empty();
        }
        Section section = top.section("source");
        Optional<String> kind = section.text("type");
        if (kind.isEmpty()) {
            if (!section.has("type") && top.place("source") instanceof MappingNode) {
                problems.error(
                        top.place("source"),
                        "MISSING_KEY",
                        "'type' is missing in 'source'",
                        "Write one of: " + known + ".");
            }
            return Optional.empty();
        }
        List<Setting> declared = sourceKinds.get(kind.get());
        if (declared == null) {
            String nearest = Nearest.to(kind.get(), sourceKinds.keySet())
                    .map(name -> " Did you mean '" + name + "'?")
                    .orElse("");
            problems.error(
                    section.place("type"),
                    "UNKNOWN_KIND",
                    "'type' names no kind of source known here",
                    "Write one of: " + known + "." + nearest);
            return Optional.empty();
        }
        Optional<BeforeLog> beforeLog = BeforeLogReader.read(section, problems);
        Optional<Settings> settings = section.settings(declared, Set.of("type", BeforeLogReader.KEY));
        return beforeLog.flatMap(its -> settings.map(values -> new ConnectorDefinition(kind.get(), values, its)));
    }

    private static Optional<Schedule> schedule(Section top) {
        if (!top.has("schedule")) {
            return Optional.empty();
        }
        Section section = top.section("schedule");
        boolean mapping = top.place("schedule") instanceof MappingNode;
        return mapping
                ? section.settings(SCHEDULE, Set.of()).map(values -> new Schedule(values.duration("every")))
                : Optional.empty();
    }

    /** What is lost could not be counted where some tables of a window have it and others don't. */
    private static void checkConsistency(
            Section top, Settings settings, DestinationDefinition destination, ProblemCollector problems) {
        if (settings.optionalText("guarantee").equals(Optional.of("at-most-once"))
                && destination.settings().optionalText("consistency").equals(Optional.of("fast"))) {
            problems.error(
                    top.place("guarantee"),
                    "BAD_VALUE",
                    "'guarantee: at-most-once' does not go with the destination's 'consistency: fast'",
                    "Write another guarantee, or leave the consistency transactional.");
        }
    }

    private static void checkObjects(Section top, List<String> objects, ProblemCollector problems) {
        if (objects.stream().allMatch(object -> object.startsWith("!"))) {
            problems.error(
                    top.place("objects"),
                    "BAD_VALUE",
                    "'objects' chooses nothing",
                    "Add what to move, for example \"*.*\" for every table.");
        }
        for (String object : objects) {
            if (object.equals("!") || object.isBlank()) {
                problems.error(
                        top.place("objects"),
                        "BAD_VALUE",
                        "an item of 'objects' names nothing",
                        "Write a name or pattern behind '!'.");
            }
        }
    }

    static String nameOf(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.replaceFirst("\\.ya?ml$", "");
    }

    private static String constant(String choice) {
        return choice.toUpperCase(Locale.ROOT).replace('-', '_');
    }
}
