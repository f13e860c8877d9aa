package dev.millrace.app.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * The two streams a command talks through: data to stdout, talk to stderr. Colour and redrawing only where that stream is a terminal and
 * {@code NO_COLOR} is unset. Thread-safe by line.
 */
public final class Terminal {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final PrintStream out;
    private final PrintStream err;
    private final boolean errIsTerminal;
    private final boolean colour;

    Terminal(PrintStream out, PrintStream err, boolean errIsTerminal, boolean colour) {
        this.out = out;
        this.err = err;
        this.errIsTerminal = errIsTerminal;
        this.colour = colour;
    }

    /** The process's own streams, in UTF-8. */
    public static Terminal system(Map<String, String> environment) {
        boolean errIsTerminal = isTerminal(2);
        boolean colour = isTerminal(1)
                && errIsTerminal
                && environment.getOrDefault("NO_COLOR", "").isEmpty()
                && !"dumb".equals(environment.get("TERM"));
        return new Terminal(stream(FileDescriptor.out), stream(FileDescriptor.err), errIsTerminal, colour);
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }

    private static boolean isTerminal(int descriptor) {
        Path link = Path.of("/proc/self/fd/" + descriptor);
        try {
            if (Files.isSymbolicLink(link)) {
                String target = Files.readSymbolicLink(link).toString();
                return target.startsWith("/dev/pts/")
                        || target.startsWith("/dev/tty")
                        || target.startsWith("/dev/console");
            }
        } catch (IOException e) {
            return false;
        }
        return false;
    }

    boolean errIsTerminal() {
        return errIsTerminal;
    }

    PrintStream out() {
        return out;
    }

    PrintStream err() {
        return err;
    }

    /** A line of data. */
    void data(String line) {
        out.println(line);
    }

    /** A JSON document on one line. */
    void json(Object value) {
        out.println(JSON.writeValueAsString(value));
    }

    /** A line of talk. */
    void say(String line) {
        err.println(line);
    }

    String green(String text) {
        return paint("32", text);
    }

    String yellow(String text) {
        return paint("33", text);
    }

    String red(String text) {
        return paint("31", text);
    }

    String dim(String text) {
        return paint("2", text);
    }

    private String paint(String code, String text) {
        return colour ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }
}
