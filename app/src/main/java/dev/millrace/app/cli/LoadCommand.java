package dev.millrace.app.cli;

import dev.millrace.config.error.MillraceException;
import picocli.CommandLine.Command;

/** {@code millrace load}: what is done about loading. */
@Command(name = "load", description = "Loads destinations that have a schedule.", mixinStandardHelpOptions = true)
final class LoadCommand implements Runnable {
    @Override
    public void run() {
        throw MillraceException.user("COMMAND_MISSING", "'load' what?", "", "Write 'millrace load now'.");
    }
}
