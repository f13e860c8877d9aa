package dev.millrace.consume.transform;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.config.transform.StepDefinition;
import dev.millrace.config.transform.TransformDefinition;
import dev.millrace.consume.json.JsonPhase;
import dev.millrace.consume.json.JsonSettings;
import dev.millrace.consume.json.LearnedShapes;
import dev.millrace.consume.transform.scripts.ScriptPhase;
import dev.millrace.consume.transform.steps.StepPhase;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.state.StateStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Makes a pipeline's phases from its definition, in the order they run: what {@code transform} lists, then conversions. */
public final class Phases {
    /** More than any script may have. */
    private static final int MAX_SCRIPT_BYTES = 8 << 20;

    private Phases() {}

    /**
     * The phases that {@code transform} lists, of a definition that was loaded without a problem.
     *
     * @throws dev.millrace.config.error.MillraceException USER when a phase can't be made
     */
    public static Transformation of(PipelineDefinition definition) {
        return transformation(listed(definition));
    }

    /**
     * As {@link #of(PipelineDefinition)}, with the destination's conversions behind them.
     *
     * @param state where conversions keep what they learn
     */
    public static Transformation of(PipelineDefinition definition, StateStore state) {
        List<RowPhase> phases = listed(definition);
        JsonPhase.of(JsonSettings.of(definition.destination().settings()), new LearnedShapes(state, definition.name()))
                .ifPresent(phases::add);
        return transformation(phases);
    }

    private static Transformation transformation(List<RowPhase> phases) {
        return phases.isEmpty() ? Transformation.NONE : new Transformation(phases);
    }

    private static List<RowPhase> listed(PipelineDefinition definition) {
        List<RowPhase> phases = new ArrayList<>();
        for (TransformDefinition transform : definition.transform()) {
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
                phases.add(new OfObjects(script(name, script), transform, renamed));
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

    private static RowPhase script(String name, StepDefinition.Script script) {
        String text;
        try (InputStream in = Files.newInputStream(script.file())) {
            text = new String(in.readNBytes(MAX_SCRIPT_BYTES), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw MillraceException.user(
                    "SCRIPT_UNREADABLE",
                    "The script at " + script.place() + " can't be read",
                    "file " + script.file() + ": " + e,
                    "Check its path, which is taken from the pipeline's folder, and its permissions.");
        }
        return new ScriptPhase(name, table -> true, script.file().toString(), text, Optional.empty());
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
