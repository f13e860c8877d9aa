package dev.millrace.config.load;

import dev.millrace.config.pipeline.ObjectPattern;
import dev.millrace.config.setting.Setting;
import dev.millrace.config.setting.Setting.Type;
import dev.millrace.config.setting.Settings;
import dev.millrace.config.transform.Place;
import dev.millrace.config.transform.StepDefinition;
import dev.millrace.config.transform.TransformDefinition;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads a pipeline's {@code transform}: a list of objects and their steps. */
final class TransformReader {
    private static final List<Setting> OBJECTS = List.of(Setting.optional(
            "objects", Type.TEXT_LIST, "*.*", "The objects whose rows go through the steps: names and patterns."));

    private final Path file;
    private final Optional<String> written;
    private final Function<Path, String> scripts;
    private final ProblemCollector problems;

    /**
     * @param written what a version of it keeps ({@link TransformPart}); empty where that can't be understood by itself
     * @param scripts gives a script's text by its file, or throws a {@link dev.millrace.config.error.MillraceException}
     */
    TransformReader(Path file, Optional<String> written, Function<Path, String> scripts, ProblemCollector problems) {
        this.file = file;
        this.written = written;
        this.scripts = scripts;
        this.problems = problems;
    }

    /** What could be read; the rest was complained about. */
    List<TransformDefinition> read(Section top) {
        if (!top.has("transform")) {
            return List.of();
        }
        if (written.isEmpty()) {
            problems.error(
                    top.place("transform"),
                    "TRANSFORM_NOT_APART",
                    "'transform' refers to an anchor ('*name') elsewhere in the file, so that it can't be kept as a version",
                    "Write what is referred to within 'transform'.");
        }
        List<TransformDefinition> definitions = new ArrayList<>();
        for (Node item : top.items("transform")) {
            if (item instanceof MappingNode mapping) {
                definition(top.inner(mapping), mapping).ifPresent(definitions::add);
            } else {
                problems.error(
                        item,
                        "WRONG_TYPE",
                        "an item of 'transform' must hold keys of its own",
                        "Write {objects: [\"public.*\"], steps: […]}.");
            }
        }
        return definitions;
    }

    private Optional<TransformDefinition> definition(Section section, MappingNode node) {
        Optional<Settings> settings = section.settings(OBJECTS, Set.of("steps"));
        List<ObjectPattern> objects = new ArrayList<>();
        List<ObjectPattern> excluded = new ArrayList<>();
        for (String object : settings.map(values -> values.textList("objects")).orElse(List.of())) {
            boolean excludes = object.startsWith("!");
            Optional<ObjectPattern> pattern = ObjectPattern.of(excludes ? object.substring(1) : object);
            if (pattern.isEmpty()) {
                problems.error(
                        section.place("objects"),
                        "BAD_VALUE",
                        "'" + object + "' names no objects",
                        "Write schema.table, with '*' for anything within a part; parts with dots or quotes in double quotes.");
            }
            pattern.ifPresent((excludes ? excluded : objects)::add);
        }
        if (settings.isPresent() && objects.isEmpty()) {
            problems.error(section.place("objects"), "BAD_VALUE", "'objects' chooses nothing", "Add \"*.*\".");
        }
        List<StepDefinition> steps = new ArrayList<>();
        if (section.has("steps")) {
            steps.addAll(new StepReader(file, scripts, problems).read(section, "steps"));
        } else {
            problems.error(node, "MISSING_KEY", "'steps' is missing", "Add 'steps:' with what is to be done.");
        }
        return settings.isEmpty() || objects.isEmpty() || steps.isEmpty()
                ? Optional.empty()
                : Optional.of(new TransformDefinition(place(file, node), objects, excluded, steps, written.orElse("")));
    }

    static Place place(Path file, Node node) {
        Mark mark = node.getStartMark().orElse(null);
        return new Place(file, mark == null ? 1 : mark.getLine() + 1, mark == null ? 1 : mark.getColumn() + 1);
    }
}
