package dev.millrace.storage.testing;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The test's child processes, none of which outlives it: an interrupted build leaves nothing that runs on. Thread-safe. */
public final class Children {
    private static final Set<Process> STARTED = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> STARTED.forEach(Process::destroyForcibly), "kill-children"));
    }

    private Children() {}

    /** Has the process killed when this one ends before it; the process. */
    public static Process watched(Process child) {
        STARTED.add(child);
        return child;
    }
}
