package dev.millrace.app.bench;

import dev.millrace.storage.testing.Children;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A child process and what it costs. Processor time and memory are looked at every few milliseconds, for when it has ended nobody can ask any
 * more: what it uses in its last few is missed. Closing kills it.
 */
final class WatchedProcess implements AutoCloseable {
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final double TICKS_PER_SECOND = 100; // of /proc, on every Linux that is built as usual

    private final Process process;
    private final Path output;
    private final long startedAt;
    private final Thread watch;
    private volatile Cost.Usage usage = Cost.Usage.NONE;

    private WatchedProcess(Process process, Path output, long startedAt) {
        this.process = process;
        this.output = output;
        this.startedAt = startedAt;
        this.watch = new Thread(this::watch, "watch-" + process.pid());
    }

    /** Starts a program without input, its output in a new file of the folder. */
    static WatchedProcess start(Path folder, List<String> command) throws IOException {
        Path output = Files.createTempFile(folder, "process-", ".out");
        long startedAt = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .redirectInput(new File("/dev/null"))
                .start();
        return watched(process, output, startedAt);
    }

    /** Starts programs of which each reads what the one before writes. */
    static List<WatchedProcess> pipe(Path folder, List<List<String>> commands) throws IOException {
        List<ProcessBuilder> builders = new ArrayList<>();
        Path output = Files.createTempFile(folder, "pipe-", ".out");
        for (List<String> command : commands) {
            builders.add(new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectError(ProcessBuilder.Redirect.appendTo(output.toFile())));
        }
        builders.get(0).redirectInput(new File("/dev/null"));
        builders.get(builders.size() - 1).redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        long startedAt = System.nanoTime();
        return ProcessBuilder.startPipeline(builders).stream()
                .map(process -> watched(process, output, startedAt))
                .toList();
    }

    private static WatchedProcess watched(Process process, Path output, long startedAt) {
        WatchedProcess watched = new WatchedProcess(Children.watched(process), output, startedAt);
        watched.watch.setDaemon(true);
        watched.watch.start();
        return watched;
    }

    /** Waits for the end, an hour at most, which has to be a good one. */
    Cost end() throws InterruptedException, IOException {
        if (!process.waitFor(1, TimeUnit.HOURS)) {
            throw new IllegalStateException("does not end: " + output());
        }
        int code = process.exitValue();
        long nanos = nanos();
        watch.join();
        if (code != 0) {
            throw new IllegalStateException("exit " + code + ": " + output());
        }
        return new Cost(nanos, usage);
    }

    /** Ends it as Ctrl-C does, within minutes. */
    void stop() throws InterruptedException, IOException {
        process.destroy();
        if (!process.waitFor(4, TimeUnit.MINUTES)) {
            throw new IllegalStateException("does not stop: " + output());
        }
        watch.join();
    }

    /** Sends it a signal by name, such as STOP. */
    void signal(String name) throws IOException, InterruptedException {
        int code = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
        if (code != 0) {
            throw new IllegalStateException("kill ended with " + code);
        }
    }

    /** Throws when it has ended. */
    void requireAlive() throws IOException {
        if (!process.isAlive()) {
            throw new IllegalStateException("ended by itself: " + output());
        }
    }

    /** Leaves it to itself for a while, in which it must not end. */
    void leave(long nanos) throws InterruptedException, IOException {
        if (process.waitFor(nanos, TimeUnit.NANOSECONDS)) {
            throw new IllegalStateException("ended by itself: " + output());
        }
    }

    /** Since it was started. */
    long nanos() {
        return System.nanoTime() - startedAt;
    }

    /** What it has cost since it was started. */
    Cost cost() {
        return new Cost(nanos(), usage);
    }

    /** What it has used up to the last look. */
    Cost.Usage usage() {
        return usage;
    }

    String output() throws IOException {
        return Files.readString(output);
    }

    /** Resident memory, open files and threads now. */
    Map<String, Double> now() throws IOException {
        try (var files = Files.list(proc("fd"))) {
            return Map.of(
                    "resident",
                    status("VmRSS:") / 1024.0,
                    "private",
                    status("RssAnon:") / 1024.0,
                    "files",
                    (double) files.count(),
                    "threads",
                    (double) status("Threads:"));
        }
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().orTimeout(5, TimeUnit.MINUTES).join();
    }

    private void watch() {
        while (process.isAlive()) {
            try {
                usage = new Cost.Usage(
                        cpuSeconds(),
                        Math.max(usage.peakMegabytes(), status("VmHWM:") / 1024.0),
                        Math.max(usage.peakPrivateMegabytes(), status("RssAnon:") / 1024.0));
            } catch (IOException e) {
                return; // the process has gone
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private double cpuSeconds() throws IOException {
        return cpuSeconds(process.pid());
    }

    /** What any process of this machine has used so far. */
    static double cpuSeconds(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
        // The name, in brackets, may hold anything; the user's and the system's ticks are the 14th and 15th field of
        // all.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
    }

    private long status(String field) throws IOException {
        return Files.readAllLines(proc("status")).stream()
                .filter(line -> line.startsWith(field))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElse(0);
    }

    private Path proc(String file) {
        return Path.of("/proc", Long.toString(process.pid()), file);
    }
}
