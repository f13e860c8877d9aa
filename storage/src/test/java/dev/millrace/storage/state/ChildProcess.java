package dev.millrace.storage.state;

import dev.millrace.storage.folder.DataFolder;
import dev.millrace.storage.testing.Children;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What tests let a second JVM do. Says on its standard output how far it is; a test kills it or closes its input. */
public final class ChildProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;

    private ChildProcess(Process process) {
        this.process = process;
        this.output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    public static ChildProcess start(String... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java", "-Xmx64m", "-cp"));
        command.add(System.getProperty("java.class.path"));
        command.add(ChildProcess.class.getName());
        command.addAll(List.of(arguments));
        return new ChildProcess(Children.watched(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start()));
    }

    /** The next line of its output, null at the end. */
    public String line() throws IOException {
        return output.readLine();
    }

    public long pid() {
        return process.pid();
    }

    /** By SIGKILL; what it has said can still be read. */
    public void kill() {
        process.toHandle().destroyForcibly();
        process.onExit().orTimeout(120, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
        kill();
        process.destroyForcibly();
    }

    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[1]);
        switch (arguments[0]) {
            case "hold" -> hold(folder);
            case "write" -> write(folder);
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static void hold(Path folder) throws IOException {
        try (DataFolder held = DataFolder.open(folder, Clock.systemUTC())) {
            System.out.println("held " + held.installationId());
            System.in.transferTo(OutputStream.nullOutputStream());
        }
    }

    private static void write(Path folder) {
        try (StateStore store = RocksStateStore.open(folder)) {
            for (int i = 0; i < 1_000_000; i++) {
                store.write(new StateChanges().put(StateStore.Kind.POSITION, "key-" + i, new byte[] {1, 2, 3}), true);
                System.out.println(i);
            }
        }
    }
}
