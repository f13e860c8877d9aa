package dev.millrace.consume.transform;

import dev.millrace.config.load.TransformText;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.config.transform.StepDefinition;
import dev.millrace.config.transform.TransformDefinition;
import dev.millrace.consume.json.JsonPhase;
import dev.millrace.consume.json.JsonSettings;
import dev.millrace.consume.json.LearnedShapes;
import dev.millrace.consume.script.ScriptLimits;
import dev.millrace.consume.transform.scripts.ScriptPhase;
import dev.millrace.consume.transform.steps.StepPhase;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.state.StateStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Makes a pipeline's phases from its definition, in the order they run: what {@code transform} lists, then conversions. */
public final class Phases {
    private Phases() {}

    /**
     * The phases that {@code transform} lists, of a definition that was loaded without a problem.
     *
     * @throws dev.millrace.config.error.MillraceException USER when a phase can't be made
     */
    public static Transformation of(PipelineDefinition definition) {
        return of(definition.transform());
    }

    /** The phases of these definitions. */
    public static Transformation of(List<TransformDefinition> definitions) {
        return transformation(listed(definitions));
    }

    /**
     * As {@link #of(PipelineDefinition)}, with the destination's conversions behind them.
     *
     * @param shapes what conversions have learned: one for all phases of a pipeline, since each makes the rest of a shape of what it knows
     */
    public static Transformation of(PipelineDefinition definition, LearnedShapes shapes) {
        return of(definition, definition.transform(), shapes);
    }

    /**
     * All phases of a trial, a destination's conversions included: what these learn is forgotten with the transformation.
     *
     * @param state what was learned so far; empty for nothing
     */
    public static Transformation trial(
            PipelineDefinition definition,
            List<TransformDefinition> definitions,
            JsonSettings json,
            Optional<StateStore> state) {
        List<RowPhase> phases = listed(definitions);
        JsonPhase.of(json, LearnedShapes.trial(state, definition.name()), definition.load())
                .ifPresent(phases::add);
        return transformation(phases);
    }

    /** As {@link #of(PipelineDefinition, LearnedShapes)}, with other definitions than the pipeline has now. */
    static Transformation of(
            PipelineDefinition definition, List<TransformDefinition> definitions, LearnedShapes shapes) {
        List<RowPhase> phases = listed(definitions);
        JsonPhase.of(JsonSettings.of(definition.destination().settings()), shapes, definition.load())
                .ifPresent(phases::add);
        return transformation(phases);
    }

    private static Transformation transformation(List<RowPhase> phases) {
        return phases.isEmpty() ? Transformation.NONE : new Transformation(phases);
    }

    private static List<RowPhase> listed(List<TransformDefinition> definitions) {
        List<RowPhase> phases = new ArrayList<>();
        for (TransformDefinition transform : definitions) {
            add(transform, phases);
        }
        return phases;
    }

    /** Steps between two scripts are one phase. */
    private static void add(TransformDefinition transform, List<RowPhase> phases) {
        Set<TableName> renamed = ConcurrentHashMap.newKeySet();
        List<StepDefinition> run = new ArrayList<>();
        for (StepDefinition step : transform.steps()) {
            if (step instanceof StepDefinition.Script script) {
                end(run, transform, renamed, phases);
                String name = "transform " + (phases.size() + 1);
                RowPhase phase = new ScriptPhase(
                        name,
                        script.file().toString(),
                        TransformText.text(script),
                        script.salt(),
                        ScriptLimits.of(script.limits()));
                phases.add(new OfObjects(phase, transform, renamed));
            } else {
                run.add(step);
            }
        }
        end(run, transform, renamed, phases);
    }

    /** The steps gathered so far are a phase, and a new run begins. */
    private static void end(
            List<StepDefinition> run, TransformDefinition transform, Set<TableName> renamed, List<RowPhase> phases) {
        if (!run.isEmpty()) {
            phases.add(new OfObjects(new StepPhase("transform " + (phases.size() + 1), run), transform, renamed));
            run.clear();
        }
    }

    /**
     * A phase for the objects of a definition.
     *
     * @param renamed what the definition's phases have made of its objects' names so far
     */
    private record OfObjects(RowPhase phase, TransformDefinition transform, Set<TableName> renamed)
            implements RowPhase {
        @Override
        public String name() {
            return phase.name();
        }

        @Override
        public Optional<RowProgram> compile(Schema input) {
            TableName table = input.table();
            if (!renamed.contains(table) && !transform.concerns(table.schema(), table.name())) {
                return Optional.empty();
            }
            Optional<RowProgram> program = phase.compile(input);
            program.ifPresent(each -> each.outputs().forEach(output -> renamed.add(output.table())));
            return program;
        }
    }
}
