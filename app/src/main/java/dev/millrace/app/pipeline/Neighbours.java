package dev.millrace.app.pipeline;

import dev.millrace.config.pipeline.DestinationDefinition;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.config.setting.Settings;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Which pipelines of an installation lead to one and the same database or file. Immutable. */
public final class Neighbours {
    private static final int NO_PORT = -1;

    private final List<PipelineDefinition> pipelines;

    /** @param pipelines all of the installation */
    public Neighbours(List<PipelineDefinition> pipelines) {
        this.pipelines = List.copyOf(pipelines);
    }

    /** The names of the others that lead where {@code pipeline} does. A host that has two names counts as two. */
    Set<String> of(PipelineDefinition pipeline) {
        return pipelines.stream()
                .filter(other -> !other.name().equals(pipeline.name()))
                .filter(other -> isSame(other.destination(), pipeline.destination()))
                .map(PipelineDefinition::name)
                .collect(Collectors.toUnmodifiableSet());
    }

    private static boolean isSame(DestinationDefinition one, DestinationDefinition other) {
        if (one.name().isPresent() && one.name().equals(other.name())) {
            return true;
        }
        return one.kind().equals(other.kind()) && Place.of(one.settings()).equals(Place.of(other.settings()));
    }

    /** What of a destination's settings says where it is. */
    private record Place(Optional<?> file, Optional<String> host, int port, Optional<String> database) {
        Place {
            Objects.requireNonNull(file);
            Objects.requireNonNull(host);
            Objects.requireNonNull(database);
        }

        static Place of(Settings settings) {
            return new Place(
                    settings.optionalPath("path"),
                    settings.optionalText("host"),
                    settings.has("port") ? settings.integer("port") : NO_PORT,
                    settings.optionalText("database"));
        }
    }
}
