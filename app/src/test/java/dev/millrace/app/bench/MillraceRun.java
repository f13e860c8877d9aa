package dev.millrace.app.bench;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** One process of Millrace with a heap of 256 MB, and what it costs. Times are nanoseconds since the process was started. */
final class MillraceRun implements AutoCloseable {
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final HttpClient http = HttpClient.newHttpClient();
    private final Process process;
    private final Path output;
    private final int port;
    private final long startedAt;
    private final Thread watch;
    private volatile long cpuMillis;
    private volatile long peakKilobytes;
    private String body = "";

    private MillraceRun(Process process, Path output, int port, long startedAt) {
        this.process = process;
        this.output = output;
        this.port = port;
        this.startedAt = startedAt;
        this.watch = new Thread(this::watch, "watch");
    }

    /** Starts {@code millrace} with these arguments in a folder; {@code -Dbench.jvm=…} adds flags to its JVM. */
    static MillraceRun start(Path folder, String... arguments) throws IOException {
        int port = freePort();
        Files.writeString(folder.resolve("millrace.yaml"), "web: {port: " + port + "}\n");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (flag.startsWith("--add-") || flag.startsWith("-XX:+Ignore") || flag.startsWith("--sun-misc")) {
                command.add(flag);
            }
        }
        command.add("-Xmx256m");
        String more = System.getProperty("bench.jvm", "");
        if (!more.isBlank()) {
            command.addAll(List.of(more.split(" ")));
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.millrace.app.Main"));
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile(folder, "millrace-", ".out");
        long startedAt = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .redirectInput(new File("/dev/null"))
                .start();
        MillraceRun run = new MillraceRun(process, output, port, startedAt);
        run.watch.setDaemon(true);
        run.watch.start();
        return run;
    }

    /** Waits for the end, which has to be a good one; nanoseconds since the start. */
    long end() throws InterruptedException, IOException {
        int code = process.waitFor();
        long nanos = System.nanoTime() - startedAt;
        watch.join();
        if (code != 0) {
            throw new IllegalStateException("exit " + code + ": " + output());
        }
        return nanos;
    }

    /** Waits until the process says that it is ready. */
    long awaitReady() throws IOException, InterruptedException {
        while (!get("/health/ready")) {
            pause();
        }
        return System.nanoTime() - startedAt;
    }

    /** Waits until a counter has reached a value. */
    long awaitMetric(String name, long value) throws IOException, InterruptedException {
        while (metric(name) < value) {
            pause();
        }
        return System.nanoTime() - startedAt;
    }

    /** The value of a metric of the only pipeline; 0 while there is none. */
    long metric(String name) throws IOException, InterruptedException {
        if (!get("/metrics")) {
            return 0;
        }
        return body.lines()
                .filter(line -> line.startsWith(name + "{"))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElse(0);
    }

    private boolean get(String path) throws IOException, InterruptedException {
        if (!process.isAlive()) {
            throw new IllegalStateException("ended by itself: " + output());
        }
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .build();
        try {
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            body = answer.body();
            return answer.statusCode() == 200;
        } catch (java.net.ConnectException e) {
            return false; // not listening yet
        }
    }

    private static void pause() {
        LockSupport.parkNanos(LOOK_NANOS);
    }

    /** Leaves it to itself for a while, in which it must not end. */
    void leave(long nanos) throws InterruptedException, IOException {
        if (process.waitFor(nanos, TimeUnit.NANOSECONDS)) {
            throw new IllegalStateException("ended by itself: " + output());
        }
    }

    /** Resident memory now. */
    long residentMegabytes() throws IOException {
        return status("VmRSS:") >> 10;
    }

    double cpuSeconds() {
        return cpuMillis / 1_000.0;
    }

    long peakMegabytes() {
        return peakKilobytes >> 10;
    }

    String output() throws IOException {
        return Files.readString(output);
    }

    /** Ends it as Ctrl-C does. */
    void stop() throws InterruptedException, IOException {
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException("does not stop: " + output());
        }
        watch.join();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    private void watch() {
        while (process.isAlive()) {
            process.info().totalCpuDuration().ifPresent(used -> cpuMillis = used.toMillis());
            try {
                peakKilobytes = Math.max(peakKilobytes, status("VmHWM:"));
            } catch (IOException e) {
                return; // the process has gone
            }
            pause();
        }
    }

    private long status(String field) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                .filter(line -> line.startsWith(field))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElse(0);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
