package dev.millrace.consume.script;

import java.util.Locale;
import java.util.TimeZone;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.ContextFactory;
import org.mozilla.javascript.GeneratedClassLoader;

/** Makes contexts that know no Java, no time zone and no language of the machine, and that compile only when a sandbox asks for it. */
final class SandboxFactory extends ContextFactory {
    /** Rhino counts only within regular expressions and other built-ins of its own; generated code charges the context itself. */
    private static final int REGULAR_EXPRESSION_STEPS = 1_000;

    private static final TimeZone UTC = TimeZone.getTimeZone("UTC");

    private boolean compiling;

    @Override
    protected Context makeContext() {
        LimitedContext context = new LimitedContext(this);
        context.setLanguageVersion(Context.VERSION_ECMASCRIPT);
        context.setInterpretedMode(false);
        context.setGeneratingSource(false);
        context.setGenerateObserverCount(true);
        context.setInstructionObserverThreshold(REGULAR_EXPRESSION_STEPS);
        context.setClassShutter(name -> false);
        context.setLocale(Locale.ROOT);
        context.setTimeZone(UTC);
        return context;
    }

    @Override
    protected boolean hasFeature(Context context, int feature) {
        return switch (feature) {
            case Context.FEATURE_ENHANCED_JAVA_ACCESS,
                    Context.FEATURE_ENABLE_JAVA_MAP_ACCESS,
                    Context.FEATURE_JAVA_SERIALIZATION,
                    Context.FEATURE_E4X,
                    Context.FEATURE_PARENT_PROTO_PROPERTIES,
                    Context.FEATURE_DYNAMIC_SCOPE -> false;
            case Context.FEATURE_STRICT_VARS, Context.FEATURE_STRICT_EVAL -> true;
            default -> super.hasFeature(context, feature);
        };
    }

    @Override
    protected void observeInstructionCount(Context context, int count) {
        ((LimitedContext) context).charge(count);
    }

    @Override
    protected GeneratedClassLoader createClassLoader(ClassLoader parent) {
        if (!compiling) {
            throw new Stop("SCRIPT_ERROR", "it makes code out of text");
        }
        return new BoundedLoader();
    }

    void compiling(boolean now) {
        compiling = now;
    }
}
