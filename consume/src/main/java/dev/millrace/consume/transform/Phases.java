package dev.millrace.consume.transform;

import dev.millrace.config.pipeline.PipelineDefinition;
import java.util.ArrayList;
import java.util.List;

/** Makes a pipeline's phases from its definition, in the order they run: what {@code transform} lists, then conversions. */
public final class Phases {
    private Phases() {}

    /**
     * The phases of a definition that was loaded without a problem.
     *
     * @throws dev.millrace.config.error.MillraceException USER when a phase can't be made
     */
    public static Transformation of(PipelineDefinition definition) {
        List<RowPhase> phases = new ArrayList<>();
        return phases.isEmpty() ? Transformation.NONE : new Transformation(phases);
    }
}
