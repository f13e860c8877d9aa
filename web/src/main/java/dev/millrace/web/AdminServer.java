package dev.millrace.web;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.setting.Secret;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.util.JavalinBindException;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The HTTP server of a running installation: {@code /health/live} and {@code /health/ready} (503 with the reasons while not ready),
 * {@code /metrics} in Prometheus' text form, and under {@code /api/v1} what the command line asks of a running process, open only to who
 * holds the token.
 *
 * <p>Owns at most {@value #THREADS} threads named {@code web-*}, {@value #CONNECTIONS} connections; what a request may carry says
 * {@link BodyLimit}. {@link #start()} once; {@link #close()} is idempotent, from any thread, and waits two
 * seconds at most for requests under way.
 */
public final class AdminServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
    private static final int THREADS = 12;
    private static final int CONNECTIONS = 128;
    private static final int RUNS = 20;
    private static final int MOST_RUNS = 1_000;
    private static final String JSON = "application/json";

    private final String host;
    private final int port;
    private final Installation installation;
    private final Guard guard;
    private final Javalin server;
    private boolean closed;

    /**
     * @param host the address to listen on; with a loopback address only requests to a loopback name are answered
     * @param port 0 picks a free one
     * @param token what {@code /api} asks for as a bearer token
     */
    public AdminServer(String host, int port, Secret token, Installation installation) {
        this.host = host;
        this.port = port;
        this.installation = installation;
        this.guard = new Guard(host, token);
        this.server = Javalin.create(this::configure);
    }

    /** Listens when it returns; throws a RESOURCE error when the port is taken or the address isn't this machine's. */
    public synchronized void start() {
        try {
            server.start(host, port);
        } catch (JavalinBindException e) {
            throw MillraceException.resource(
                    "WEB_PORT_TAKEN",
                    "Cannot listen on " + host + ":" + port,
                    "the port is in use or may not be opened",
                    "Stop the other process or choose another port.",
                    e);
        }
        LOG.info("web: listening on {}", base());
    }

    /** The port listened on, once started. */
    public int port() {
        return server.port();
    }

    /** Where to reach it from this machine, once started. */
    public URI base() {
        String name = host.contains(":") ? "[" + host + "]" : host;
        return URI.create("http://" + (host.equals("0.0.0.0") ? "127.0.0.1" : name) + ":" + port());
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            server.stop();
        }
    }

    private void configure(JavalinConfig config) {
        config.startup.showJavalinBanner = false;
        config.startup.showOldJavalinVersionWarning = false;
        config.startup.startupWatcherEnabled = false;
        config.http.maxRequestSize = BodyLimit.TRIAL_BYTES;
        config.http.asyncTimeout = 10_000;
        config.jetty.threadPool = threads();
        config.jetty.modifyServer(jetty -> {
            jetty.setStopTimeout(2_000);
            jetty.addBean(new NetworkConnectionLimit(CONNECTIONS, jetty));
        });
        config.jetty.modifyHttpConfiguration(http -> {
            http.setSendServerVersion(false);
            http.setIdleTimeout(30_000);
        });
        config.routes.before(guard::admit);
        config.routes.before("/api/*", guard::authenticate);
        config.routes.before("/api/*", BodyLimit::admit);
        config.routes.get("/health/live", context -> json(context, Map.of("status", "live")));
        config.routes.get("/health/ready", this::ready);
        config.routes.get("/metrics", context -> context.contentType("text/plain; version=0.0.4; charset=utf-8")
                .result(MetricsText.of(installation)));
        config.routes.get("/api/v1/status", this::status);
        config.routes.post("/api/v1/pipelines/{pipeline}/reload/<object>", this::reload);
        config.routes.post("/api/v1/pipelines/{pipeline}/load", this::load);
        config.routes.get("/api/v1/pipelines/{pipeline}/runs", this::runs);
        config.routes.get(
                "/api/v1/pipelines/{pipeline}/transform/versions",
                context -> json(
                        context, Map.of("versions", installation.transformVersions(context.pathParam("pipeline")))));
        config.routes.post(
                "/api/v1/pipelines/{pipeline}/transform/test",
                context -> json(
                        context,
                        Map.of("events", installation.transformTest(context.pathParam("pipeline"), body(context)))));
        new FailedRoutes(installation.failedEvents()).addTo(config.routes);
        new MappingRoutes(installation.mapping()).addTo(config.routes);
        config.routes.exception(MillraceException.class, AdminServer::refuse);
        config.routes.exception(HttpResponseException.class, AdminServer::refuse);
        config.routes.exception(Exception.class, AdminServer::fail);
    }

    private static QueuedThreadPool threads() {
        QueuedThreadPool threads = new QueuedThreadPool(THREADS, 2, 60_000);
        threads.setName("web");
        return threads;
    }

    private void ready(Context context) {
        List<String> reasons = installation.notReadyBecause();
        context.status(reasons.isEmpty() ? 200 : 503);
        json(context, Map.of("status", reasons.isEmpty() ? "ready" : "not ready", "because", reasons));
    }

    private void status(Context context) {
        List<String> reasons = installation.notReadyBecause();
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("version", installation.version());
        document.put("ready", reasons.isEmpty());
        document.put("notReadyBecause", reasons);
        document.put("pipelines", installation.pipelines());
        json(context, document);
    }

    private void reload(Context context) {
        boolean anyway = "true".equals(context.queryParam("anyway"));
        installation.reload(context.pathParam("pipeline"), context.pathParam("object"), anyway);
        context.status(202);
        json(context, Map.of("status", "accepted"));
    }

    private void load(Context context) {
        boolean scheduled = installation.load(context.pathParam("pipeline"));
        context.status(202);
        json(context, Map.of("status", scheduled ? "accepted" : "real-time"));
    }

    private void runs(Context context) {
        String asked = Optional.ofNullable(context.queryParam("limit")).orElse(String.valueOf(RUNS));
        if (!asked.matches("[0-9]{1,9}")) {
            throw MillraceException.user(
                    "ARGUMENTS_INVALID", "'limit' is no number of runs", "", "Give one from 1 to " + MOST_RUNS + ".");
        }
        int limit = Math.min(MOST_RUNS, Math.max(1, Integer.parseInt(asked)));
        json(context, Map.of("runs", installation.runs(context.pathParam("pipeline"), limit)));
    }

    private static JsonNode body(Context context) {
        try {
            return JsonMapper.shared().readTree(BodyLimit.trial(context));
        } catch (JacksonException broken) {
            throw MillraceException.user(
                    "REQUEST_INVALID", "The request's body is not JSON", "", "Send a JSON document of at most 1 MB.");
        }
    }

    private static void refuse(MillraceException refused, Context context) {
        context.status(
                switch (refused.category()) {
                    case USER -> 400;
                    case EXTERNAL -> 502;
                    case RESOURCE -> 503;
                    case INTERNAL -> 500;
                });
        if (context.statusCode() == 500) {
            LOG.error("web: {} {} failed", context.method(), context.path(), refused);
        }
        error(context, refused);
    }

    private static void refuse(HttpResponseException refused, Context context) {
        context.status(refused.getStatus());
        if (refused.getStatus() == 413) {
            error(
                    context,
                    MillraceException.user(
                            "REQUEST_TOO_LARGE",
                            "The request to " + context.path() + " was refused",
                            String.valueOf(refused.getMessage()),
                            "Send less at once: fewer or smaller events."));
            return;
        }
        error(
                context,
                MillraceException.user(
                        "HTTP_" + refused.getStatus(),
                        "The request to " + context.path() + " was refused",
                        String.valueOf(refused.getMessage()),
                        ""));
    }

    private static void fail(Exception failure, Context context) {
        LOG.error("web: {} {} failed", context.method(), context.path(), failure);
        context.status(500);
        // The failure itself stays in the log: it may name what a caller shouldn't see.
        error(context, MillraceException.internal("WEB_FAILED", "The request failed", "", failure));
    }

    private static void error(Context context, MillraceException error) {
        json(context, document(error));
    }

    static Map<String, Object> document(MillraceException error) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("code", error.code());
        document.put("category", error.category().name());
        document.put("what", error.what());
        document.put("why", error.why());
        document.put("remedy", error.remedy());
        return document;
    }

    static void json(Context context, Object value) {
        context.contentType(JSON).result(JsonMapper.shared().writeValueAsString(value));
    }
}
