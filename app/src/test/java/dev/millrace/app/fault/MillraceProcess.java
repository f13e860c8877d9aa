package dev.millrace.app.fault;

import dev.millrace.app.testing.ClassArchive;
import dev.millrace.storage.testing.Children;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Millrace as a child process with this test's classes. */
public final class MillraceProcess implements AutoCloseable {
    private final Process process;
    private final Path output;

    private MillraceProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /** {@code fault} as in {@code -Dmillrace.fault}, or empty. */
    public static MillraceProcess start(Path folder, String fault, String... arguments) throws IOException {
        return start(folder, fault, Map.of(), arguments);
    }

    /** With {@code variables} added to the environment. */
    public static MillraceProcess start(Path folder, String fault, Map<String, String> variables, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (flag.startsWith("--add-") || flag.startsWith("-XX:+Ignore") || flag.startsWith("--sun-misc")) {
                command.add(flag);
            }
        }
        command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:MaxNewSize=24m"));
        // one that is killed while it unpacks a library there leaves a part of it
        command.add("-Djava.io.tmpdir=" + Files.createDirectories(folder.resolve("tmp")));
        if (!fault.isEmpty()) {
            command.add("-Dmillrace.fault=" + fault);
        }
        ClassArchive classes = ClassArchive.shared();
        boolean plain =
                fault.isEmpty() && variables.isEmpty() && List.of(arguments).contains("--once");
        Optional<List<String>> toMake = plain ? classes.toMake() : Optional.empty();
        command.addAll(toMake.isPresent() ? toMake.get() : classes.flags());
        command.addAll(List.of("-cp", classes.classPath(), "dev.millrace.app.Main"));
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile(folder, "millrace-", ".out");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .redirectInput(new File("/dev/null"));
        builder.environment().putAll(variables);
        Process process = Children.watched(builder.start());
        if (toMake.isPresent()) {
            classes.madeBy(process);
        }
        return new MillraceProcess(process, output);
    }

    /** Waits for the end; −1 when it still runs. */
    public int await(long seconds) throws InterruptedException {
        return awaitMillis(seconds * 1_000);
    }

    /** As {@link #await}. */
    public int awaitMillis(long millis) throws InterruptedException {
        return process.waitFor(millis, TimeUnit.MILLISECONDS) ? process.exitValue() : -1;
    }

    /** SIGKILL. */
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** Sends a signal, named as in {@code STOP}; a process that has ended gets none. */
    public void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    /** SIGTERM, as a service is stopped; the exit code, −1 when it still runs after {@code seconds}. */
    public int stop(long seconds) throws InterruptedException {
        process.destroy();
        return await(seconds);
    }

    public String output() throws IOException {
        return Files.readString(output);
    }

    /** As {@link #output}, for messages. */
    public String text() {
        try {
            return output();
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** The process's id, for signals. */
    public long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.destroyForcibly()
                .onExit()
                .orTimeout(Stage.SECONDS, TimeUnit.SECONDS)
                .join();
    }
}
