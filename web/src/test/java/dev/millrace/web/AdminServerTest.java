package dev.millrace.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.setting.Secret;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AdminServerTest {
    private final FakeInstallation installation = new FakeInstallation();
    private final Secret token = ControlAddress.newToken();
    private final HttpClient http = HttpClient.newHttpClient();
    private AdminServer server;

    @BeforeEach
    void start() {
        server = new AdminServer("127.0.0.1", 0, token, installation);
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
        server.close();
    }

    @Test
    void aLiveProcessSaysSo() throws Exception {
        assertEquals(200, get("/health/live").statusCode());
    }

    @Test
    void readinessNamesItsReasonsUntilThereAreNone() throws Exception {
        installation.notReadyBecause = List.of("pipeline 'shop' is starting");
        HttpResponse<String> waiting = get("/health/ready");
        assertEquals(503, waiting.statusCode());
        assertTrue(waiting.body().contains("pipeline 'shop' is starting"), waiting.body());

        installation.notReadyBecause = List.of();
        assertEquals(200, get("/health/ready").statusCode());
    }

    @Test
    void everyMetricLineIsWellFormedAndCarriesThePipelinesNumbers() throws Exception {
        HttpResponse<String> response = get("/metrics");
        assertTrue(response.headers().firstValue("Content-Type").orElse("").startsWith("text/plain; version=0.0.4"));
        List<String> lines = response.body().lines().toList();
        for (String line : lines) {
            assertTrue(
                    line.matches(
                            "# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\\{[a-z]+=\"[^\"]*\"(,[a-z]+=\"[^\"]*\")*})? [-0-9.ENa]+"),
                    line);
        }
        assertTrue(lines.contains("millrace_events_read_total{pipeline=\"shop\"} 12345"), response.body());
        assertTrue(lines.contains("millrace_lag_seconds{pipeline=\"shop\"} 0.25"), response.body());
        assertTrue(lines.contains("millrace_log_bytes{pipeline=\"shop\"} 1048576"), response.body());
        assertTrue(lines.contains("millrace_pipeline_state{pipeline=\"shop\",state=\"running\"} 1"), response.body());
        assertTrue(lines.contains("millrace_pipeline_state{pipeline=\"shop\",state=\"failed\"} 0"), response.body());
    }

    @Test
    void theApiIsClosedWithoutTheToken() throws Exception {
        assertEquals(401, get("/api/v1/status").statusCode());
        assertEquals(401, get("/api/v1/status", "Authorization", "Bearer wrong").statusCode());
        HttpResponse<String> reload = http.send(
                HttpRequest.newBuilder(server.base().resolve("/api/v1/pipelines/shop/reload/public.film"))
                        .POST(HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertEquals(401, reload.statusCode());
        assertEquals(List.of(), installation.reloads);
    }

    @Test
    void statusCarriesPipelinesAndObjects() throws Exception {
        HttpResponse<String> response = get("/api/v1/status", "Authorization", "Bearer " + token.reveal());
        JsonNode status = JsonMapper.shared().readTree(response.body());
        assertEquals("1.2.3", status.path("version").asString());
        JsonNode shop = status.path("pipelines").path(0);
        assertEquals("RUNNING", shop.path("state").asString());
        assertEquals(0.25, shop.path("lagSeconds").asDouble());
        assertEquals(12_000, shop.path("rowsLoaded").asLong());
        assertEquals("public.film", shop.path("objects").path(0).path("name").asString());
    }

    @Test
    void aLoadIsAskedForAndRunsAreShownUpToALimit() throws Exception {
        ControlClient client = new ControlClient(new ControlAddress(server.base(), token));
        assertTrue(client.load("shop"));
        assertEquals(1, installation.loads.get());
        assertEquals(
                "NO_SUCH_PIPELINE",
                assertThrows(MillraceException.class, () -> client.load("crm")).code());
        JsonNode runs = client.runs("shop", 3).path("runs");
        assertEquals(3, runs.size());
        assertEquals("SKIPPED", runs.path(0).path("outcome").asString());
        assertEquals("2026-11-21T10:00:00Z", runs.path(0).path("started").asString());
        assertEquals(1, client.runs("shop", 0).path("runs").size());
        assertEquals(
                "ARGUMENTS_INVALID",
                assertThrows(MillraceException.class, () -> client.runs("shop", -5))
                        .code());
        assertEquals(1_000, client.runs("shop", 2_000_000).path("runs").size());
    }

    @Test
    void aRequestUnderAForeignNameIsRefused() throws Exception {
        assertTrue(statusLine("evil.example:" + server.port()).contains(" 403 "));
        assertTrue(statusLine("localhost:" + server.port()).contains(" 200 "));
        assertTrue(statusLine("[::1]:" + server.port()).contains(" 200 "));
    }

    @Test
    void noAnswerInvitesOtherOrigins() throws Exception {
        HttpResponse<String> response = get("/health/live", "Origin", "http://evil.example");
        assertFalse(response.headers().map().containsKey("access-control-allow-origin"));
        assertEquals(
                "nosniff",
                response.headers().firstValue("X-Content-Type-Options").orElse(""));
    }

    @Test
    void anUnknownPageIsAnErrorInJson() throws Exception {
        HttpResponse<String> response = get("/nowhere");
        assertEquals(404, response.statusCode());
        assertEquals(
                "HTTP_404",
                JsonMapper.shared().readTree(response.body()).path("code").asString());
    }

    @Test
    void aBodyThatIsTooLargeIsRefusedAnnouncedOrNot() throws Exception {
        String trial = "/api/v1/pipelines/shop/transform/test";
        assertTrue(posted(trial, "Content-Length: 1048577\r\n", "x".repeat(1_048_577))
                .contains("REQUEST_TOO_LARGE"));
        String chunk = "10000\r\n" + "x".repeat(65_536) + "\r\n";
        String chunked = posted(trial, "Transfer-Encoding: chunked\r\n", chunk.repeat(17) + "0\r\n\r\n");
        assertTrue(chunked.startsWith("HTTP/1.1 413 ") && chunked.contains("REQUEST_TOO_LARGE"), chunked);
        String large = " ".repeat(1_000_000) + "{}";
        assertTrue(posted(trial, "Content-Length: 1000002\r\n", large).startsWith("HTTP/1.1 200 "));
        String load = "/api/v1/pipelines/shop/load";
        String other = posted(load, "Content-Length: 16385\r\n", "x".repeat(16_385));
        assertTrue(other.startsWith("HTTP/1.1 413 ") && other.contains("more than 16384 bytes"), other);
        assertEquals(0, installation.loads.get());
        assertTrue(posted(load, "Content-Length: 2\r\n", "{}").startsWith("HTTP/1.1 202 "));
    }

    /** All of the answer, by a plain socket. */
    private String posted(String path, String framing, String body) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(60_000);
            String head = "POST " + path + " HTTP/1.1\r\nHost: localhost:" + server.port()
                    + "\r\nAuthorization: Bearer " + token.reveal() + "\r\n" + framing + "Connection: close\r\n\r\n";
            socket.getOutputStream().write((head + body).getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void theClientReloadsObjectsWithOddNames() {
        ControlClient client = new ControlClient(new ControlAddress(server.base(), token));
        List<String> names = List.of("public.film", "public.Größe \"x\" 100%", "a/b.c?d#e+f");
        names.forEach(name -> client.reload("shop", name));
        assertEquals(names, installation.reloads);
        client.reload("shop", "public.film", true);
        assertEquals("public.film anyway", installation.reloads.get(3));
        assertEquals("1.2.3", client.status().path("version").asString());
    }

    @Test
    void theClientThrowsTheRefusalOfTheServer() {
        ControlClient client = new ControlClient(new ControlAddress(server.base(), token));
        MillraceException refused = assertThrows(MillraceException.class, () -> client.reload("nope", "public.film"));
        assertEquals("NO_SUCH_PIPELINE", refused.code());
        assertEquals(Category.USER, refused.category());
        assertEquals("See 'millrace status'.", refused.remedy());
    }

    @Test
    void aTakenPortIsNamedAndTheClientOfADeadServerSaysWhatToDo() {
        AdminServer second = new AdminServer("127.0.0.1", server.port(), token, installation);
        MillraceException taken = assertThrows(MillraceException.class, second::start);
        assertEquals("WEB_PORT_TAKEN", taken.code());
        second.close();

        ControlClient client = new ControlClient(new ControlAddress(server.base(), token));
        server.close();
        assertEquals(
                "CONTROL_NO_ANSWER",
                assertThrows(MillraceException.class, client::status).code());
    }

    private HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.base() + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** By a plain socket, since java.net.http sets the Host header itself. */
    private String statusLine(String host) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write(("GET /health/live HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
        }
    }
}
