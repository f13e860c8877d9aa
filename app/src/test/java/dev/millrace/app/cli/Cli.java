package dev.millrace.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command line on one installation, in this process; what a command has written is kept until the next. */
final class Cli {
    private final List<String> installation;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    /** @param config the installation's configuration file */
    Cli(Path config) {
        this.installation = List.of("--config", config.toString());
    }

    /** The exit code. */
    int run(String... arguments) {
        out.reset();
        err.reset();
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(installation);
        Terminal terminal = new Terminal(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false,
                false);
        return CommandLineInterface.run(all.toArray(String[]::new), terminal);
    }

    /** What it writes to stdout; it has to succeed. */
    String data(String... arguments) {
        assertEquals(ExitCode.OK, run(arguments), () -> String.join(" ", arguments) + ": " + out() + err());
        return out();
    }

    /** What it says on stderr; it has to succeed. */
    String talk(String... arguments) {
        data(arguments);
        return err();
    }

    /** The documents that it writes; it has to succeed. */
    List<JsonNode> json(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--json");
        return data(all.toArray(String[]::new))
                .lines()
                .map(line -> JsonMapper.shared().readTree(line))
                .toList();
    }

    /** What it says on stderr; it has to fail so. */
    String refused(int code, String... arguments) {
        assertEquals(code, run(arguments), () -> String.join(" ", arguments) + ": " + out() + err());
        return err();
    }

    String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
