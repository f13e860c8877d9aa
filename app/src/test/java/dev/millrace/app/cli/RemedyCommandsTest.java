package dev.millrace.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Every command that a message names is one that is understood, with the options it names. */
class RemedyCommandsTest {
    private static final List<String> MODULES = List.of("config", "storage", "ingest", "consume", "web", "app");
    private static final Pattern COMMENT = Pattern.compile("(?s)/\\*.*?\\*/|(?m)^\\s*//.*$");
    private static final Pattern TEXT = Pattern.compile("\"((?:[^\"\\\\\\n]|\\\\.)*)\"");
    /** Up to the end of the sentence, or of what is quoted; what stands there for a value is {@code VALUE}. */
    private static final Pattern COMMAND = Pattern.compile("(?<![./\\w])millrace ([a-z][^'.;:,()]*)");

    @Test
    void everyCommandInAMessageIsOneThatIsUnderstood() throws IOException {
        Map<String, TreeSet<String>> commands = commands();
        TreeSet<String> wrong = new TreeSet<>();
        commands.forEach((command, files) -> {
            String refused = refusal(command);
            if (!refused.isEmpty()) {
                wrong.add(command + ": " + refused + " " + files);
            }
        });
        assertEquals(new TreeSet<>(), wrong);
        assertTrue(commands.size() > 25, commands::toString);
    }

    @Test
    void aCommandOrOptionThatIsNotThereIsFound() {
        assertEquals("", refusal("failed list --events"));
        assertEquals("no command 'reloads'", refusal("reloads public"));
        assertEquals("no command 'replays'", refusal("failed replays"));
        assertEquals("no option '--every'", refusal("failed list --every"));
    }

    /** Why the command line doesn't take it; empty where it does. */
    private static String refusal(String command) {
        CommandLine at = CommandLineInterface.line(Terminal.system(Map.of()));
        for (String word : command.split("\\s+")) {
            if (word.startsWith("-")) {
                if (at.getCommandSpec().findOption(word) == null) {
                    return "no option '" + word + "'";
                }
            } else if (!at.getSubcommands().isEmpty()) {
                if (!at.getSubcommands().containsKey(word)) {
                    return "no command '" + word + "'";
                }
                at = at.getSubcommands().get(word);
            }
        }
        return "";
    }

    /** With the files that they are in. */
    private static Map<String, TreeSet<String>> commands() throws IOException {
        Map<String, TreeSet<String>> commands = new TreeMap<>();
        for (String module : MODULES) {
            try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "main", "java"))) {
                for (Path file :
                        files.filter(each -> each.toString().endsWith(".java")).toList()) {
                    for (String command : commands(Files.readString(file))) {
                        commands.computeIfAbsent(command, any -> new TreeSet<>())
                                .add(file.getFileName().toString());
                    }
                }
            }
        }
        return commands;
    }

    private static List<String> commands(String source) {
        List<String> commands = new ArrayList<>();
        Matcher text = TEXT.matcher(joined(source));
        while (text.find()) {
            Matcher command = COMMAND.matcher(text.group(1));
            while (command.find()) {
                commands.add(command.group(1).strip());
            }
        }
        return commands;
    }

    /** With texts that are put together of several as one. */
    private static String joined(String source) {
        return COMMENT.matcher(source)
                .replaceAll("")
                .replaceAll("\"\\s*\\+\\s*\"", "")
                .replaceAll("\"\\s*\\+[^\";{}]*\\+\\s*\"", "VALUE");
    }
}
