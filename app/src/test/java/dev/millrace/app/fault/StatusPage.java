package dev.millrace.app.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a running process tells about its one pipeline, asked over HTTP as the command line does. */
final class StatusPage {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(LIMIT).build();

    private final Stage stage;
    private final MillraceProcess process;

    StatusPage(Stage stage, MillraceProcess process) {
        this.stage = stage;
        this.process = process;
    }

    /** The pipeline's node of {@code /api/v1/status}. */
    JsonNode pipeline() throws IOException, InterruptedException {
        return JsonMapper.shared()
                .readTree(get("/api/v1/status").body())
                .path("pipelines")
                .path(0);
    }

    /** The status code of {@code /health/ready}. */
    int ready() throws IOException, InterruptedException {
        return get("/health/ready").statusCode();
    }

    /** Waits until the pipeline is as wanted; the process must not end meanwhile. */
    JsonNode await(String what, Predicate<JsonNode> wanted) throws IOException, InterruptedException {
        Path control = stage.data().resolve("control");
        long deadline = System.nanoTime() + Stage.SECONDS * 1_000_000_000;
        JsonNode seen = null;
        while (System.nanoTime() < deadline) {
            assertEquals(-1, process.awaitMillis(100), () -> "ended before: " + what + "\n" + process.text());
            if (Files.exists(control)) {
                seen = pipeline();
                if (wanted.test(seen)) {
                    return seen;
                }
            }
        }
        JsonNode last = seen;
        assertTrue(false, () -> "not seen: " + what + "; but " + last + "\n" + process.text());
        return last;
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        List<String> control = Files.readAllLines(stage.data().resolve("control"));
        HttpRequest request = HttpRequest.newBuilder(URI.create(control.get(0)).resolve(path))
                .timeout(LIMIT)
                .header("Authorization", "Bearer " + control.get(1))
                .build();
        return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    }
}
