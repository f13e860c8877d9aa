package dev.millrace.app;

import dev.millrace.app.cli.CommandLineInterface;

/** The process's entry. */
public final class Main {
    private Main() {}

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] args) {
        System.setProperty("chronicle.analytics.disable", "true");
        System.setProperty("chronicle.announcer.disable", "true");
        System.exit(CommandLineInterface.run(args, System.getenv()));
    }
}
