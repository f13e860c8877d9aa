package dev.millrace.app.fault;

import dev.millrace.config.error.MillraceException;
import dev.millrace.web.ControlAddress;
import dev.millrace.web.ControlClient;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Asks a running process what a monitor and the command line ask it: over HTTP, at the address it has left in its data folder. Every answer is
 * empty while there is nobody to give it. For one thread, the trial's.
 */
public final class Admin {
    /** What {@code /health/ready} answered. */
    public record Health(boolean ready, String text) {}

    private final Path data;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private ControlAddress address;
    private ControlClient client;

    /** {@code data} is the process's data folder. */
    public Admin(Path data) {
        this.data = data;
    }

    /** {@code /health/ready}. */
    public Optional<Health> health() throws InterruptedException {
        return get("/health/ready").map(answer -> new Health(answer.statusCode() == 200, answer.body()));
    }

    /** {@code /metrics}. */
    public Optional<String> metrics() throws InterruptedException {
        return get("/metrics").map(HttpResponse::body);
    }

    /** The first sample of a metric, whatever its labels. */
    public Optional<Double> metric(String name) throws InterruptedException {
        return metrics().flatMap(text -> text.lines()
                .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                .map(line -> Double.valueOf(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst());
    }

    /** The status document of {@code millrace status}. */
    public Optional<JsonNode> status() {
        try {
            return ControlAddress.readFrom(data).map(at -> client(at).status());
        } catch (MillraceException e) {
            return Optional.empty();
        }
    }

    /** Whether every object's historical load is over. */
    public boolean loaded() {
        Optional<JsonNode> status = status();
        if (status.isEmpty()) {
            return false;
        }
        int objects = 0;
        for (JsonNode pipeline : status.get().path("pipelines")) {
            for (JsonNode object : pipeline.path("objects")) {
                objects++;
                if (!object.path("phase").asString().equals("FOLLOWING")) {
                    return false;
                }
            }
        }
        return objects > 0;
    }

    /** Asks the first pipeline to load an object again; whether it took the wish. */
    public boolean reload(String object) {
        try {
            Optional<ControlAddress> at = ControlAddress.readFrom(data);
            if (at.isEmpty()) {
                return false;
            }
            ControlClient control = client(at.get());
            control.reload(
                    control.status().path("pipelines").path(0).path("name").asString(), object);
            return true;
        } catch (MillraceException e) {
            return false;
        }
    }

    /** The same for every question to one process: a client of its own for each costs more than the question. */
    private ControlClient client(ControlAddress at) {
        if (!at.equals(address)) {
            address = at;
            client = new ControlClient(at);
        }
        return client;
    }

    private Optional<HttpResponse<String>> get(String path) throws InterruptedException {
        try {
            Optional<ControlAddress> at = ControlAddress.readFrom(data);
            if (at.isEmpty()) {
                return Optional.empty();
            }
            HttpRequest request = HttpRequest.newBuilder(at.get().base().resolve(path))
                    .timeout(Duration.ofSeconds(5))
                    .build();
            return Optional.of(http.send(request, HttpResponse.BodyHandlers.ofString()));
        } catch (IOException | MillraceException e) {
            return Optional.empty();
        }
    }
}
