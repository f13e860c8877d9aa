package dev.millrace.app;

import dev.millrace.app.cli.CommandLineInterface;

/** The process's entry. */
public final class Main {
    private Main() {}

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] args) {
        System.setProperty("chronicle.analytics.disable", "true");
        System.setProperty("chronicle.announcer.disable", "true");
        int code = CommandLineInterface.run(args, System.getenv());
        if (!endsBySignal()) {
            System.exit(code);
        }
    }

    /** Whether the JVM is ending already: it does so with the signal's code, which an exit of ours could overtake with another. */
    private static boolean endsBySignal() {
        Thread probe = new Thread(() -> {}, "probe");
        try {
            Runtime.getRuntime().addShutdownHook(probe);
            Runtime.getRuntime().removeShutdownHook(probe);
            return false;
        } catch (IllegalStateException ending) {
            return true;
        }
    }
}
