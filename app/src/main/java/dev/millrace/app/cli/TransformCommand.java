package dev.millrace.app.cli;

import dev.millrace.config.error.MillraceException;
import picocli.CommandLine.Command;

/** {@code millrace transform}: what is done to rows on their way. */
@Command(
        name = "transform",
        description = "Tries transformations before they are deployed, and shows those that were.",
        mixinStandardHelpOptions = true)
final class TransformCommand implements Runnable {
    @Override
    public void run() {
        throw MillraceException.user(
                "COMMAND_MISSING",
                "No command was given",
                "",
                "Write 'millrace transform test' or 'millrace transform versions'.");
    }
}
