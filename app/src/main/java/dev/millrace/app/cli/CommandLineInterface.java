package dev.millrace.app.cli;

import ch.qos.logback.classic.Level;
import dev.millrace.app.Logs;
import dev.millrace.config.error.MillraceException;
import java.util.Map;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

/** Parses the command line, runs one command, and turns failures into text (or JSON) and exit codes. */
public final class CommandLineInterface {
    /** Before some of the parser's messages; we say so for all of them. */
    private static final String SAID_TWICE = "Error: ";

    private CommandLineInterface() {}

    /** Returns the exit code; never throws. */
    public static int run(String[] args, Map<String, String> environment) {
        Logs.toConsole(Level.WARN);
        return run(args, Terminal.system(environment));
    }

    /** As {@link #run(String[], Map)} on the given streams. */
    static int run(String[] args, Terminal terminal) {
        return line(terminal).execute(args);
    }

    /** Every command and what it takes. */
    static CommandLine line(Terminal terminal) {
        MillraceCommand root = new MillraceCommand(terminal);
        CommandLine line = new CommandLine(root);
        line.addSubcommand(new RunCommand(root));
        line.addSubcommand(new ServeCommand(root));
        line.addSubcommand(new CheckCommand(root));
        line.addSubcommand(new DiscoverCommand(root));
        line.addSubcommand(new PreviewCommand(root));
        line.addSubcommand(new BenchCommand(root));
        line.addSubcommand(new StatusCommand(root));
        line.addSubcommand(new RunsCommand(root));
        line.addSubcommand(new CommandLine(new LoadCommand()).addSubcommand(new LoadNowCommand(root)));
        line.addSubcommand(new ReloadCommand(root));
        line.addSubcommand(new CommandLine(new TransformCommand())
                .addSubcommand(new TransformTestCommand(root))
                .addSubcommand(new TransformVersionsCommand(root)));
        line.addSubcommand(new FailedCommand(root));
        line.addSubcommand(new MappingCommand(root));
        line.addSubcommand(new DemoCommand(root));
        line.addSubcommand(new VersionCommand(root));
        line.setOut(new java.io.PrintWriter(terminal.out(), true, java.nio.charset.StandardCharsets.UTF_8));
        line.setErr(new java.io.PrintWriter(terminal.err(), true, java.nio.charset.StandardCharsets.UTF_8));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
        line.setParameterExceptionHandler((exception, arguments) -> badArguments(terminal, root, exception));
        line.setExecutionExceptionHandler((exception, command, parsed) -> failed(terminal, root, exception));
        return line;
    }

    private static int badArguments(Terminal terminal, MillraceCommand root, CommandLine.ParameterException exception) {
        CommandLine command = exception.getCommandLine();
        String said = String.valueOf(exception.getMessage());
        MillraceException failure = MillraceException.user(
                "ARGUMENTS_INVALID",
                said.startsWith(SAID_TWICE) ? said.substring(SAID_TWICE.length()) : said,
                "",
                "Run '" + command.getCommandSpec().qualifiedName() + " --help' for what it takes.");
        return failed(terminal, root, failure);
    }

    private static int failed(Terminal terminal, MillraceCommand root, Exception exception) {
        if (exception instanceof InterruptedException) {
            Thread.currentThread().interrupt();
            return 130;
        }
        MillraceException failure = exception instanceof MillraceException known
                ? known
                : MillraceException.internal("INTERNAL", "Millrace has failed", exception.toString(), exception);
        if (root.json()) {
            terminal.json(Map.of("error", Messages.error(failure)));
        } else {
            terminal.say(terminal.red("error") + " " + failure.code() + ": " + failure.getMessage());
        }
        LoggerFactory.getLogger(CommandLineInterface.class).debug("failed", exception);
        if (!(exception instanceof MillraceException)) {
            exception.printStackTrace(terminal.err());
        }
        return ExitCode.of(failure.category());
    }
}
