package dev.millrace.config.transform;

import dev.millrace.config.pipeline.ObjectPattern;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Steps for some objects. An object that several definitions name goes through all of them, in the order they are written.
 *
 * @param objects never empty
 * @param excluded taken out again
 * @param steps in order; never empty
 * @param written all of {@code transform} as it stood in the file when this was read, the rest of the file left out; the same for all that
 *     were read with it, and "" for what was made otherwise
 */
public record TransformDefinition(
        Place place,
        List<ObjectPattern> objects,
        List<ObjectPattern> excluded,
        List<StepDefinition> steps,
        String written) {
    public TransformDefinition {
        Objects.requireNonNull(place);
        Objects.requireNonNull(written);
        objects = List.copyOf(objects);
        excluded = List.copyOf(excluded);
        steps = List.copyOf(steps);
    }

    /** Whether rows of the object go through the steps; by the names it has at that point, before the definition's own steps. */
    public boolean concerns(String schema, String table) {
        return objects.stream().anyMatch(pattern -> pattern.matches(schema, table))
                && excluded.stream().noneMatch(pattern -> pattern.matches(schema, table));
    }

    /** For logs and pages: secrets are masked. */
    public String shown() {
        String names = Stream.concat(
                        objects.stream().map(ObjectPattern::toString),
                        excluded.stream().map(pattern -> "!" + pattern))
                .map(name -> "'" + name.replace("'", "''") + "'")
                .collect(Collectors.joining(", "));
        return "{objects: [" + names + "], steps: " + steps.size() + "}";
    }
}
