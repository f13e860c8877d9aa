package dev.millrace.consume.transform.steps;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.transform.StepDefinition;
import dev.millrace.consume.script.Sandbox;
import dev.millrace.consume.script.ScriptLimits;
import dev.millrace.consume.transform.RowPhase;
import dev.millrace.consume.transform.RowProgram;
import dev.millrace.storage.event.Schema;
import java.util.List;
import java.util.Optional;

/** A run of steps. */
public final class StepPhase implements RowPhase {
    private final String name;
    private final List<StepDefinition> steps;
    /** One for each thread, since what is compiled in a sandbox belongs to the thread; made where there is an expression. */
    private final ThreadLocal<Sandbox> sandboxes =
            ThreadLocal.withInitial(() -> new Sandbox(ScriptLimits.DEFAULT, Optional.empty()));

    /** @param steps without scripts; never empty */
    public StepPhase(String name, List<StepDefinition> steps) {
        this.name = name;
        this.steps = List.copyOf(steps);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Optional<RowProgram> compile(Schema input) {
        StepCompiler compiler = new StepCompiler(sandboxes::get, input);
        Optional<StepProgram> program = compiler.compile(steps);
        if (!compiler.problems().isEmpty()) {
            throw invalid(input, compiler.problems());
        }
        return program.map(each -> each);
    }

    private static MillraceException invalid(Schema input, List<StepCompiler.Problem> problems) {
        StringBuilder why = new StringBuilder();
        for (StepCompiler.Problem problem : problems) {
            why.append(why.length() == 0 ? "" : "; ")
                    .append(problem.place())
                    .append(": ")
                    .append(problem.message())
                    .append(problem.suggestion().isEmpty() ? "" : ". " + problem.suggestion());
        }
        return MillraceException.user(
                "TRANSFORM_INVALID",
                "Table '" + input.table() + "' can't be transformed as it is now",
                why.toString(),
                "Correct the steps and start the pipeline again: nothing was lost, and what was held back is tried again.");
    }
}
