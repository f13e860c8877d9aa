package dev.millrace.app.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The system's own tools, as child processes that may take a minute. Stateless. */
final class Shell {
    private static final long SECONDS = 180;

    private Shell() {}

    record Result(int exit, String output) {}

    static Result run(String... command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("millrace-shell-", ".out");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError(String.join(" ", command) + " hangs");
            }
            return new Result(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
        } finally {
            Files.delete(output);
        }
    }

    /** Requires that it ends well. */
    static String must(String... command) throws IOException, InterruptedException {
        Result result = run(command);
        assertEquals(0, result.exit(), () -> String.join(" ", command) + ": " + result.output());
        return result.output();
    }

    /** Whether the tool is there and ends well. */
    static boolean succeeds(String... command) {
        try {
            return run(command).exit() == 0;
        } catch (IOException missing) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** {@code name} as in {@code kill -name}. */
    static void signal(String name, long pid) throws IOException, InterruptedException {
        must("kill", "-" + name, Long.toString(pid));
    }

    /** Copies a file or folder with its owners and times, holes kept; {@code to} must not exist. */
    static void copy(Path from, Path to) throws IOException, InterruptedException {
        must("cp", "-a", "--sparse=always", from.toString(), to.toString());
    }

    static void delete(Path file) throws IOException, InterruptedException {
        must("rm", "-rf", file.toString());
    }

    static boolean root() {
        return "root".equals(System.getProperty("user.name"));
    }
}
