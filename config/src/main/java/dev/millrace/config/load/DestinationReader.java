package dev.millrace.config.load;

import dev.millrace.config.error.Nearest;
import dev.millrace.config.pipeline.DestinationDefinition;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.config.setting.Setting;
import dev.millrace.config.setting.Setting.Type;
import dev.millrace.config.setting.Settings;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * Makes a destination from a section: one written where it is used, or one of a file of its own, which pipelines refer to by its name.
 * Stateless apart from the kinds it knows and where named ones come from.
 */
final class DestinationReader {
    /** What a pipeline may say of a destination it shares with others. */
    private static final String OWN_SCHEMA = "schema";

    private static final Setting USE =
            Setting.required("use", Type.TEXT, "The name of a destination in the destinations folder.");

    private final Map<String, List<Setting>> kinds;
    private final Named named;

    DestinationReader(Map<String, List<Setting>> kinds, Named named) {
        this.kinds = kinds;
        this.named = named;
    }

    /** Finds a destination by the name of its file. */
    interface Named {
        /** Empty when there is none. */
        Optional<Loaded<DestinationDefinition>> find(String name);

        /** What there is, for suggestions. */
        List<String> names();
    }

    /** A pipeline's {@code destination}; empty when anything was complained about. */
    Optional<DestinationDefinition> ofPipeline(Section top, ProblemCollector problems) {
        if (top.has("destination") && top.place("destination") instanceof ScalarNode) {
            return top.text("destination").flatMap(name -> use(top, "destination", name, problems));
        }
        if (!top.has("destination")) {
            problems.error(
                    top.place("destination"),
                    "MISSING_KEY",
                    "'destination' is missing",
                    "Add 'destination:' with a 'type' (" + knownKinds()
                            + ") and its settings, or with the name of a file in the destinations folder.");
            return Optional.empty();
        }
        Section section = top.section("destination");
        if (section.has("use")) {
            return shared(section, problems);
        }
        return inline(section, top.place("destination") instanceof MappingNode, problems);
    }

    /** What a destination of any kind may have said of it. */
    Set<String> keys() {
        Set<String> keys = new TreeSet<>(Set.of(LoadingReader.KEY));
        kinds.values().forEach(declared -> declared.forEach(setting -> keys.add(setting.name())));
        return keys;
    }

    /** A destination's own file. */
    Optional<DestinationDefinition> ofFile(String name, Section top, ProblemCollector problems) {
        if (!PipelineDefinition.isName(name)) {
            problems.error(
                    top.place("type"),
                    "BAD_NAME",
                    "the file's name '" + name + "' is not a destination's name",
                    "Use lower-case letters, digits, '-' and '_', a letter or digit first, at most 40 characters.");
            return Optional.empty();
        }
        return inline(top, true, problems)
                .map(it -> new DestinationDefinition(it.kind(), it.settings(), Optional.of(name), it.loading()));
    }

    private Optional<DestinationDefinition> inline(Section section, boolean mapping, ProblemCollector problems) {
        Optional<String> kind = section.text("type");
        if (kind.isEmpty()) {
            if (!section.has("type") && mapping) {
                problems.error(
                        section.place("type"),
                        "MISSING_KEY",
                        "'type' is missing in 'destination'",
                        "Write one of: " + knownKinds() + ".");
            }
            return Optional.empty();
        }
        List<Setting> declared = kinds.get(kind.get());
        if (declared == null) {
            String nearest = Nearest.to(kind.get(), kinds.keySet())
                    .map(name -> " Did you mean '" + name + "'?")
                    .orElse("");
            problems.error(
                    section.place("type"),
                    "UNKNOWN_KIND",
                    "'type' names no kind of destination known here",
                    "Write one of: " + knownKinds() + "." + nearest);
            return Optional.empty();
        }
        Optional<Settings> settings = section.settings(declared, Set.of("type", LoadingReader.KEY));
        return LoadingReader.read(section, problems)
                .flatMap(loading -> settings.map(
                        values -> new DestinationDefinition(kind.get(), values, Optional.empty(), loading)));
    }

    /** {@code {use: name, schema: …}}. */
    private Optional<DestinationDefinition> shared(Section section, ProblemCollector problems) {
        Optional<DestinationDefinition> found =
                section.text("use").flatMap(name -> use(section, "use", name, problems));
        if (found.isEmpty()) {
            return Optional.empty();
        }
        List<Setting> own = kinds.get(found.get().kind()).stream()
                .filter(setting -> setting.name().equals(OWN_SCHEMA))
                .map(setting -> Setting.optional(setting.name(), setting.type(), null, setting.help()))
                .toList();
        return section.settings(own, Set.of(USE.name()))
                .map(values -> found.get().withSettings(found.get().settings().with(values)));
    }

    private Optional<DestinationDefinition> use(Section section, String key, String name, ProblemCollector problems) {
        Optional<Loaded<DestinationDefinition>> found =
                PipelineDefinition.isName(name) ? named.find(name) : Optional.empty();
        if (found.isEmpty()) {
            String suggestion = Nearest.to(name, named.names())
                    .map(it -> "Did you mean '" + it + "'?")
                    .orElse("Put its settings into the destinations folder, in a file of that name and '.yaml'.");
            problems.error(
                    section.place(key), "UNKNOWN_DESTINATION", "there is no destination '" + name + "'", suggestion);
            return Optional.empty();
        }
        found.get().problems().list().forEach(problems::take);
        return found.get().value();
    }

    private String knownKinds() {
        return String.join(", ", kinds.keySet());
    }
}
