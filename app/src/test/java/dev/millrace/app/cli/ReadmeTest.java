package dev.millrace.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What the README tells to type is what the command line takes. */
class ReadmeTest {
    private static final Path README = Path.of("../README.md").toAbsolutePath().normalize();

    @Test
    void everyCommandInItIsOneThatIsUnderstood() throws IOException {
        List<String> wrong = new ArrayList<>();
        List<String> commands = commands();
        for (String command : commands) {
            String[] words = command.split(" +");
            try {
                CommandLine line = CommandLineInterface.line(Terminal.system(Map.of()));
                line.parseArgs(List.of(words).subList(1, words.length).toArray(String[]::new));
            } catch (CommandLine.ParameterException refused) {
                wrong.add(command + ": " + refused.getMessage());
            }
        }
        assertEquals(List.of(), wrong);
        assertTrue(commands.size() > 15, commands::toString);
    }

    /** Lines of a shell that call Millrace, without what stands behind a {@code #}. */
    private static List<String> commands() throws IOException {
        List<String> commands = new ArrayList<>();
        boolean shell = false;
        for (String line : Files.readAllLines(README)) {
            if (line.startsWith("```")) {
                shell = line.equals("```sh");
            } else if (shell && line.matches("(\\./)?millrace .*")) {
                commands.add(line.replaceFirst("#.*", "").strip());
            }
        }
        return commands;
    }
}
