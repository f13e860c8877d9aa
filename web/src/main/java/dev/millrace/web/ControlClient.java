package dev.millrace.web;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The command line's side of the control API. Calls block, for 10 seconds at most, and two minutes where both sides of a pipeline have to
 * stop first, or much of a log is looked through. What the running process refuses is thrown with its
 * own code, category and sentences; a process that doesn't answer is an EXTERNAL error. Safe from any thread.
 */
public final class ControlClient {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    /** Of servers that don't read an address to its end. */
    private static final Set<Integer> TOO_LONG = Set.of(414, 431);

    private static final Duration RELOAD_LIMIT = Duration.ofMinutes(2);

    private final ControlAddress address;
    private final Duration limit;
    private final Duration reloadLimit;
    private final HttpClient http;

    public ControlClient(ControlAddress address) {
        this(address, LIMIT, RELOAD_LIMIT);
    }

    /** @param reloadLimit how long a reload may take to begin; another one than {@code limit} */
    ControlClient(ControlAddress address, Duration limit, Duration reloadLimit) {
        this.address = address;
        this.limit = limit;
        this.reloadLimit = reloadLimit;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(limit)
                .build();
    }

    /** The status document: {@code version}, {@code ready}, {@code notReadyBecause}, {@code pipelines}. */
    public JsonNode status() {
        return send("GET", "/api/v1/status", limit);
    }

    /**
     * Asks for an object to be loaded again, {@code *} for the whole pipeline from the beginning; returns once that has begun.
     *
     * @throws MillraceException EXTERNAL CONTROL_SLOW when it has not begun within two minutes, and may still; USER PARKED_VERSIONS when
     *     parked versions of a history would be lost
     */
    public void reload(String pipeline, String object) {
        reload(pipeline, object, false);
    }

    /** @param anyway also where parked versions of a history are lost by it */
    public void reload(String pipeline, String object, boolean anyway) {
        String path = "/api/v1/pipelines/" + encoded(pipeline) + "/reload/" + encoded(object);
        send("POST", path + (anyway ? "?anyway=true" : ""), reloadLimit);
    }

    /** Has a pipeline load what its log holds now; false for one that is loaded in real time. */
    public boolean load(String pipeline) {
        return send("POST", "/api/v1/pipelines/" + encoded(pipeline) + "/load", limit)
                .path("status")
                .asString()
                .equals("accepted");
    }

    /** A pipeline's last runs: {@code runs}, newest first. */
    public JsonNode runs(String pipeline, int most) {
        return send("GET", "/api/v1/pipelines/" + encoded(pipeline) + "/runs?limit=" + most, limit);
    }

    /** A pipeline's deployed transformations: {@code versions}, oldest first. */
    public JsonNode transformVersions(String pipeline) {
        return send("GET", "/api/v1/pipelines/" + encoded(pipeline) + "/transform/versions", limit);
    }

    /** Runs a transformation on samples of the running process's log: {@code events}. See {@link TransformDesk#transformTest}. */
    public JsonNode transformTest(String pipeline, Object request) {
        String path = "/api/v1/pipelines/" + encoded(pipeline) + "/transform/test";
        return send("POST", path, reloadLimit, JsonMapper.shared().writeValueAsString(request));
    }

    /** What is asked of a pipeline's failed events: {@code groups} and {@code events}. {@code query} as {@code a=b&c=d}, encoded. */
    public JsonNode failed(String pipeline, String query) {
        return send("GET", failedPath(pipeline) + "?" + query, limit);
    }

    /** One failed event with its values. */
    public JsonNode failedEvent(String pipeline, String id, boolean clear) {
        return send("GET", failedPath(pipeline) + "/" + encoded(id) + "?clear=" + clear, limit);
    }

    /** Gives failed events up: {@code events}. */
    public JsonNode failedSkip(String pipeline, String query) {
        return send("POST", failedPath(pipeline) + "/skip?" + query, reloadLimit);
    }

    /** Has failed events tried again: {@code events}, {@code ahead}, {@code superseded}, as {@link FailedReplay} has them. */
    public JsonNode failedReplay(String pipeline, String query) {
        return send("POST", failedPath(pipeline) + "/replay?" + query, reloadLimit);
    }

    /**
     * Writes failed events with their values, a JSON document a line; the first may be two minutes in coming.
     *
     * @throws MillraceException also where it isn't whole, behind what could be told
     */
    public void failedExport(String pipeline, String query, OutputStream to) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(address.base().resolve(failedPath(pipeline) + "/export?" + query))
                .timeout(reloadLimit)
                .header("Authorization", "Bearer " + address.token().reveal())
                .build();
        HttpResponse<InputStream> response = answered(request);
        try (InputStream body = response.body()) {
            if (response.statusCode() / 100 != 2) {
                throw refusal(JsonMapper.shared().readTree(body));
            }
            copy(body, to);
        } catch (JacksonException e) {
            throw new IOException("the answer can't be understood", e);
        }
    }

    private static void copy(InputStream body, OutputStream to) throws IOException {
        byte[] brokenOff = ("{\"" + FailedRequests.BROKEN_OFF + "\":").getBytes(StandardCharsets.UTF_8);
        BufferedInputStream in = new BufferedInputStream(body, 1 << 16);
        BufferedOutputStream out = new BufferedOutputStream(to, 1 << 16);
        int next = '\n';
        while (next >= 0) {
            in.mark(brokenOff.length);
            boolean broken = Arrays.equals(in.readNBytes(brokenOff.length), brokenOff);
            in.reset();
            if (broken) {
                out.flush();
                throw refusal(JsonMapper.shared().readTree(in).path(FailedRequests.BROKEN_OFF));
            }
            do {
                next = in.read();
                if (next >= 0) {
                    out.write(next);
                }
            } while (next >= 0 && next != '\n');
        }
        out.flush();
    }

    private HttpResponse<InputStream> answered(HttpRequest request) {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw noAnswer(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw noAnswer(e);
        }
    }

    /** Where a pipeline's objects go: {@code objects}. */
    public JsonNode mapping(String pipeline) {
        return send("GET", mappingPath(pipeline), limit);
    }

    /** One object and its columns: {@code mapping} and {@code columns}. */
    public JsonNode mappedObject(String pipeline, String object) {
        return send("GET", mappingPath(pipeline) + "/object/" + encoded(object), limit);
    }

    /** @param action {@code approve}, {@code reject} or {@code set}; returns {@code answers}. {@code query} as {@code a=b&c=d}, encoded */
    public JsonNode mappingAction(String pipeline, String action, String query) {
        return send("POST", mappingPath(pipeline) + "/" + action + "?" + query, limit);
    }

    private static String mappingPath(String pipeline) {
        return "/api/v1/pipelines/" + encoded(pipeline) + "/mapping";
    }

    private static String failedPath(String pipeline) {
        return "/api/v1/pipelines/" + encoded(pipeline) + "/failed";
    }

    private JsonNode send(String method, String path, Duration longest) {
        return send(method, path, longest, "");
    }

    private JsonNode send(String method, String path, Duration longest, String content) {
        URI uri = address.base().resolve(path);
        HttpRequest request = HttpRequest.newBuilder(uri)
                .timeout(longest)
                .header("Authorization", "Bearer " + address.token().reveal())
                .method(
                        method,
                        content.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(content))
                .build();
        try {
            HttpResponse<String> response =
                    http.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
            if (TOO_LONG.contains(response.statusCode())) {
                throw tooLong();
            }
            JsonNode body = JsonMapper.shared().readTree(response.body());
            if (response.statusCode() / 100 != 2) {
                throw refusal(body);
            }
            return body;
        } catch (HttpConnectTimeoutException e) {
            throw noAnswer(e);
        } catch (HttpTimeoutException e) {
            throw longest.equals(limit) ? noAnswer(e) : slow(longest, e);
        } catch (IOException | JacksonException e) {
            throw noAnswer(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw noAnswer(e);
        }
    }

    private MillraceException noAnswer(Exception cause) {
        return MillraceException.external(
                "CONTROL_NO_ANSWER",
                "The running Millrace at " + address.base() + " gives no usable answer",
                cause.toString(),
                "If it has ended, start it again with 'millrace serve'.",
                cause);
    }

    private static MillraceException tooLong() {
        return MillraceException.user(
                "REQUEST_TOO_LARGE",
                "The running Millrace takes no request of that length",
                "too much is named at once",
                "Name less at once, or choose by what they have in common.");
    }

    private MillraceException slow(Duration limit, HttpTimeoutException cause) {
        return MillraceException.external(
                "CONTROL_SLOW",
                "The running Millrace at " + address.base() + " has not done yet what it was asked for",
                "no answer within " + limit.toSeconds() + " s",
                "It goes on with that: see 'millrace status' and its log.",
                cause);
    }

    private static MillraceException refusal(JsonNode body) {
        return new MillraceException(
                body.path("code").asString("CONTROL_REFUSED"),
                Category.valueOf(body.path("category").asString(Category.INTERNAL.name())),
                body.path("what").asString("The running Millrace refused"),
                body.path("why").asString(""),
                body.path("remedy").asString(""),
                null);
    }

    private static String encoded(String name) {
        // A slash stays: servers refuse an encoded one, and the route takes the rest of the path.
        return Arrays.stream(name.split("/", -1))
                .map(part -> URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20"))
                .collect(Collectors.joining("/"));
    }
}
