package dev.millrace.app.bench;

import dev.millrace.web.ControlAddress;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** One process of Millrace, and what it tells of itself. Times are nanoseconds since the process was started. */
final class MillraceRun implements AutoCloseable {
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(5);

    private final HttpClient http = HttpClient.newHttpClient();
    private final WatchedProcess process;
    private final Path data;
    private String body = "";

    private MillraceRun(WatchedProcess process, Path data) {
        this.process = process;
        this.data = data;
    }

    /** Starts {@code millrace} with these arguments, and more flags for its JVM, in a folder of {@link Bench#pipeline}. */
    static MillraceRun start(Path folder, String jvm, String... arguments) throws IOException {
        Path data = folder.resolve("data");
        if (data.toFile().isDirectory()) {
            ControlAddress.removeFrom(data); // of a process that was killed
        }
        return new MillraceRun(WatchedProcess.start(folder, Jvm.millrace(jvm, List.of(arguments))), data);
    }

    WatchedProcess process() {
        return process;
    }

    /** Waits for the end, which has to be a good one. */
    Cost end() throws InterruptedException, IOException {
        return process.end();
    }

    /** Waits until the process says that it is ready. */
    long awaitReady() throws IOException, InterruptedException {
        await("ready", () -> get("/health/ready"));
        return process.nanos();
    }

    /** Waits until nothing read is left to load, and at least so many events have been read. */
    long awaitLoaded(long events) throws IOException, InterruptedException {
        await(events + " events loaded", () -> applied() >= events && metric("millrace_lag_events") == 0);
        return process.nanos();
    }

    /** Events whose load is committed, by the process's own account. */
    long applied() throws IOException, InterruptedException {
        return get("/metrics") ? metric("millrace_events_read_total") - metric("millrace_lag_events") : 0;
    }

    /** What the log occupies. */
    long logBytes() throws IOException, InterruptedException {
        return get("/metrics") ? metric("millrace_log_bytes") : 0;
    }

    /** Over all pipelines, in the answer at hand. */
    private long metric(String name) {
        return body.lines()
                .filter(line -> line.startsWith(name + "{"))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private boolean get(String path) throws IOException, InterruptedException {
        process.requireAlive();
        Optional<ControlAddress> address = ControlAddress.readFrom(data);
        if (address.isEmpty()) {
            return false; // not listening yet
        }
        URI uri = address.get().base().resolve(path);
        HttpResponse<String> answer =
                http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        body = answer.body();
        return answer.statusCode() == 200;
    }

    /** A question that is asked until the answer is yes. */
    interface Question {
        boolean ask() throws IOException, InterruptedException;
    }

    private void await(String what, Question question) throws IOException, InterruptedException {
        long begun = System.nanoTime();
        while (!question.ask()) {
            if (System.nanoTime() - begun > LONGEST_NANOS) {
                throw new IllegalStateException("still not " + what + ": " + process.output());
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /** Ends it as Ctrl-C does. */
    void stop() throws InterruptedException, IOException {
        process.stop();
    }

    @Override
    public void close() {
        process.close();
    }
}
