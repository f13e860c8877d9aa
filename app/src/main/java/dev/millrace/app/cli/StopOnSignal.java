package dev.millrace.app.cli;

/**
 * Closes what runs when the process is told to end (Ctrl-C, SIGTERM): the JVM runs the hook and then ends with 130 or 143 by itself. What is
 * closed must be idempotent and bounded in time.
 */
final class StopOnSignal implements AutoCloseable {
    private final Thread hook;
    private boolean removed;

    StopOnSignal(Terminal terminal, AutoCloseable running) {
        this(terminal, running, "stopped; a new start goes on from here");
    }

    /** @param end what is said when all is closed */
    StopOnSignal(Terminal terminal, AutoCloseable running, String end) {
        this.hook = new Thread(() -> stop(terminal, running, end), "shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private static void stop(Terminal terminal, AutoCloseable running, String end) {
        terminal.say("stopping …");
        try {
            running.close();
            terminal.say(end);
        } catch (Exception e) {
            terminal.say(terminal.red("error") + " while stopping: " + e.getMessage());
        }
    }

    /** The work ended by itself: no longer needed. */
    void done() {
        if (!removed) {
            removed = true;
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException alreadyStopping) {
                hook.setName("shutdown-late");
            }
        }
    }

    @Override
    public void close() {
        done();
    }
}
