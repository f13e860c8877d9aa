package dev.millrace.app.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** {@code millrace version}. */
@Command(
        name = "version",
        description = "Prints the version of Millrace and of the Java it runs on.",
        mixinStandardHelpOptions = true)
final class VersionCommand implements Callable<Integer>, IVersionProvider {
    private final MillraceCommand root;

    /** For the version option. */
    VersionCommand() {
        this(null);
    }

    VersionCommand(MillraceCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        if (root.json()) {
            Map<String, String> fields = new LinkedHashMap<>();
            fields.put("millrace", Versions.millrace());
            fields.put("java", System.getProperty("java.version"));
            root.terminal().json(fields);
        } else {
            root.terminal().data(getVersion()[0]);
        }
        return ExitCode.OK;
    }

    @Override
    public String[] getVersion() {
        return new String[] {"millrace " + Versions.millrace() + " (Java " + System.getProperty("java.version") + ")"};
    }
}
