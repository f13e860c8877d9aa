package dev.millrace.consume.script;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.ContextFactory;
import org.mozilla.javascript.Scriptable;

/**
 * One run of a script with what it has cost. Generated code and guarded functions charge it; every so often it looks at the clock and the
 * memory. Once a limit is passed every further charge stops the script again, so that neither {@code finally} nor an iterator's end can go on.
 */
final class LimitedContext extends Context {
    /** Steps between two looks at clock and memory. */
    private static final long LOOK_STEPS = 10_000;
    /** What is made at once without a look. */
    private static final long UNSEEN_BYTES = 100_000;

    private static final ThreadMXBean THREADS =
            ManagementFactory.getThreadMXBean() instanceof ThreadMXBean bean && bean.isThreadAllocatedMemorySupported()
                    ? bean
                    : null;
    private static final long NOT_LOOKED = -1;

    private ScriptLimits limits = ScriptLimits.DEFAULT;
    private long eventMicros;
    private long steps;
    private long nextLook;
    private long allocatedAtStart;
    private long wallAtLook = NOT_LOOKED;
    private long cpuAtLook;
    private Stop stopped;
    private Scriptable scope;
    private JsValues.Prototypes prototypes;

    LimitedContext(ContextFactory factory) {
        super(factory);
    }

    static LimitedContext current() {
        return (LimitedContext) Context.getCurrentContext();
    }

    /** @param newEventMicros what counts as now, microseconds from 1970 UTC */
    void begin(ScriptLimits newLimits, long newEventMicros) {
        limits = newLimits;
        eventMicros = newEventMicros;
        steps = 0;
        nextLook = LOOK_STEPS;
        wallAtLook = NOT_LOOKED;
        stopped = null;
        allocatedAtStart = allocated();
    }

    /** The standard objects; what built-ins make belongs to them. */
    Scriptable scope() {
        return scope;
    }

    /** What Decimals and Bytes inherit from. */
    JsValues.Prototypes prototypes() {
        return prototypes;
    }

    void standard(Scriptable newScope, JsValues.Prototypes newPrototypes) {
        scope = newScope;
        prototypes = newPrototypes;
    }

    ScriptLimits limits() {
        return limits;
    }

    /** What counts as now, microseconds from 1970 UTC. */
    long eventMicros() {
        return eventMicros;
    }

    void charge(long cost) {
        steps += cost;
        if (steps > nextLook) {
            look();
        }
    }

    /** A text has been made or is about to be. */
    void chargeText(long characters) {
        if (characters > limits.maxCharacters()) {
            stop("SCRIPT_TOO_LARGE", "it makes a text of more than " + limits.maxCharacters() + " characters");
        }
        charge(characters >> 4);
    }

    /** A built-in function is about to walk a list. */
    void chargeElements(long elements) {
        if (elements > ScriptLimits.MAX_ELEMENTS) {
            stop("SCRIPT_TOO_LARGE", "it works on a list of more than " + ScriptLimits.MAX_ELEMENTS + " elements");
        }
        charge(elements);
    }

    /** That much is about to be made at once, where nothing counts. */
    void requireMemory(long bytes) {
        if (bytes > UNSEEN_BYTES && allocated() - allocatedAtStart + bytes > limits.memoryBytes()) {
            stopForMemory();
        }
    }

    private void stopForMemory() {
        stop("SCRIPT_MEMORY", "it asks for more than " + (limits.memoryBytes() >> 20) + " MB of memory");
    }

    void stop(String code, String why) {
        if (stopped == null) {
            stopped = new Stop(code, why);
        }
        nextLook = Long.MIN_VALUE;
        throw stopped;
    }

    private void look() {
        if (stopped != null) {
            throw stopped;
        }
        if (steps > limits.steps()) {
            stop("SCRIPT_STEPS", "it takes more than " + limits.steps() + " steps");
        }
        if (allocated() - allocatedAtStart > limits.memoryBytes()) {
            stopForMemory();
        }
        lookAtTime();
        nextLook = steps + LOOK_STEPS;
    }

    private void lookAtTime() {
        long wall = System.nanoTime();
        if (wallAtLook == NOT_LOOKED) {
            wallAtLook = wall;
            cpuAtLook = cpu();
        } else if (wall - wallAtLook > limits.cpuMillis() * 1_000_000
                && cpu() - cpuAtLook > limits.cpuMillis() * 1_000_000) {
            stop("SCRIPT_TIME", "it takes more than " + limits.cpuMillis() + " ms of processor time");
        }
    }

    private static long allocated() {
        return THREADS == null ? 0 : THREADS.getCurrentThreadAllocatedBytes();
    }

    private static long cpu() {
        long cpu = THREADS == null ? -1 : THREADS.getCurrentThreadCpuTime();
        return cpu < 0 ? System.nanoTime() : cpu;
    }
}
