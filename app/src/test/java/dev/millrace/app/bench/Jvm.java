package dev.millrace.app.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The command lines of child JVMs: Millrace as its launcher starts it, and programs of this package. All with a heap of 256 MB. */
final class Jvm {
    private static final Path LAUNCHER = Path.of("..", "millrace");
    private static final Pattern STARTED = Pattern.compile("exec \"\\$java\" (.*?) -jar ", Pattern.DOTALL);

    private Jvm() {}

    /**
     * Millrace with the launcher's flags, from the jar of {@code -Dbench.jar}, else from the classes of this build with what the jar's manifest
     * says.
     *
     * @param more flags, in one text
     */
    static List<String> millrace(String more, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(java()));
        command.addAll(launcherFlags());
        command.add("-Xmx256m");
        command.addAll(words(more));
        String jar = System.getProperty("bench.jar", "");
        if (jar.isBlank()) {
            command.addAll(manifestFlags());
            command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.millrace.app.Main"));
        } else {
            command.addAll(List.of("-jar", Path.of(jar).toAbsolutePath().toString()));
        }
        command.addAll(arguments);
        return command;
    }

    /** A program of this package. */
    static List<String> program(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(java(), "-Xmx256m"));
        command.addAll(manifestFlags());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** What the launcher says to java, without what it fills in. */
    static List<String> launcherFlags() throws IOException {
        Matcher started = STARTED.matcher(Files.readString(LAUNCHER));
        if (!started.find()) {
            throw new IllegalStateException(LAUNCHER.toAbsolutePath() + " starts java in a way this doesn't know");
        }
        return words(started.group(1)).stream()
                .filter(word -> word.startsWith("-") && !word.contains("$"))
                .toList();
    }

    private static List<String> manifestFlags() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> flag.startsWith("--add-")
                        || flag.startsWith("--enable-native")
                        || flag.startsWith("-XX:+Ignore")
                        || flag.startsWith("--sun-misc"))
                .toList();
    }

    private static List<String> words(String text) {
        return Arrays.stream(text.split("[\\s\\\\]+"))
                .filter(word -> !word.isEmpty())
                .toList();
    }
}
