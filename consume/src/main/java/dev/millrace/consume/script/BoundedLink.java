package dev.millrace.consume.script;

import java.lang.invoke.CallSite;
import java.lang.invoke.ConstantCallSite;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import org.mozilla.javascript.optimizer.Bootstrapper;

/** Links the operations of generated code as Rhino does, and bounds what {@code +} makes of two texts. Public because the JVM calls it. */
public final class BoundedLink {
    private static final MethodHandle BOUNDED_TEXT = boundedText();

    private BoundedLink() {}

    /** A bootstrap method. */
    public static CallSite bootstrap(Lookup lookup, String name, MethodType type) throws NoSuchMethodException {
        CallSite site = Bootstrapper.bootstrap(lookup, name, type);
        if (!name.equals("MATH:ADD") || type.returnType() != Object.class) {
            return site;
        }
        return new ConstantCallSite(MethodHandles.filterReturnValue(site.dynamicInvoker(), BOUNDED_TEXT));
    }

    private static MethodHandle boundedText() {
        try {
            return MethodHandles.lookup()
                    .findStatic(BoundedRuntime.class, "boundedText", MethodType.methodType(Object.class, Object.class));
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }
}
