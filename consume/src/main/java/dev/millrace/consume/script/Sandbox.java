package dev.millrace.consume.script;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.setting.Secret;
import java.util.Optional;
import java.util.function.Function;
import org.mozilla.javascript.EcmaError;
import org.mozilla.javascript.EvaluatorException;
import org.mozilla.javascript.RhinoException;
import org.mozilla.javascript.Script;
import org.mozilla.javascript.ScriptableObject;

/**
 * Where scripts run: the sealed standard objects, the limits and the secret of {@code Hash.secret}. What was compiled in a sandbox runs in it
 * only. Confined to one thread at a time.
 */
public final class Sandbox {
    /** The longest script, in characters. */
    static final int MAX_SOURCE = 1_000_000;

    private final SandboxFactory factory = new SandboxFactory();
    private final ScriptLimits limits;
    private final ScriptableObject standard;
    private final JsValues.Prototypes prototypes;

    /** @param salt the key of {@code Hash.secret}; without one that function fails the event */
    public Sandbox(ScriptLimits limits, Optional<Secret> salt) {
        this.limits = limits;
        Helpers helpers = new Helpers(new HashFunctions(salt));
        LimitedContext context = (LimitedContext) factory.enterContext();
        try {
            context.begin(ScriptLimits.DEFAULT, 0);
            this.standard = Globals.create(context, helpers);
            this.prototypes = helpers.prototypes();
        } finally {
            context.close();
        }
    }

    public ScriptLimits limits() {
        return limits;
    }

    ScriptableObject standard() {
        return standard;
    }

    /** @param firstLine the number of the text's first line, for messages */
    Script compile(String text, String name, int firstLine) {
        LimitedContext context = (LimitedContext) factory.enterContext();
        factory.compiling(true);
        try {
            return context.compileString(text, name, firstLine, null);
        } catch (EvaluatorException syntax) {
            throw new ScriptProblem(
                    "SCRIPT_SYNTAX", syntax.lineNumber(), Math.max(1, syntax.columnNumber()), syntax.details(), "");
        } catch (StackOverflowError deep) {
            throw new ScriptProblem("SCRIPT_SYNTAX", 1, 1, "it is nested too deep", "");
        } finally {
            factory.compiling(false);
            context.close();
        }
    }

    /**
     * Runs one event's work within the limits.
     *
     * @param eventMicros what counts as now, microseconds from 1970 UTC
     * @throws ScriptFailure whatever went wrong
     */
    <T> T run(long eventMicros, Function<LimitedContext, T> work) {
        LimitedContext context = (LimitedContext) factory.enterContext();
        try {
            context.standard(standard, prototypes);
            context.begin(limits, eventMicros);
            return work.apply(context);
        } catch (Stop stop) {
            throw new ScriptFailure(stop.code(), "", 0, "the script was stopped: " + stop.getMessage(), remedy(stop));
        } catch (RhinoException thrown) {
            throw ScriptFailure.withValues(
                    "SCRIPT_ERROR",
                    thrown.lineNumber(),
                    thrown.details(),
                    kind(thrown) + ", whose text may hold values of the row",
                    "Correct the script, or the row at the source; 'millrace transform test --failed' shows the text.");
        } catch (StackOverflowError deep) {
            throw new ScriptFailure(
                    "SCRIPT_DEPTH",
                    "",
                    0,
                    "the script was stopped: its functions call each other too deep",
                    "Write it with a loop.");
        } catch (ScriptFailure | MillraceException failure) {
            throw failure;
        } catch (OutOfMemoryError | NegativeArraySizeException full) {
            throw new ScriptFailure(
                    "SCRIPT_MEMORY",
                    "",
                    0,
                    "the script was stopped: it asks for more memory than there is",
                    remedy(null));
        } catch (RuntimeException refused) {
            throw ScriptFailure.withValues(
                    "SCRIPT_ERROR",
                    0,
                    "the script engine refused it: " + refused,
                    "the script engine refused it: " + refused.getClass().getSimpleName(),
                    "Correct the script, or the row at the source.");
        } finally {
            context.close();
        }
    }

    private static String kind(RhinoException thrown) {
        return thrown instanceof EcmaError error
                ? "the script came to a " + error.getName()
                : "the script threw an error of its own";
    }

    private static String remedy(Stop stop) {
        return stop != null && stop.code().equals("SCRIPT_ERROR")
                ? "Write it without eval and without functions made of text."
                : "Do less for each event, or raise the limit if the work is meant.";
    }
}
